import { afterEach, expect, test } from 'vitest';
import { createLiveCity } from '../geo/index.ts';
import { dispatchSettings } from '../protocol/index.ts';
import { createLogger, Metrics, systemClock, TimeScale } from '../runtime/index.ts';
import { Dispatcher, type DispatcherDeps } from './dispatcher.ts';
import type { CourierLoad, DispatchStore, Reservation, WaitingOrder } from './ports.ts';

/** What the books say of a courier who has just begun. */
const UNKNOWN = {
  vehicle: 'bicycle',
  shiftEndsAtMs: null,
  idleSinceMs: 0,
  accepted: 0,
  declined: 0,
  lapsed: 0,
  acceptanceRate: 1,
  rating: null,
  deliveredToday: 0,
  carrying: [],
} as const;

/** Books in memory with the rules of the real ones: versions, capacity, one offer per order. */
class Books implements DispatchStore {
  readonly orders: WaitingOrder[] = [];
  readonly couriers = new Map<string, CourierLoad>();
  readonly reserved: Reservation[] = [];
  /** Called when a reservation is asked for, before the books are looked at. */
  beforeReserve: (reservation: Reservation) => void = () => undefined;
  whenReserved: () => void = () => undefined;
  whenLoadsWereRead: () => void = () => undefined;
  /** Rounds that have begun. */
  rounds = 0;

  waitingOrders(): Promise<readonly WaitingOrder[]> {
    this.rounds += 1;
    return Promise.resolve([...this.orders]);
  }

  courierLoads(_cityId: string, ids: readonly string[]): Promise<readonly CourierLoad[]> {
    setImmediate(() => this.whenLoadsWereRead());
    return Promise.resolve([...this.couriers.values()].filter((c) => ids.includes(c.courierId)));
  }

  couriersOnDuty(): Promise<readonly CourierLoad[]> {
    return Promise.resolve([...this.couriers.values()].filter((c) => c.onDuty));
  }

  reserve(wanted: Reservation): ReturnType<DispatchStore['reserve']> {
    this.beforeReserve(wanted);
    const courier = this.couriers.get(wanted.courierId);
    if (courier?.version !== wanted.courierVersion) return Promise.resolve('courier_taken');
    const at = this.orders.findIndex((order) => order.orderId === wanted.orderId);
    if (at < 0) return Promise.resolve('order_taken');
    this.orders.splice(at, 1);
    this.change(wanted.courierId, { activeOrders: courier.activeOrders + 1 });
    this.reserved.push(wanted);
    this.whenReserved();
    return Promise.resolve('reserved');
  }

  change(courierId: string, facts: Partial<CourierLoad>): void {
    const before = this.couriers.get(courierId) ?? {
      courierId,
      version: 0,
      onDuty: true,
      activeOrders: 0,
      capacity: 1,
      ...UNKNOWN,
    };
    this.couriers.set(courierId, { ...before, ...facts, version: before.version + 1 });
  }
}

/** An order for the other end of the zone. */
const BUSY_FOR_LONG = {
  activeOrders: 1,
  carrying: [
    {
      orderId: 'far away',
      restaurantId: 'r2',
      accepted: true,
      state: 'OUT_FOR_DELIVERY',
      pickup: { lat: 52.5, lng: 13.4 },
      dropoff: { lat: 52.95, lng: 13.95 },
      readyAtMs: 0,
      placedAtMs: 0,
      scheduledForMs: null,
    },
  ],
} as const;

const RESTAURANT = { lat: 52.5, lng: 13.4 };

function waitingOrder(orderId: string, declinedBy: readonly string[] = []): WaitingOrder {
  const dropoff = { lat: 52.52, lng: 13.42 };
  const times = { placedAtMs: 0, scheduledForMs: null, waitingSinceMs: 0, readyAtMs: 0 };
  const from = { restaurantId: 'r1', correlationId: 'c' };
  return { orderId, ...from, pickup: RESTAURANT, dropoff, declinedBy, ...times };
}

const dispatchers: Dispatcher[] = [];
afterEach(() => Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.stop())));

