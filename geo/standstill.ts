import {
  eastMeters,
  eastScale,
  moveBy,
  northMeters,
  planeMeters,
  MovingPlace,
} from './local-plane.ts';
import type { Place } from './place.ts';

/** Receivers wander so far even where the sky is open. */
const RADIUS_METERS_MIN = 15;
/** One place in 3,000 of a courier who stands is farther off than so many deviations. */
const DEVIATIONS = 4;
/** Who is slower than this, a stroll, is shown standing until it is out of the radius. */
const SPEED_MPS_MAX = 1.2;
/** So many places in a row, or two that happen to be near would do when fixes are rare. */
const PLACES_MIN = 3;

/** Whether a courier stands; made once per courier, changed in place. */
export interface Standstill {
  /** The middle of the places since it may stand; once it stands, where it is shown. */
  readonly middle: MovingPlace;
  /** Of the plane around it, see local-plane.ts: a cosine for each run of places, not for each place. */
  scale: number;
  /** City seconds since the first of them, and how many they are; 0 before the first of all. */
  seconds: number;
  places: number;
  isStill: boolean;
}

export function newStandstill(): Standstill {
  return { middle: new MovingPlace(), scale: 1, seconds: 0, places: 0, isStill: false };
}

/**
 * Whether the courier stands, now that it is at `place`. It does when all places stay within a radius
 * of their middle for as long as a stroll would take to leave it, twice the radius, for the middle
 * follows at half the speed; then it stands until it is outside. What was needed to stand is needed
 * anew after that, so nothing flaps at the border.
 * @param seconds city seconds since the place before
 * @param deviationMeters of the place along each axis; a wider radius takes longer
 * @hot bench: track
 */
export function followStandstill(
  state: Standstill,
  place: Place,
  seconds: number,
  deviationMeters: number,
): boolean {
  const { middle, scale } = state;
  const radiusMeters = Math.max(RADIUS_METERS_MIN, DEVIATIONS * deviationMeters);
  if (state.places === 0 || planeMeters(middle, place, scale) > radiusMeters) {
    begin(state, place);
    return false;
  }
  if (state.isStill) return true;
  state.seconds += seconds;
  state.places += 1;
  moveBy(
    middle,
    eastMeters(middle, place, scale) / state.places,
    northMeters(middle, place) / state.places,
    scale,
  );
  state.isStill = state.places >= PLACES_MIN && state.seconds >= (2 * radiusMeters) / SPEED_MPS_MAX;
  return state.isStill;
}

function begin(state: Standstill, place: Place): void {
  state.middle.lat = place.lat;
  state.middle.lng = place.lng;
  state.scale = eastScale(place);
  state.seconds = 0;
  state.places = 1;
  state.isStill = false;
}
