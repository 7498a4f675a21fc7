import { distanceMeters, SERVICE_TIMES, type LiveCity } from '../geo/index.ts';
import { promisedIn } from './live-snapshot.ts';
import { outlookOfLoad, type CityTime } from './load-outlook.ts';
import type { CarriedOrder, CourierLoad, WaitingOrder } from './ports.ts';

/** What it must save an order to go with a courier who is on its way already. */
const GAIN_MINUTES_MIN = 1;

/**
 * Who is at the counter, or will be before it has answered, is not asked to take more:
 * it would have left with the food, and come back for the rest.
 */
const ANSWER_MINUTES = 1;
const PICKUP_MINUTES_MIN = SERVICE_TIMES.halfPickupMinutes + ANSWER_MINUTES;

export interface Join {
  readonly order: WaitingOrder;
  readonly courier: CourierLoad;
  /** When it would be at its door, city minutes from now. */
  readonly dropoffInMinutes: number;
}

export interface JoinFacts {
  readonly time: CityTime;
  readonly orders: readonly WaitingOrder[];
  readonly loads: readonly CourierLoad[];
  /** Per order, when it would be at its door otherwise, city minutes from now; NaN: never. */
  readonly plannedDropoffs: ArrayLike<number>;
}

/**
 * Orders that go with a courier who has accepted others of the same restaurant, or of one so near that
 * the city lets them go together, and has not picked them up: when there is room, it is quicker than what was planned, and every promise already made is kept,
 * `promiseMinutes` from the click to the door. What is late anyway must not become later. Each courier
 * gets one more order in a round.
 */
export function joinTrips(city: LiveCity, facts: JoinFacts): readonly Join[] {
  const joins: Join[] = [];
  const taken = new Set<string>();
  const joinable = facts.loads.filter((courier) => hasRoom(city, courier));
  const byRestaurant = Map.groupBy(joinable, ({ carrying }) => carrying[0]?.restaurantId);
  const mayBeElsewhere = city.dispatch.bundleRadiusMeters > 0;
  facts.orders.forEach((order, i) => {
    const planned = facts.plannedDropoffs[i] ?? Number.NaN;
    let best: Join | null = null;
    for (const courier of mayBeElsewhere
      ? joinable
      : (byRestaurant.get(order.restaurantId) ?? [])) {
      if (taken.has(courier.courierId) || !mayTake(city, courier, order)) continue;
      const dropoffInMinutes = dropoffWith(city, courier, order, facts.time);
      if (dropoffInMinutes === null || dropoffInMinutes > planned - GAIN_MINUTES_MIN) continue;
      if (best !== null && best.dropoffInMinutes <= dropoffInMinutes) continue;
      best = { order, courier, dropoffInMinutes };
    }
    if (best === null) return;
    taken.add(best.courier.courierId);
    joins.push(best);
  });
  return joins;
}

/** On its way to restaurants with what it has accepted, and free to take more. */
function hasRoom({ dispatch }: LiveCity, courier: CourierLoad): boolean {
  const { carrying, capacity, activeOrders, onDuty } = courier;
  return (
    onDuty &&
    activeOrders > 0 &&
    activeOrders < Math.min(capacity, dispatch.maxBatch) &&
    carrying.length === activeOrders &&
    carrying.every(isStillToGo)
  );
}

function mayTake(city: LiveCity, courier: CourierLoad, order: WaitingOrder): boolean {
  const { dispatch } = city;
  if (order.declinedBy.includes(courier.courierId)) return false;
  if (!courier.carrying.every((other) => isNear(other, order, dispatch))) return false;
  const longest = dispatch.vehicles[courier.vehicle].maxDistanceMeters ?? Infinity;
  if (distanceMeters(order.pickup, order.dropoff) > longest) return false;
  const position = city.index.positionOf(courier.courierId);
  const reach = Math.min(longest, dispatch.maxPickupDistanceMeters);
  return position !== null && distanceMeters(position, order.pickup) <= reach;
}

/** Accepted, and not picked up. */
function isStillToGo({ accepted, state }: CarriedOrder): boolean {
  return accepted && state !== 'PICKED_UP' && state !== 'OUT_FOR_DELIVERY';
}

function isNear(
  carried: CarriedOrder,
  order: WaitingOrder,
  { bundleRadiusMeters }: LiveCity['dispatch'],
): boolean {
  if (carried.restaurantId === order.restaurantId) return true;
  if (bundleRadiusMeters === 0) return false;
  return distanceMeters(carried.pickup, order.pickup) <= bundleRadiusMeters;
}

/** City minutes from now; null when a promise would be broken, or the shift is over before the pickup. */
function dropoffWith(
  city: LiveCity,
  courier: CourierLoad,
  order: WaitingOrder,
  time: CityTime,
): number | null {
  const position = city.index.positionOf(courier.courierId);
  if (position === null) return null;
  const { minutesUntil } = time;
  const before = outlookOfLoad(city, courier, position, time);
  if (Math.min(...before.pickupsInMinutes) < PICKUP_MINUTES_MIN) return null;
  const added: CarriedOrder = { ...order, accepted: true, state: 'CONFIRMED' };
  const carrying = [...courier.carrying, added];
  const after = outlookOfLoad(city, { ...courier, carrying }, position, time);
  const { shiftEndsAtMs } = courier;
  if (shiftEndsAtMs !== null && Math.max(...after.pickupsInMinutes) > minutesUntil(shiftEndsAtMs))
    return null;
  const keepsAll = carrying.every((other, i) => {
    const at = after.dropoffsInMinutes[i] ?? Infinity;
    const dueIn = promisedIn(other, city.dispatch, minutesUntil);
    return at <= dueIn || at <= (before.dropoffsInMinutes[i] ?? -Infinity);
  });
  return keepsAll ? (after.dropoffsInMinutes.at(-1) ?? null) : null;
}
