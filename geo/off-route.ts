import { eastMeters, eastScale, northMeters } from './local-plane.ts';
import type { Place } from './place.ts';

export type RouteEvent = 'off_route' | 'back_on_route';

/** When a courier is not where its way is. */
export interface RouteTerms {
  /** From the straight line; streets make detours of less. */
  readonly offMeters: number;
  /** It is back only so much nearer. */
  readonly slackMeters: number;
  /** City seconds, and fixes, for which it must be so far. */
  readonly offSeconds: number;
  readonly offFixes: number;
}

export const ROUTE_TERMS: RouteTerms = {
  offMeters: 500,
  slackMeters: 100,
  offSeconds: 60,
  offFixes: 3,
};

/** The way that is expected: a line, or a place when both ends are one. Changed in place. */
export interface RouteWatch {
  readonly from: Place;
  readonly to: Place;
  isOff: boolean;
  farFixes: number;
  farSeconds: number;
}

export function watchRoute(from: Place, to: Place): RouteWatch {
  return { from, to, isOff: false, farFixes: 0, farSeconds: 0 };
}

/**
 * What has changed with this fix, or null. Makes no garbage.
 * @param place of the courier, filtered
 * @param seconds city seconds since its last fix; 0 for the first
 */
export function followRoute(
  watch: RouteWatch,
  place: Place,
  seconds: number,
  terms: RouteTerms,
): RouteEvent | null {
  const meters = metersFromLine(place, watch.from, watch.to);
  if (watch.isOff) {
    if (meters > terms.offMeters - terms.slackMeters) return null;
    watch.isOff = false;
    watch.farFixes = 0;
    return 'back_on_route';
  }
  if (meters <= terms.offMeters) {
    watch.farFixes = 0;
    return null;
  }
  // The way to the first of them was not far off.
  watch.farSeconds = watch.farFixes === 0 ? 0 : watch.farSeconds + seconds;
  watch.farFixes += 1;
  watch.isOff = watch.farFixes >= terms.offFixes && watch.farSeconds >= terms.offSeconds;
  return watch.isOff ? 'off_route' : null;
}

/** Metres from a place to the nearest of a straight line's, on the plane around the place. */
export function metersFromLine(place: Place, from: Place, to: Place): number {
  const scale = eastScale(place);
  const fromEast = eastMeters(place, from, scale);
  const fromNorth = northMeters(place, from);
  const east = eastMeters(place, to, scale) - fromEast;
  const north = northMeters(place, to) - fromNorth;
  const squared = east * east + north * north;
  const along = squared === 0 ? 0 : -(fromEast * east + fromNorth * north) / squared;
  const part = Math.min(1, Math.max(0, along));
  const eastOff = fromEast + part * east;
  const northOff = fromNorth + part * north;
  // Not Math.hypot: it is slower, for the sake of squares that overflow.
  return Math.sqrt(eastOff * eastOff + northOff * northOff);
}
