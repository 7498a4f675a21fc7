import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plan, type Strategy } from './plan.ts';
import { assertPlan, NOBODY, type Plan, type PlanSnapshot } from './snapshot.ts';

interface Place {
  readonly x: number;
  readonly y: number;
}

interface City {
  /** Restaurants so near may share a trip; left out: 0. */
  readonly bundleMeters?: number;
  readonly shops: readonly Place[];
  readonly orders: readonly (Place & {
    readonly shop: number;
    readonly placedAt: number;
    readonly prepares: number;
    readonly refusedBy: readonly number[];
    /** Minutes from the click to the door that were promised; left out: none. */
    readonly promise?: number;
  })[];
  readonly couriers: readonly (Place & {
    readonly freeAt: number;
    readonly offAt: number;
    readonly capacity: number;
    /** Left out: no bound. */
    readonly reach?: number;
    readonly trip?: number;
  })[];
}

const NOW = 100;

function snapshotOf({ shops, orders, couriers, bundleMeters = 0 }: City): PlanSnapshot {
  const points = (places: readonly Place[]) => ({
    x: Float64Array.from(places, ({ x }) => x),
    y: Float64Array.from(places, ({ y }) => y),
  });
  const known = orders.map((order) => ({ ...order, shop: order.shop % shops.length }));
  const own = known.map(({ refusedBy }) => [
    ...new Set(refusedBy.filter((courier) => courier < couriers.length)),
  ]);
  const starts = [0];
  for (const refusals of own) starts.push((starts.at(-1) ?? 0) + refusals.length);
  const list = {
    ...points(known),
    restaurant: Int32Array.from(known, ({ shop }) => shop),
    placedAt: Float64Array.from(known, ({ placedAt }) => placedAt),
    readyAt: Float64Array.from(known, ({ placedAt, prepares }) => placedAt + prepares),
  };
  const oldestFirst = known.toSorted((a, b) => a.placedAt - b.placedAt);
  return {
    nowMinute: NOW,
    terms: {
      metersPerMinute: 300,
      wholeMinutes: true,
      halfPickupMinutes: 2,
      halfDropoffMinutes: 2,
      leadMinutes: 0,
      bundleMeters,
      iterations: 40,
    },
    restaurants: points(shops),
    orders: {
      ...list,
      toDoor: Float64Array.from(known, ({ shop, ...door }) => minutes(shops[shop] as Place, door)),
      dueAt: Float64Array.from(known, ({ placedAt, promise = Infinity }) => placedAt + promise),
      refusalStarts: Uint32Array.from(starts),
      refusals: Uint32Array.from(own.flat()),
    },
    couriers: {
      ...points(couriers),
      freeAt: Float64Array.from(couriers, ({ freeAt }) => freeAt),
      offAt: Float64Array.from(couriers, ({ offAt }) => offAt),
      capacity: Int32Array.from(couriers, ({ capacity }) => capacity),
      reachMeters: Float64Array.from(couriers, ({ reach = Infinity }) => reach),
      tripMeters: Float64Array.from(couriers, ({ trip = Infinity }) => trip),
      pace: new Float64Array(couriers.length).fill(1),
      handicap: new Float64Array(couriers.length),
      price: new Float64Array(couriers.length),
    },
    intended: null,
    past: {
      ...points(oldestFirst),
      restaurant: Int32Array.from(oldestFirst, ({ shop }) => shop),
      placedAt: Float64Array.from(oldestFirst, ({ placedAt }) => placedAt),
      readyAt: Float64Array.from(oldestFirst, (o) => o.placedAt + o.prepares),
    },
    seed: 7,
  };
}

const meters = fc.integer({ min: 0, max: 6_000 });
const place = { x: meters, y: meters };
const city: fc.Arbitrary<City> = fc.record({
  bundleMeters: fc.constantFrom(0, 800, 1_500, 4_000),
  shops: fc.array(fc.record(place), { minLength: 1, maxLength: 6 }),
  orders: fc.array(
    fc.record({
      ...place,
      shop: fc.nat(5),
      placedAt: fc.integer({ min: NOW - 30, max: NOW }),
      prepares: fc.integer({ min: 0, max: 40 }),
      refusedBy: fc.array(fc.nat(5), { maxLength: 2 }),
      promise: fc.constantFrom(Infinity, 40, 60),
    }),
    { maxLength: 14 },
  ),
  couriers: fc.array(
    fc.record({
      ...place,
      freeAt: fc.integer({ min: NOW - 20, max: NOW + 20 }),
      offAt: fc.integer({ min: NOW, max: NOW + 120 }),
      capacity: fc.integer({ min: 1, max: 4 }),
      reach: fc.constantFrom(Infinity, 2_000, 5_000),
      trip: fc.constantFrom(Infinity, 3_000),
    }),
    { maxLength: 6 },
  ),
});
const strategy = fc.constantFrom<Strategy>('nearest', 'scored', 'optimal');