/** A city with couriers to the north of the restaurant, a kilometre between each and the next. */
function cityWith(courierIds: readonly string[], deps: Partial<DispatcherDeps> = {}) {
  const city = createLiveCity({
    cityId: 'berlin',
    courierSpeedMps: 5,
    detourFactor: 1.3,
    dispatch: dispatchSettings(),
    deliveryZone: [
      {
        outer: [
          { lat: 52, lng: 13 },
          { lat: 53, lng: 13 },
          { lat: 53, lng: 14 },
          { lat: 52, lng: 14 },
        ],
        holes: [],
      },
    ],
  });
  const books = new Books();
  courierIds.forEach((courierId, i) => {
    books.change(courierId, {});
    const lat = RESTAURANT.lat + 0.009 * (i + 1);
    city.index.move(courierId, { ...RESTAURANT, lat, headingDegrees: 0, speedMps: 0, atMs: 1 });
    city.index.setAvailable(courierId, true);
  });
  const dispatcher = new Dispatcher({
    store: books,
    clock: systemClock,
    metrics: new Metrics(false),
    log: createLogger('silent'),
    epochMs: 20,
    timeScale: new TimeScale(1),
    estimates: { planned: () => undefined },
    presence: { silentMs: () => 0 },
    threads: 1,
    ...deps,
  });
  dispatchers.push(dispatcher);
  dispatcher.addCity(city);
  return { city, books, dispatcher };
}

function reservations(books: Books, count: number): Promise<void> {
  const reached = Promise.withResolvers<void>();
  books.whenReserved = () => {
    if (books.reserved.length >= count) reached.resolve();
  };
  return reached.promise;
}

test('a waiting order gets the nearest available courier', async () => {
  const { books, dispatcher } = cityWith(['near', 'far']);
  const reserved = reservations(books, 1);
  dispatcher.start();
  books.orders.push(waitingOrder('o1'));
  dispatcher.requestCourier('berlin');
  await reserved;
  expect(books.reserved).toMatchObject([{ orderId: 'o1', courierId: 'near', cityId: 'berlin' }]);
});

test('a courier who declined is not asked again for that order', async () => {
  const { books, dispatcher } = cityWith(['near', 'far']);
  const reserved = reservations(books, 1);
  books.orders.push(waitingOrder('o1', ['near']));
  dispatcher.start();
  await reserved;
  expect(books.reserved[0]?.courierId).toBe('far');
});

test('a courier who was taken in between is passed over, and the order still gets one', async () => {
  const { books, dispatcher } = cityWith(['near', 'far']);
  const reserved = reservations(books, 1);
  books.beforeReserve = ({ courierId }) => {
    if (courierId === 'near') books.change('near', BUSY_FOR_LONG);
  };
  books.orders.push(waitingOrder('o1'));
  dispatcher.start();
  await reserved;
  expect(books.reserved).toMatchObject([{ orderId: 'o1', courierId: 'far' }]);
});

test('what the index believes of a courier does not decide: the books do', async () => {
  const { city, books, dispatcher } = cityWith(['near', 'far']);
  const reserved = reservations(books, 1);
  books.change('near', { onDuty: false });
  city.index.setAvailable('near', true);
  books.orders.push(waitingOrder('o1'));
  dispatcher.start();
  await reserved;
  expect(books.reserved).toMatchObject([{ orderId: 'o1', courierId: 'far' }]);
});

test('an order that finds nobody is tried again when a courier becomes free', async () => {
  const { city, books, dispatcher } = cityWith(['only']);
  books.change('only', BUSY_FOR_LONG);
  const reserved = reservations(books, 1);
  const wasRead = Promise.withResolvers<void>();
  books.whenLoadsWereRead = wasRead.resolve;
  books.orders.push(waitingOrder('o1'));
  dispatcher.start();
  await wasRead.promise;
  expect(books.reserved).toEqual([]);
  books.change('only', { activeOrders: 0, carrying: [] });
  city.index.setAvailable('only', true);
  await reserved;
  expect(books.reserved).toMatchObject([{ orderId: 'o1', courierId: 'only' }]);
});

