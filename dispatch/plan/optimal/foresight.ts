import { type Random } from '../../../runtime/index.ts';
import type { PastOrders, PlanSnapshot } from '../snapshot.ts';

/** Orders that may come, shaped as those that came. */
export type Foreseen = PastOrders;

/** How far it is foreseen. */
const AHEAD_MINUTES = 20;
/** Demand is taken from the orders of this long. */
const RECENT_MINUTES = 60;
/** Right after the opening the rate would be taken from too little time. */
const RATE_MINUTES_MIN = 10;
/** Half of what comes looks like what came lately, half like what came today at all. */
const RECENT_SHARE = 0.5;
const FORESEEN_MAX = 150;

/**
 * One possible near future: as many orders as the last hour lets expect, each a copy of an order of
 * today (its restaurant, door and preparation time) at a time still to come. Planning with it keeps
 * couriers where demand will be (the idea of scenario-based planning: Bent and Van Hentenryck,
 * "Scenario-Based Planning for Partially Dynamic Vehicle Routing", 2004).
 */
export function foresee({ nowMinute, past }: PlanSnapshot, random: Random): Foreseen {
  const known = past.placedAt.length;
  const recentFrom = firstAfter(past.placedAt, nowMinute - RECENT_MINUTES);
  const recent = known - recentFrom;
  const openMinutes = nowMinute - (past.placedAt[0] ?? nowMinute);
  const span = Math.min(RECENT_MINUTES, Math.max(RATE_MINUTES_MIN, openMinutes + 1));
  const expected = (recent / span) * AHEAD_MINUTES;
  const drawn = Math.floor(expected + random.next());
  const count = Math.min(FORESEEN_MAX, drawn);
  const foreseen = {
    x: new Float64Array(count),
    y: new Float64Array(count),
    restaurant: new Int32Array(count),
    placedAt: new Float64Array(count),
    readyAt: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    const like =
      random.next() < RECENT_SHARE
        ? recentFrom + Math.floor(random.next() * recent)
        : Math.floor(random.next() * known);
    const placedAt = nowMinute + 1 + Math.floor(random.next() * AHEAD_MINUTES);
    foreseen.x[i] = past.x[like] as number;
    foreseen.y[i] = past.y[like] as number;
    foreseen.restaurant[i] = past.restaurant[like] as number;
    foreseen.placedAt[i] = placedAt;
    foreseen.readyAt[i] =
      placedAt + Math.max(0, (past.readyAt[like] as number) - (past.placedAt[like] as number));
  }
  return foreseen;
}

/** Index of the first value that is greater than `limit`, in a list that never falls. */
function firstAfter(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
