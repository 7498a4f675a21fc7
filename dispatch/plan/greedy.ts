import { AssignmentSolver } from './assignment.ts';
import { UNASSIGNED } from './assignment-problem.ts';
import { forbiddenPairs } from './forbidden-pairs.ts';
import { travelMinutes } from './optimal/stops.ts';
import { NOBODY, type Plan, type PlannedTrip, type PlanSnapshot } from './snapshot.ts';

/**
 * First come, first served: the oldest order gets the free courier who is at its restaurant soonest,
 * then the next oldest chooses among the rest. Of two equally near the lower number wins.
 */
export function planNearest(snapshot: PlanSnapshot): Plan {
  const { orders, couriers } = snapshot;
  const arrival = arrivals(snapshot);
  const taken = new Uint8Array(couriers.x.length);
  const oldestFirst = Array.from(orders.placedAt.keys()).toSorted(
    (a, b) => (orders.placedAt[a] as number) - (orders.placedAt[b] as number) || a - b,
  );
  const trips: PlannedTrip[] = [];
  for (const order of oldestFirst) {
    let best = NOBODY;
    let bestAt = Infinity;
    for (let courier = 0; courier < taken.length; courier++) {
      const at = taken[courier] === 1 ? Infinity : arrival(courier, order);
      if (at >= bestAt) continue;
      best = courier;
      bestAt = at;
    }
    if (best === NOBODY) continue;
    taken[best] = 1;
    trips.push({ courier: best, orders: [order] });
  }
  return planOf(snapshot, trips, { arrival, prices: new Float64Array(couriers.x.length) });
}

/**
 * All waiting orders and free couriers at once, by exact assignment: minutes from click to pickup, the
 * way there, and what speaks for and against a courier (`handicap`).
 */
export function planScored(snapshot: PlanSnapshot): Plan {
  const { orders, couriers, nowMinute } = snapshot;
  const rows = orders.x.length;
  const columns = couriers.x.length;
  const arrival = arrivals(snapshot);
  const costs = new Float64Array(rows * columns);
  for (let order = 0; order < rows; order++) {
    for (let courier = 0; courier < columns; courier++) {
      const at = arrival(courier, order);
      const pickupAt = Math.max(at, orders.readyAt[order] as number);
      const minutes = pickupAt - (orders.placedAt[order] as number);
      costs[order * columns + courier] =
        minutes + WAY_WEIGHT * (at - nowMinute) + (couriers.handicap[courier] as number);
    }
  }
  const problem = { rows, columns, costs, startDuals: couriers.price };
  const { columnOf, duals } = new AssignmentSolver().solve(problem);
  const trips: PlannedTrip[] = [];
  columnOf.forEach((courier, order) => {
    if (order < rows && courier !== UNASSIGNED) trips.push({ courier, orders: [order] });
  });
  return planOf(snapshot, trips, { arrival, prices: duals.slice() });
}

/** Of two who are both in time, the nearer: its way is shorter. */
const WAY_WEIGHT = 0.1;

/** When a free courier could pick the order up, were it ready; Infinity when it may not. Minutes. */
type Arrival = (courier: number, order: number) => number;

function arrivals(snapshot: PlanSnapshot): Arrival {
  const { orders, couriers, restaurants, terms, nowMinute } = snapshot;
  const travel = travelMinutes(terms);
  const forbidden = forbiddenPairs(snapshot);
  return (courier, order) => {
    if ((couriers.freeAt[courier] as number) > nowMinute) return Infinity;
    if (forbidden?.[order * couriers.x.length + courier] === 1) return Infinity;
    const at = orders.restaurant[order] as number;
    const dx = (couriers.x[courier] as number) - (restaurants.x[at] as number);
    const dy = (couriers.y[courier] as number) - (restaurants.y[at] as number);
    const way = travel(dx, dy) * (couriers.pace[courier] as number);
    const hereAt = nowMinute + way + terms.halfPickupMinutes;
    const pickupAt = Math.max(hereAt, orders.readyAt[order] as number);
    return pickupAt > (couriers.offAt[courier] as number) ? Infinity : hereAt;
  };
}

function planOf(
  snapshot: PlanSnapshot,
  trips: readonly PlannedTrip[],
  { arrival, prices }: { readonly arrival: Arrival; readonly prices: Float64Array<ArrayBuffer> },
): Plan {
  const { orders, couriers, restaurants, terms } = snapshot;
  const count = orders.x.length;
  const travel = travelMinutes(terms);
  const pickupAt = new Float64Array(count).fill(Number.NaN);
  const dropoffAt = new Float64Array(count).fill(Number.NaN);
  for (const { courier, orders: own } of trips) {
    const order = own[0] as number;
    const at = orders.restaurant[order] as number;
    const dx = (restaurants.x[at] as number) - (orders.x[order] as number);
    const dy = (restaurants.y[at] as number) - (orders.y[order] as number);
    const way = travel(dx, dy) * (couriers.pace[courier] as number);
    const picked = Math.max(arrival(courier, order), orders.readyAt[order] as number);
    pickupAt[order] = picked;
    dropoffAt[order] = picked + terms.halfPickupMinutes + way + terms.halfDropoffMinutes;
  }
  const intended = {
    courier: new Int32Array(count).fill(NOBODY),
    rank: new Int32Array(count),
    head: new Uint8Array(count).fill(1),
  };
  return { trips, intended, pickupAt, dropoffAt, prices };
}
