import type { PlanSnapshot } from '../snapshot.ts';
import type { Foreseen } from './foresight.ts';

/**
 * The orders that an epoch plans with, real ones first (0 to n-1, as in the snapshot), then foreseen
 * ones, which may or may not come.
 */
export interface Stops {
  readonly real: number;
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** From when on something can be done: now, or when it is placed. Its minutes count from there. */
  readonly knownAt: Float64Array;
  readonly readyAt: Float64Array;
  readonly restaurant: Int32Array;
  /** What a minute of this order counts. */
  readonly weight: Float64Array;
}

export function gatherStops(snapshot: PlanSnapshot, foreseen: Foreseen, weight: number): Stops {
  const { orders } = snapshot;
  const real = orders.x.length;
  const count = real + foreseen.x.length;
  const both = (own: Float64Array, other: Float64Array): Float64Array => {
    const all = new Float64Array(count);
    all.set(own);
    all.set(other, real);
    return all;
  };
  const restaurant = new Int32Array(count);
  restaurant.set(orders.restaurant);
  restaurant.set(foreseen.restaurant, real);
  const x = both(orders.x, foreseen.x);
  const y = both(orders.y, foreseen.y);
  return {
    real,
    count,
    x,
    y,
    knownAt: both(orders.placedAt, foreseen.placedAt).map((at) => Math.max(at, snapshot.nowMinute)),
    readyAt: both(orders.readyAt, foreseen.readyAt),
    restaurant,
    weight: new Float64Array(count).fill(1, 0, real).fill(weight, real),
  };
}

/** Minutes for a way of (dx, dy) metres, at pace 1. */
export function travelMinutes(terms: {
  readonly metersPerMinute: number;
  readonly wholeMinutes: boolean;
}): (dx: number, dy: number) => number {
  const { metersPerMinute, wholeMinutes } = terms;
  return wholeMinutes
    ? (dx, dy) => Math.ceil(Math.sqrt(dx * dx + dy * dy) / metersPerMinute)
    : (dx, dy) => Math.sqrt(dx * dx + dy * dy) / metersPerMinute;
}
