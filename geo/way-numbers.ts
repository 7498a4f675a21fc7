import { watchStop, type StopWatch } from './geofence.ts';
import { MovingPlace } from './local-plane.ts';
import { watchRoute, type RouteEvent, type RouteWatch } from './off-route.ts';
import type { Place } from './place.ts';

/** A courier's way to a stop, as far as it was followed; changed in place. */
export interface StopWay {
  readonly stop: StopWatch;
  /** To the stop; says something only while `hasRoute`. */
  readonly route: RouteWatch;
  /** False until the first fix on the way, and while there are other stops. */
  hasRoute: boolean;
  /** The stop's place. */
  readonly place: MovingPlace;
  /** Where the route begins. */
  readonly from: MovingPlace;
}

/** How many numbers a way is. */
export const WAY_NUMBERS = 12;

const STATES = ['away', 'near', 'arrived'] as const satisfies readonly StopWatch['state'][];

export function newStopWay(): StopWay {
  const place = new MovingPlace();
  const from = new MovingPlace();
  const stop = watchStop('restaurant', place);
  return { stop, route: watchRoute(from, place), hasRoute: false, place, from };
}

/** The courier goes to this stop now. */
export function startWay(way: StopWay, kind: StopWatch['kind'], { lat, lng }: Place): void {
  way.place.lat = lat;
  way.place.lng = lng;
  Object.assign(way.stop, watchStop(kind, way.place));
  way.hasRoute = false;
}

/** It is clear which way the courier takes: from here straight to the stop. */
export function startRoute(way: StopWay, { lat, lng }: Place): void {
  way.from.lat = lat;
  way.from.lng = lng;
  Object.assign(way.route, watchRoute(way.from, way.place));
  way.hasRoute = true;
}

/** Nobody knows any more which way the courier takes. @returns what has changed, or null */
export function endRoute(way: StopWay): RouteEvent | null {
  const wasOff = way.hasRoute && way.route.isOff;
  way.hasRoute = false;
  return wasOff ? 'back_on_route' : null;
}

/**
 * The way that `writeWay` has put at `at`.
 * @param into is changed
 * @hot bench: fanout
 */
export function readWay(numbers: Float64Array, at: number, into: StopWay): void {
  const { stop, route, place, from } = into;
  const number = (i: number): number => numbers[at + i] as number;
  stop.kind = number(0) === 1 ? 'customer' : 'restaurant';
  place.lat = number(1);
  place.lng = number(2);
  stop.state = STATES[number(3)] ?? 'away';
  stop.insideFixes = number(4);
  stop.insideSeconds = number(5);
  into.hasRoute = number(6) === 1;
  from.lat = number(7);
  from.lng = number(8);
  route.isOff = number(9) === 1;
  route.farFixes = number(10);
  route.farSeconds = number(11);
}

/** All of a way as WAY_NUMBERS numbers from `at` on. @hot bench: fanout */
export function writeWay(numbers: Float64Array, at: number, way: StopWay): void {
  const { stop, route, place, from } = way;
  numbers[at] = stop.kind === 'customer' ? 1 : 0;
  numbers[at + 1] = place.lat;
  numbers[at + 2] = place.lng;
  numbers[at + 3] = STATES.indexOf(stop.state);
  numbers[at + 4] = stop.insideFixes;
  numbers[at + 5] = stop.insideSeconds;
  numbers[at + 6] = way.hasRoute ? 1 : 0;
  numbers[at + 7] = from.lat;
  numbers[at + 8] = from.lng;
  numbers[at + 9] = route.isOff ? 1 : 0;
  numbers[at + 10] = route.farFixes;
  numbers[at + 11] = route.farSeconds;
}
