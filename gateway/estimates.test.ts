import { expect, test } from 'vitest';
import { createLiveCity, type Place } from '../geo/index.ts';
import { dispatchSettings, type OrderState, type OrderSummary } from '../protocol/index.ts';
import { TimeScale, type Clock } from '../runtime/index.ts';
import { Estimator, newWay, type Estimate, type Way } from './estimates.ts';

const SHOP = { lat: 52.5, lng: 13.4 };
/** 3,336 m to the north: 556 s at 6 m/s. */
const DOOR = { lat: 52.53, lng: 13.4 };
const NOW_MS = 36e6;
const HOUR = 10;

function order(state: OrderState, facts: Partial<OrderSummary> = {}): OrderSummary {
  return {
    orderId: 'o1',
    cityId: 'c1',
    restaurantId: 'r1',
    state,
    pickup: SHOP,
    dropoff: { place: DOOR },
    readyAtMs: NOW_MS - 1,
    ...facts,
  } as unknown as OrderSummary;
}

/** A courier of a city at a speed of 6 m/s, with a clock that is moved by hand. */
function courierWith(...orders: OrderSummary[]) {
  const city = createLiveCity({
    cityId: 'c1',
    deliveryZone: [],
    courierSpeedMps: 6,
    detourFactor: 1,
    dispatch: dispatchSettings({ vehicles: { foot: { speedFactor: 0.5 } } }),
  });
  let atMs = 0;
  const clock: Clock = { nowMs: () => NOW_MS + atMs, monotonicMs: () => atMs };
  const estimator = new Estimator({ clock, timeScale: new TimeScale(1) });
  const way: Way = newWay();
  const estimates = new Map<string, Estimate>();
  const carried = orders.map((own) => ({
    order: own,
    estimated: (estimate: Estimate) => void estimates.set(own.orderId, estimate),
  }));
  return {
    city,
    way,
    estimates,
    /** Minutes from now. */
    dropoffIn: (orderId = 'o1'): number =>
      ((estimates.get(orderId)?.dropoffAtMs ?? Number.NaN) - NOW_MS - atMs) / 60_000,
    seen(position: Place, afterSeconds = 10): void {
      atMs += afterSeconds * 1_000;
      estimator.estimate(way, carried, { city, position, atMs });
    },
  };
}

test('with the food it is the way to the door and the handover', () => {
  const courier = courierWith(order('OUT_FOR_DELIVERY'));
  courier.seen(SHOP);
  expect(courier.dropoffIn()).toBeCloseTo(556 / 60 + 2, 1);
  expect(courier.estimates.get('o1')).toMatchObject({ pickupAtMs: null, by: 'courier' });
});

test('before that the food is waited for, and a slower vehicle takes longer', () => {
  const courier = courierWith(order('PREPARING', { readyAtMs: NOW_MS + 20 * 60_000 }));
  courier.seen(SHOP, 0);
  expect(courier.dropoffIn()).toBeCloseTo(20 + 2 + 556 / 60 + 2, 1);
  courier.way.vehicle = 'foot';
  courier.seen(SHOP, 0);
  expect(courier.dropoffIn()).toBeCloseTo(20 + 2 + 1112 / 60 + 2, 1);
});

test('a kitchen that is late is expected to be, until the food is ready', () => {
  const said = { readyAtMs: NOW_MS + 20 * 60_000 };
  const courier = courierWith(order('PREPARING', said));
  for (let i = 0; i < 500; i++) courier.city.kitchens.learn('r1', 300);
  courier.seen(SHOP, 0);
  expect(courier.dropoffIn()).toBeCloseTo(25 + 2 + 556 / 60 + 2, 0);
  const early = courierWith(order('READY', said));
  early.seen(SHOP, 0);
  expect(early.dropoffIn()).toBeCloseTo(2 + 2 + 556 / 60 + 2, 1);
});

test('what else the courier carries counts', () => {
  const second = order('OUT_FOR_DELIVERY', { orderId: 'o2' });
  const courier = courierWith(order('OUT_FOR_DELIVERY'), second);
  courier.seen(SHOP);
  expect(courier.dropoffIn('o2')).toBeCloseTo(courier.dropoffIn('o1') + 4, 3);
});

test('an estimate is good for ten seconds of the city', () => {
  const clock: Clock = { nowMs: () => NOW_MS, monotonicMs: () => 0 };
  const estimator = new Estimator({ clock, timeScale: new TimeScale(2) });
  expect(estimator.isDue(Number.NEGATIVE_INFINITY, 0)).toBe(true);
  expect(estimator.isDue(1_000, 5_999)).toBe(false);
  expect(estimator.isDue(1_000, 6_000)).toBe(true);
});

test('a fleet that is slower than what was set teaches it', () => {
  const courier = courierWith(order('OUT_FOR_DELIVERY'));
  // 30 m in 10 s, for 16 minutes.
  for (let i = 0; i < 96; i++) courier.seen({ lat: SHOP.lat + i * 0.000_27, lng: SHOP.lng });
  const { learned } = courier.city;
  expect(learned.airSpeedMps(HOUR)).toBeGreaterThan(4);
  expect(learned.airSpeedMps(HOUR)).toBeLessThan(5.2);
  expect(learned.airSpeedMps(HOUR + 1)).toBe(6);
});

test('a courier who is parked teaches two minutes and no more', () => {
  const courier = courierWith(order('OUT_FOR_DELIVERY'));
  courier.seen(SHOP);
  for (let i = 0; i < 12; i++) courier.seen(SHOP);
  const after = courier.city.learned.airSpeedMps(HOUR);
  for (let i = 0; i < 500; i++) courier.seen(SHOP);
  expect(courier.city.learned.airSpeedMps(HOUR)).toBe(after);
  expect(after).toBeGreaterThan(5.5);
});

test('who has the choice between two doors teaches nothing', () => {
  const elsewhere = order('OUT_FOR_DELIVERY', { orderId: 'o2' });
  const courier = courierWith(order('OUT_FOR_DELIVERY'), elsewhere);
  for (let i = 0; i < 20; i++) courier.seen({ lat: SHOP.lat + i * 0.000_1, lng: SHOP.lng });
  expect(courier.city.learned.airSpeedMps(HOUR)).toBe(6);
});
