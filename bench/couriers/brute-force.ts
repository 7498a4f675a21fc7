import { isAvailable, SEARCH_COUNT, SEARCH_METERS } from './contenders.ts';
import type { FleetMotion, Point } from './fleet-motion.ts';

const EARTH_METERS = 6_371_008.8;
/** Redis keeps 52 bits of a place: half a metre. */
const REDIS_METERS_OFF = 1.5;
const OURS_METERS_OFF = 1e-6;

/** Metres to the nearest available couriers of a fleet, by looking at everybody. */
export function bruteNearest(fleet: FleetMotion, place: Point): number[] {
  return fleet.ids
    .map((_, i) => metersTo(place, fleet.lat[i] ?? 0, fleet.lng[i] ?? 0))
    .filter((meters, i) => isAvailable(i) && meters <= SEARCH_METERS)
    .toSorted((a, b) => a - b)
    .slice(0, SEARCH_COUNT);
}

/** Couriers in a box of so many degrees around the place. */
export function bruteCountAround(fleet: FleetMotion, { lat, lng }: Point, degrees: number): number {
  return fleet.ids.filter((_, i) => {
    const [y, x] = [fleet.lat[i] ?? 0, fleet.lng[i] ?? 0];
    return y >= lat - degrees && y <= lat + degrees && x >= lng - degrees && x <= lng + degrees;
  }).length;
}

/** @throws Error when an answer is wrong: a fast one that is wrong counts nothing */
export function mustAgree(
  who: 'the index' | 'Redis',
  answer: readonly number[],
  truth: readonly number[],
): void {
  const off = who === 'Redis' ? REDIS_METERS_OFF : OURS_METERS_OFF;
  const agrees =
    answer.length === truth.length &&
    answer.every((meters, i) => Math.abs(meters - (truth[i] ?? 0)) <= off);
  if (agrees) return;
  throw new Error(`${who} has a wrong answer: ${answer.join()} where it is ${truth.join()}`);
}

/** Haversine, written again so that a mistake is not made on both sides. */
function metersTo(from: Point, lat: number, lng: number): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const north = Math.sin(radians(lat - from.lat) / 2);
  const east = Math.sin(radians(lng - from.lng) / 2);
  const chord = north ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(lat)) * east ** 2;
  return 2 * EARTH_METERS * Math.asin(Math.sqrt(chord));
}