const minutes = (from: Place, to: Place): number =>
  Math.ceil(Math.hypot(from.x - to.x, from.y - to.y) / 300);

test('no courier over capacity, no pickup before the food is ready or after the shift, promises kept', () => {
  fc.assert(
    fc.property(city, strategy, (drawn, by) => {
      // Capacity, refusals, who is free and what may go together are in `assertPlan`, which `plan` calls.
      const snapshot = snapshotOf(drawn);
      const planned = plan(snapshot, by);
      for (const { courier, orders } of planned.trips) {
        const at = drawn.couriers[courier];
        if (at === undefined) throw new Error('a plan names what there is');
        let from: Place = at;
        let now = NOW;
        // From restaurant to restaurant, as the orders' sequence has them, and then to the doors.
        for (const visit of visitsOf(snapshot, orders)) {
          const shop = drawn.shops[visit.shop] as Place;
          const hereAt = now + minutes(from, shop) + 2;
          now = Math.max(hereAt, ...visit.orders.map((i) => snapshot.orders.readyAt[i] ?? 0));
          expect(now).toBeLessThanOrEqual(at.offAt);
          for (const order of visit.orders) expect(planned.pickupAt[order]).toBe(now);
          now += 2;
          from = shop;
        }
        const [lastShop, leftAt] = [from, now];
        for (const [rank, order] of orders.entries()) {
          const door = drawn.orders[order] as Place;
          now += minutes(from, door) + 2;
          expect(planned.dropoffAt[order]).toBe(now);
          // Nobody comes later than promised because others went first.
          const dueAt = snapshot.orders.dueAt[order] as number;
          const directAt = leftAt + minutes(lastShop, door) + 2;
          expect(rank === 0 || now <= dueAt || directAt > dueAt).toBe(true);
          now += 2;
          from = door;
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** Orders that follow each other and are of one restaurant are picked up in one visit. */
function visitsOf({ orders: { restaurant } }: PlanSnapshot, orders: readonly number[]) {
  const visits: { shop: number; orders: number[] }[] = [];
  for (const order of orders) {
    const shop = restaurant[order] as number;
    const last = visits.at(-1);
    if (last?.shop === shop) last.orders.push(order);
    else visits.push({ shop, orders: [order] });
  }
  return visits;
}

test('the same facts in another sequence give the same plan', () => {
  fc.assert(
    fc.property(city, strategy, fc.infiniteStream(fc.nat()), (drawn, by, numbers) => {
      const shuffled = <Item>(list: readonly Item[]): Item[] =>
        list
          .map((item) => ({ item, at: numbers.next().value as number }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ item }) => item);
      // Refusals name couriers by their numbers; without them the rest may change places.
      const orders = drawn.orders.map((order) => ({ ...order, refusedBy: [] }));
      const one = { ...drawn, orders };
      const other = { ...one, orders: shuffled(orders), couriers: shuffled(drawn.couriers) };
      expect(described(other, plan(snapshotOf(other), by))).toEqual(
        described(one, plan(snapshotOf(one), by)),
      );
    }),
    { numRuns: 150 },
  );
});

/** A plan without numbers: who carries what, and when each order is at its door. */
function described(drawn: City, { trips, dropoffAt }: Plan) {
  const name = (value: unknown): string => JSON.stringify(value);
  return {
    trips: trips
      .map((trip) => [
        name(drawn.couriers[trip.courier]),
        ...trip.orders.map((i) => name(drawn.orders[i])),
      ])
      .map((trip) => trip.join(' '))
      .toSorted(),
    doors: drawn.orders.map((order, i) => `${name(order)} ${name(dropoffAt[i])}`).toSorted(),
  };
}

const one = (facts: Partial<City['orders'][number]> = {}): City['orders'][number] => ({
  x: 0,
  y: 3_000,
  shop: 0,
  placedAt: NOW,
  prepares: 20,
  refusedBy: [],
  ...facts,
});
const courier = { x: 0, y: 0, freeAt: NOW, offAt: NOW + 200, capacity: 3 };
const shops = [{ x: 0, y: 0 }];

test('what can wait is given to nobody yet, and is meant for somebody', () => {
  const planned = plan(snapshotOf({ shops, orders: [one()], couriers: [courier] }), 'optimal');
  expect(planned.trips).toEqual([]);
  expect([...planned.intended.courier]).toEqual([0]);
  expect([...planned.pickupAt]).toEqual([NOW + 20]);
});

test('what must begin begins, and orders of one restaurant go together', () => {
  const orders = [one({ prepares: 2 }), one({ prepares: 2, y: 3_300 })];
  const { trips } = plan(snapshotOf({ shops, orders, couriers: [courier] }), 'optimal');
  expect(trips).toEqual([{ courier: 0, orders: [0, 1] }]);
});

test('orders of restaurants near each other go together only where the city allows it', () => {
  const near = [...shops, { x: 0, y: 400 }];
  const orders = [one({ prepares: 2 }), one({ prepares: 2, shop: 1, y: 3_300 })];
  const facts = { shops: near, orders, couriers: [courier] };
  const trips = (bundleMeters: number): Plan['trips'] =>
    plan(snapshotOf({ ...facts, bundleMeters }), 'optimal').trips;
  expect(trips(0)).toEqual([{ courier: 0, orders: [0] }]);
  expect(trips(399)).toEqual([{ courier: 0, orders: [0] }]);
  expect(trips(400)).toEqual([{ courier: 0, orders: [0, 1] }]);
});

test('a courier who is soon free is better than one who is far', () => {
  const soon = { ...courier, freeAt: NOW + 3 };
  const far = { ...courier, y: 6_000 };
  const orders = [one({ prepares: 4 })];
  const planned = plan(snapshotOf({ shops, orders, couriers: [far, soon] }), 'optimal');
  expect(planned.trips).toEqual([]);
  expect([...planned.intended.courier]).toEqual([1]);
});

test('an order that nobody may carry waits', () => {
  const orders = [one({ prepares: 0, refusedBy: [0] })];
  for (const by of ['nearest', 'scored', 'optimal'] as const) {
    const planned = plan(snapshotOf({ shops, orders, couriers: [courier] }), by);
    expect(planned.trips).toEqual([]);
    expect([...planned.intended.courier]).toEqual([NOBODY]);
    expect(planned.dropoffAt[0]).toBeNaN();
  }
});

test('nobody goes farther than the vehicle and the city allow', () => {
  const orders = [one({ prepares: 0 })];
  const away = { ...courier, y: 900 };
  for (const by of ['nearest', 'scored', 'optimal'] as const) {
    const trips = (limits: Partial<typeof courier & { reach: number; trip: number }>) =>
      plan(snapshotOf({ shops, orders, couriers: [{ ...away, ...limits }] }), by).trips.length;
    expect([trips({ reach: 900 }), trips({ reach: 899 })]).toEqual([1, 0]);
    expect([trips({ trip: 3_000 }), trips({ trip: 2_999 })]).toEqual([1, 0]);
  }
});

test('nearest gives the oldest order the nearest courier', () => {
  const orders = [one({ placedAt: NOW }), one({ placedAt: NOW - 5 })];
  const couriers = [{ ...courier, y: 900 }, courier];
  const { trips } = plan(snapshotOf({ shops, orders, couriers }), 'nearest');
  expect(trips).toEqual([
    { courier: 1, orders: [1] },
    { courier: 0, orders: [0] },
  ]);
});

test('a snapshot that contradicts itself is refused', () => {
  const sound = snapshotOf({ shops, orders: [one()], couriers: [courier] });
  const { orders } = sound;
  const elsewhere = { ...orders, restaurant: Int32Array.of(1) };
  expect(() => plan({ ...sound, orders: elsewhere }, 'nearest')).toThrow('restaurants exist');
  const short = { ...orders, readyAt: new Float64Array(0) };
  expect(() => plan({ ...sound, orders: short }, 'nearest')).toThrow('one value each');
  const unknown = { ...orders, refusals: Uint32Array.of(4), refusalStarts: Uint32Array.of(0, 1) };
  expect(() => plan({ ...sound, orders: unknown }, 'nearest')).toThrow('couriers exist');
});

test('the check of plans finds what must not be', () => {
  const snapshot = snapshotOf({
    shops: [...shops, { x: 9, y: 9 }],
    orders: [one(), one({ shop: 1 }), one({ refusedBy: [0] })],
    couriers: [
      { ...courier, capacity: 2 },
      { ...courier, freeAt: NOW + 1 },
    ],
  });
  const empty = plan(snapshot, 'optimal');
  const check = (...trips: Plan['trips']) => assertPlan(snapshot, { ...empty, trips });
  expect(() => check({ courier: 0, orders: [0, 1] })).toThrow('one restaurant');
  expect(() => check({ courier: 0, orders: [2] })).toThrow('who has refused');
  expect(() => check({ courier: 1, orders: [0] })).toThrow('who is free');
  expect(() => check({ courier: 0, orders: [0, 0] })).toThrow('goes once');
  expect(() => check({ courier: 0, orders: [0, 1, 2] })).toThrow('room for all');
  const twice = [
    { courier: 0, orders: [0] },
    { courier: 0, orders: [1] },
  ];
  expect(() => check(...twice)).toThrow('asked once');
  const near = snapshotOf({ shops, orders: [one()], couriers: [{ ...courier, y: 9, reach: 8 }] });
  const far = { ...plan(near, 'optimal'), trips: [{ courier: 0, orders: [0] }] };
  expect(() => assertPlan(near, far)).toThrow('restaurant is in reach');
});
