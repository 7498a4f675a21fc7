import type { Day, DayCourier, DayOrder, PlanePoint } from '../../load-tests/days/index.ts';
import { required, systemClock } from '../../runtime/index.ts';
import type { DayRun, Trip } from './day-run.ts';

/** What is waiting at the start of a minute. */
interface MinuteState {
  readonly waitingOrders: number;
  readonly idleCouriers: number;
}

/** First come, first served: each order alone, to the idle courier who is there soonest. */
export function simulateDay(
  day: Day,
  options: {
    readonly strategy: 'nearest' | 'scored' | 'optimal';
    readonly seed: number;
    readonly onMinute?: (minute: number, state: MinuteState) => void;
  },
): DayRun {
  const startedMs = systemClock.monotonicMs();
  const couriers = day.couriers.map((courier) => ({
    courier,
    place: courier as PlanePoint,
    freeAt: courier.onAtMinute,
  }));
  const toCome = day.orders
    .map((order, number) => ({ order, number }))
    .toSorted((a, b) => a.order.placedAtMinute - b.order.placedAtMinute);
  const waiting: { order: DayOrder; number: number }[] = [];
  const trips: Trip[] = [];
  const lastMinute = Math.max(0, ...day.couriers.map(({ offAtMinute }) => offAtMinute));
  for (let minute = 0; minute <= lastMinute; minute++) {
    while (toCome[0] !== undefined && toCome[0].order.placedAtMinute <= minute) {
      waiting.push(required(toCome.shift(), 'an order'));
    }
    for (const entry of waiting.slice()) {
      const trip = soonest(day, couriers, entry, minute);
      if (trip === null) continue;
      waiting.splice(waiting.indexOf(entry), 1);
      trips.push(trip);
      const taken = required(couriers[trip.courier], 'the courier');
      taken.place = entry.order;
      taken.freeAt =
        required(trip.deliveries[0], 'the delivery').atMinute + day.terms.dropoffServiceMinutes / 2;
    }
    const idle = couriers.filter(
      ({ courier, freeAt }) => freeAt <= minute && minute <= courier.offAtMinute,
    );
    options.onMinute?.(minute, { waitingOrders: waiting.length, idleCouriers: idle.length });
  }
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
  return { trips, epochs: lastMinute + 1, maxEpochMs: 0, seconds };
}

function soonest(
  day: Day,
  couriers: readonly { courier: DayCourier; place: PlanePoint; freeAt: number }[],
  { order, number }: { order: DayOrder; number: number },
  minute: number,
): Trip | null {
  const { metersPerMinute, pickupServiceMinutes, dropoffServiceMinutes } = day.terms;
  const drive = (a: PlanePoint, b: PlanePoint): number =>
    Math.ceil(Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2) / metersPerMinute);
  const restaurant = day.restaurants.findIndex((r) => r.restaurantId === order.restaurantId);
  const kitchen = required(day.restaurants[restaurant], 'the restaurant');
  let best: Trip | null = null;
  for (const [courier, { courier: who, place, freeAt }] of couriers.entries()) {
    if (freeAt > minute) continue;
    const arrivedAtMinute = minute + drive(place, kitchen);
    const pickedUpAtMinute = Math.max(
      arrivedAtMinute + pickupServiceMinutes / 2,
      order.readyAtMinute,
    );
    const atMinute =
      pickedUpAtMinute +
      pickupServiceMinutes / 2 +
      drive(kitchen, order) +
      dropoffServiceMinutes / 2;
    if (pickedUpAtMinute > who.offAtMinute) continue;
    if (atMinute - order.placedAtMinute > day.terms.maximumClickToDoorMinutes) continue;
    if (best !== null && best.arrivedAtMinute <= arrivedAtMinute) continue;
    best = {
      courier,
      restaurant,
      assignedAtMinute: minute,
      departedAtMinute: minute,
      arrivedAtMinute,
      pickedUpAtMinute,
      deliveries: [{ order: number, atMinute }],
    };
  }
  return best;
}
