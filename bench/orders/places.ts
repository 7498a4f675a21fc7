import type { Place } from '../../protocol/index.ts';
import type { Random } from '../../runtime/index.ts';

/** The city of the bench: about 9 by 7 km around this place. */
const CENTRE: Place = { lat: 52.52, lng: 13.4 };
const HALF_WIDTH_DEGREES = 0.04;
const ZONE_HALF_WIDTH_DEGREES = 0.5;

/** Where everything is delivered. */
export const DOOR: Place = { lat: 52.53, lng: 13.41 };

export function somewhere(random: Random): Place {
  const offset = (): number => (random.next() * 2 - 1) * HALF_WIDTH_DEGREES;
  return { lat: CENTRE.lat + offset(), lng: CENTRE.lng + offset() };
}

/** Around everything. */
export function zone(): Place[] {
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const;
  return corners.map(([north, east]) => ({
    lat: CENTRE.lat + north * ZONE_HALF_WIDTH_DEGREES,
    lng: CENTRE.lng + east * ZONE_HALF_WIDTH_DEGREES,
  }));
}
