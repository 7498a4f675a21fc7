import type { Day, DayOrder } from '../../load-tests/days/index.ts';
import { assert, required } from '../../runtime/index.ts';
import type { DayRun } from './day-run.ts';
import { travelMinutes } from './travel-minutes.ts';

/** The figures of the benchmark, as they are written: rounded to two decimals, times in minutes. */
export interface Metrics {
  readonly instance: string;
  readonly orders: number;
  readonly delivered_pct: number;
  /** Mean click-to-door over all orders; an undelivered one counts the instance's maximum (90). */
  readonly ctd90: number;
  /** Mean click-to-door if a courier stood ready for each order and went straight to its door. */
  readonly bound: number;
  /** `ctd90` less `bound`: what dispatching costs. */
  readonly excess: number;
  /** Mean ready-to-pickup over delivered orders; null when there is none, also for the next. */
  readonly rtp: number | null;
  /** Part of all orders with a click-to-door above the target; an undelivered order is late. */
  readonly late_pct: number;
  /** What all couriers earn, by delivered order. */
  readonly cost_per_order: number | null;
  /** Part of the delivered orders that shared their trip with another. */
  readonly bundled_pct: number | null;
  readonly max_epoch_ms: number;
  readonly seconds: number;
}

/** @param day with one order at least @param run feasible, each order delivered once at most */
export function metricsOf(instance: string, day: Day, run: DayRun): Metrics {
  const orders = day.orders.length;
  assert(orders > 0, 'a day without orders has no figures');
  const { targetClickToDoorMinutes, maximumClickToDoorMinutes } = day.terms;
  const delivered = clickToDoorMinutes(day, run);
  const undelivered = orders - delivered.length;
  assert(undelivered >= 0, 'an order is delivered once at most');
  const ctd90 = (sum(delivered) + undelivered * maximumClickToDoorMinutes) / orders;
  const bound = boundMinutes(day);
  const late = delivered.filter((minutes) => minutes > targetClickToDoorMinutes).length;
  const bundled = sum(
    run.trips.map(({ deliveries }) => (deliveries.length > 1 ? deliveries.length : 0)),
  );
  const perDelivered = (total: number): number | null =>
    delivered.length === 0 ? null : twoDecimals(total / delivered.length);
  return {
    instance,
    orders,
    delivered_pct: twoDecimals((100 * delivered.length) / orders),
    ctd90: twoDecimals(ctd90),
    bound: twoDecimals(bound),
    excess: twoDecimals(ctd90 - bound),
    rtp: perDelivered(sum(readyToPickupMinutes(day, run))),
    late_pct: twoDecimals((100 * (late + undelivered)) / orders),
    cost_per_order: perDelivered(sum(earnings(day, run))),
    bundled_pct: perDelivered(100 * bundled),
    max_epoch_ms: twoDecimals(run.maxEpochMs),
    seconds: twoDecimals(run.seconds),
  };
}

/** From the placement to the drop-off, of each delivered order. */
export function clickToDoorMinutes(day: Day, run: DayRun): number[] {
  return run.trips.flatMap(({ deliveries }) =>
    deliveries.map(({ order, atMinute }) => atMinute - orderOf(day, order).placedAtMinute),
  );
}

/** The mean over all orders of the shortest click-to-door that any method can reach. */
function boundMinutes(day: Day): number {
  const { metersPerMinute, pickupServiceMinutes, dropoffServiceMinutes } = day.terms;
  const kitchens = new Map(day.restaurants.map((r) => [r.restaurantId, r]));
  const shortest = day.orders.map((order) => {
    const kitchen = required(kitchens.get(order.restaurantId), 'the restaurant of an order');
    const services = pickupServiceMinutes / 2 + dropoffServiceMinutes / 2;
    const cooking = order.readyAtMinute - order.placedAtMinute;
    return cooking + services + travelMinutes(kitchen, order, metersPerMinute);
  });
  return sum(shortest) / day.orders.length;
}

function readyToPickupMinutes(day: Day, run: DayRun): number[] {
  return run.trips.flatMap(({ deliveries, pickedUpAtMinute }) =>
    deliveries.map(({ order }) => pickedUpAtMinute - orderOf(day, order).readyAtMinute),
  );
}

/** Of each courier: the pay of the orders, or what the hours of the shift guarantee. */
function earnings(day: Day, run: DayRun): number[] {
  const { payPerOrder, guaranteedPayPerHour } = day.terms;
  return day.couriers.map(({ onAtMinute, offAtMinute }, courier) => {
    const trips = run.trips.filter((trip) => trip.courier === courier);
    const delivered = sum(trips.map(({ deliveries }) => deliveries.length));
    const hours = (offAtMinute - onAtMinute) / 60;
    return Math.max(payPerOrder * delivered, guaranteedPayPerHour * hours);
  });
}

function orderOf(day: Day, order: number): DayOrder {
  return required(day.orders[order], 'the order of a delivery');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function twoDecimals(value: number): number {
  return Math.round(value * 100) / 100;
}