test('as many orders as couriers are served in few rounds, nobody twice', async () => {
  const ids = Array.from({ length: 20 }, (_, i) => `k${i}`);
  const { city, books, dispatcher } = cityWith(ids);
  city.dispatch = dispatchSettings({ strategy: 'nearest' });
  const reserved = reservations(books, ids.length);
  books.orders.push(...ids.map((id) => waitingOrder(`order-${id}`)));
  dispatcher.start();
  await reserved;
  expect(new Set(books.reserved.map(({ courierId }) => courierId)).size).toBe(ids.length);
  expect(books.rounds).toBeLessThanOrEqual(3);
});

test('who is free is found behind a crowd of those who are busy with room left', async () => {
  const crowd = Array.from({ length: 40 }, (_, i) => `busy${i}`);
  const { city, books, dispatcher } = cityWith([...crowd, 'free']);
  for (const courierId of crowd) {
    books.change(courierId, { ...BUSY_FOR_LONG, capacity: 3 });
    city.index.setAvailable(courierId, false);
    city.index.move(courierId, { ...RESTAURANT, headingDegrees: 0, speedMps: 0, atMs: 2 });
  }
  const near = { lat: RESTAURANT.lat + 0.01, lng: RESTAURANT.lng };
  city.index.move('free', { ...near, headingDegrees: 0, speedMps: 0, atMs: 2 });
  const reserved = reservations(books, 1);
  books.orders.push(waitingOrder('o1'));
  dispatcher.start();
  await reserved;
  expect(books.reserved).toMatchObject([{ orderId: 'o1', courierId: 'free' }]);
});

test('a courier who has vanished is not asked', async () => {
  const silentMs = (_city: string, courierId: string): number =>
    courierId === 'gone' ? 61_000 : 59_000;
  const { books, dispatcher } = cityWith(['gone', 'there'], { presence: { silentMs } });
  const reserved = reservations(books, 1);
  books.orders.push(waitingOrder('o1'));
  dispatcher.start();
  await reserved;
  expect(books.reserved).toMatchObject([{ orderId: 'o1', courierId: 'there' }]);
});

test('while orders wait, rounds keep to the epoch however often somebody nudges', async () => {
  const { books, dispatcher } = cityWith(['only'], { epochMs: 60_000 });
  books.change('only', BUSY_FOR_LONG);
  const wasRead = Promise.withResolvers<void>();
  books.whenLoadsWereRead = wasRead.resolve;
  books.orders.push(waitingOrder('o1'));
  dispatcher.start();
  await wasRead.promise;
  for (let i = 0; i < 100; i++) {
    dispatcher.requestCourier('berlin');
    await new Promise(setImmediate);
  }
  // The one under way may have been nudged before it knew that somebody waits.
  expect(books.rounds).toBeLessThanOrEqual(2);
});

test.each(['scored', 'optimal'] as const)(
  'how a city finds couriers may change while it runs (%s), and why is kept with the offer',
  async (strategy) => {
    const { city, books, dispatcher } = cityWith(['near', 'far']);
    const reserved = reservations(books, 1);
    dispatcher.start();
    city.dispatch = dispatchSettings({ strategy });
    books.orders.push(waitingOrder('o1'));
    dispatcher.requestCourier('berlin');
    await reserved;
    const { why } = books.reserved[0] ?? {};
    expect(why).toMatchObject({ strategy, parts: { acceptance: 0, rating: 0 } });
    expect(Object.keys(why?.parts ?? {})).toContain('food_waits');
    expect(why?.score).toBeGreaterThan(0);
  },
);

test('whose shift ends before the pickup is not asked, nor whose vehicle does not go so far', async () => {
  const { city, books, dispatcher } = cityWith(['leaves', 'walks', 'far']);
  books.change('leaves', { shiftEndsAtMs: systemClock.nowMs() + 1_000 });
  books.change('walks', { vehicle: 'foot' });
  city.dispatch = dispatchSettings({ vehicles: { foot: { maxDistanceMeters: 500 } } });
  const reserved = reservations(books, 1);
  books.orders.push(waitingOrder('o1'));
  dispatcher.start();
  await reserved;
  expect(books.reserved).toMatchObject([{ orderId: 'o1', courierId: 'far' }]);
});
