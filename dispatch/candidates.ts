import type { LiveCity } from '../geo/index.ts';
import type { PlanSnapshot } from './plan/snapshot.ts';
import type { CourierLoad, WaitingOrder } from './ports.ts';

/** Nearest couriers looked at per order: enough that the oldest orders do not use up each other's. */
const CANDIDATES_PER_ORDER_MAX = 32;
/** No courier is asked from farther away than this, by air: nobody rides an hour to a restaurant. */
const PICKUP_DISTANCE_METERS_MAX = 30_000;

/** Ids of the available couriers that may be asked, per order, nearest first. */
export function findCandidates(
  city: LiveCity,
  orders: readonly WaitingOrder[],
): readonly (readonly string[])[] {
  return orders.map(({ pickup, declinedBy }) =>
    city.index
      .nearestAvailable(pickup, CANDIDATES_PER_ORDER_MAX, {
        maxMeters: PICKUP_DISTANCE_METERS_MAX,
        exclude: new Set(declinedBy),
      })
      .map(({ courierId }) => courierId),
  );
}

/**
 * What the planner gets: the orders with their candidates, without those who, by the database, have
 * no room (the index's availability is only a hint), or who have left the index meanwhile.
 * @param loads of the couriers that `candidates` names
 * @returns `couriers[j]` is the load of the planner's courier number j
 */
export function takeSnapshot(
  city: LiveCity,
  orders: readonly WaitingOrder[],
  candidates: readonly (readonly string[])[],
  loads: readonly CourierLoad[],
): { snapshot: PlanSnapshot; couriers: readonly CourierLoad[] } {
  const couriers: CourierLoad[] = [];
  const places: number[] = [];
  const numberOf = new Map<string, number>();
  for (const load of loads) {
    const position = city.index.positionOf(load.courierId);
    if (position === null || !load.onDuty || load.activeOrders >= load.capacity) continue;
    numberOf.set(load.courierId, couriers.length);
    couriers.push(load);
    places.push(position.lat, position.lng);
  }
  const numbers = candidates.map((ids) =>
    ids.map((id) => numberOf.get(id)).filter((number) => number !== undefined),
  );
  const starts = new Uint32Array(orders.length + 1);
  numbers.forEach((own, i) => (starts[i + 1] = (starts[i] as number) + own.length));
  const snapshot = {
    pickups: Float64Array.from(orders.flatMap(({ pickup }) => [pickup.lat, pickup.lng])),
    couriers: Float64Array.from(places),
    candidateStarts: starts,
    candidates: Uint32Array.from(numbers.flat()),
    courierSpeedMps: city.travel.courierSpeedMps,
    detourFactor: city.travel.detourFactor,
  };
  return { snapshot, couriers };
}
