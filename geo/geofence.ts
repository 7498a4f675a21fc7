import { planeMeters } from './local-plane.ts';
import type { Place } from './place.ts';

/** What happened between a courier and a stop of its work. */
export type StopEvent =
  | 'near_restaurant'
  | 'arrived_restaurant'
  | 'left_restaurant'
  | 'near_customer'
  | 'arrived_customer'
  | 'left_customer';

/** When a courier is near a stop, and when it is there. */
export interface StopTerms {
  readonly nearMeters: number;
  readonly arriveMeters: number;
  /** What was entered is left only so much farther out: a place that wanders does not flap. */
  readonly slackMeters: number;
  /** It is there with so many fixes in a row, at least so many city seconds from first to last. */
  readonly arriveFixes: number;
  readonly arriveSeconds: number;
}

const ARRIVAL = { arriveMeters: 50, slackMeters: 30, arriveFixes: 2, arriveSeconds: 6 };
export const RESTAURANT_TERMS: StopTerms = { ...ARRIVAL, nearMeters: 200 };
export const CUSTOMER_TERMS: StopTerms = { ...ARRIVAL, nearMeters: 500 };

/** Names of events by stop, made once. */
const EVENTS = {
  restaurant: { near: 'near_restaurant', arrived: 'arrived_restaurant', left: 'left_restaurant' },
  customer: { near: 'near_customer', arrived: 'arrived_customer', left: 'left_customer' },
} as const;

/**
 * A stop that a courier has work with; changed in place.
 *
 * | state   | entered when                                      | left when                      | event     |
 * | ------- | ------------------------------------------------- | ------------------------------ | --------- |
 * | away    | made; farther than `nearMeters` and the slack     | within `nearMeters`            |           |
 * | near    | within `nearMeters`; left                         | away; arrived                  | `near_*`, from away |
 * | arrived | within `arriveMeters` for long enough             | farther than that and the slack | `arrived_*`; when left `left_*` |
 */
export interface StopWatch {
  kind: keyof typeof EVENTS;
  readonly place: Place;
  state: 'away' | 'near' | 'arrived';
  /** Fixes within `arriveMeters` and the slack since the first within `arriveMeters`, and their time. */
  insideFixes: number;
  insideSeconds: number;
}

export function watchStop(kind: StopWatch['kind'], place: Place): StopWatch {
  return { kind, place, state: 'away', insideFixes: 0, insideSeconds: 0 };
}

/**
 * What has changed with this fix, or null; one thing a fix. Makes no garbage.
 * @param place of the courier, filtered
 * @param seconds city seconds since its last fix; 0 for the first
 */
export function followStop(
  watch: StopWatch,
  place: Place,
  seconds: number,
  terms: StopTerms,
): StopEvent | null {
  const meters = planeMeters(watch.place, place);
  countInside(watch, meters, seconds, terms);
  const names = EVENTS[watch.kind];
  switch (watch.state) {
    case 'away':
      if (meters > terms.nearMeters) return null;
      watch.state = 'near';
      return names.near;
    case 'near':
      return followNear(watch, meters, terms) ? names.arrived : null;
    case 'arrived':
      if (watch.insideFixes > 0) return null;
      watch.state = meters > terms.nearMeters + terms.slackMeters ? 'away' : 'near';
      return names.left;
  }
}

/** @returns whether the courier has arrived */
function followNear(watch: StopWatch, meters: number, terms: StopTerms): boolean {
  if (meters > terms.nearMeters + terms.slackMeters) watch.state = 'away';
  const isThere =
    watch.insideFixes >= terms.arriveFixes && watch.insideSeconds >= terms.arriveSeconds;
  if (isThere) watch.state = 'arrived';
  return isThere;
}

function countInside(watch: StopWatch, meters: number, seconds: number, terms: StopTerms): void {
  if (meters > terms.arriveMeters + terms.slackMeters) {
    watch.insideFixes = 0;
    watch.insideSeconds = 0;
  } else if (watch.insideFixes > 0) {
    watch.insideFixes += 1;
    watch.insideSeconds += seconds;
  } else if (meters <= terms.arriveMeters) {
    watch.insideFixes = 1;
  }
}
