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
  /** From the restaurant to the door, minutes at pace 1. */
  readonly toDoor: Float64Array;
  /** When it was promised; Infinity for what may come. */
  readonly dueAt: Float64Array;
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
  const dueAt = new Float64Array(count).fill(Infinity, real);
  dueAt.set(orders.dueAt);
  return {
    real,
    count,
    x,
    y,
    knownAt: both(orders.placedAt, foreseen.placedAt).map((at) => Math.max(at, snapshot.nowMinute)),
    readyAt: both(orders.readyAt, foreseen.readyAt),
    restaurant,
    toDoor: both(orders.toDoor, waysOf(snapshot, foreseen)),
    dueAt,
    weight: new Float64Array(count).fill(1, 0, real).fill(weight, real),
  };
}

/** From the restaurant to the door of each, along a straight line. */
function waysOf({ restaurants, terms }: PlanSnapshot, foreseen: Foreseen): Float64Array {
  const travel = travelMinutes(terms);
  return Float64Array.from(foreseen.x, (x, i) => {
    const shop = foreseen.restaurant[i] as number;
    const dx = (restaurants.x[shop] as number) - x;
    return travel(dx, (restaurants.y[shop] as number) - (foreseen.y[i] as number));
  });
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
