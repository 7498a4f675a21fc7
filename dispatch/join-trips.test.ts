import { expect, test } from 'vitest';
import { createLiveCity } from '../geo/index.ts';
import { dispatchSettings, type DispatchInput } from '../protocol/index.ts';
import { joinTrips } from './join-trips.ts';
import type { CarriedOrder, CourierLoad, WaitingOrder } from './ports.ts';

const RESTAURANT = { lat: 52.5, lng: 13.4 };
/** Some 1,100 m to the north: about 5 minutes. */
const DOOR = { lat: 52.51, lng: 13.4 };
const FAR_DOOR = { lat: 52.58, lng: 13.4 };
const MINUTE = 60_000;

const carried: CarriedOrder = {
  orderId: 'first',
  restaurantId: 'r1',
  accepted: true,
  state: 'PREPARING',
  pickup: RESTAURANT,
  dropoff: DOOR,
  readyAtMs: 10 * MINUTE,
  placedAtMs: 0,
  scheduledForMs: null,
};

const onItsWay: CourierLoad = {
  courierId: 'k1',
  version: 3,
  onDuty: true,
  activeOrders: 1,
  capacity: 3,
  shiftEndsAtMs: null,
  vehicle: 'scooter',
  idleSinceMs: null,
  accepted: 1,
  declined: 0,
  lapsed: 0,
  acceptanceRate: 1,
  rating: null,
  deliveredToday: 0,
  carrying: [carried],
};

const waiting: WaitingOrder = {
  orderId: 'second',
  correlationId: 'c',
  restaurantId: 'r1',
  pickup: RESTAURANT,
  dropoff: DOOR,
  placedAtMs: 0,
  scheduledForMs: null,
  waitingSinceMs: 0,
  readyAtMs: 10 * MINUTE,
  declinedBy: [],
};

function joins(
  courier: Partial<CourierLoad>,
  order: Partial<WaitingOrder> = {},
  plannedMinutes = Number.NaN,
  dispatch: DispatchInput = {},
) {
  const city = createLiveCity({
    cityId: 'berlin',
    courierSpeedMps: 5,
    detourFactor: 1.3,
    dispatch: dispatchSettings({ vehicles: { foot: { maxDistanceMeters: 1_000 } }, ...dispatch }),
    deliveryZone: [{ outer: [RESTAURANT, DOOR, { lat: 52.5, lng: 13.5 }], holes: [] }],
  });
  city.index.move('k1', { ...RESTAURANT, headingDegrees: 0, speedMps: 0, atMs: 1 });
  return joinTrips(city, {
    orders: [{ ...waiting, ...order }],
    loads: [{ ...onItsWay, ...courier }],
    plannedDropoffs: [plannedMinutes],
    time: { hour: 0, minutesUntil: (atMs) => atMs / MINUTE },
  }).map(({ order: { orderId }, courier: { courierId } }) => `${orderId} with ${courierId}`);
}

test('an order goes with a courier who is on its way to the same restaurant', () => {
  expect(joins({})).toEqual(['second with k1']);
});

test.each<[string, Partial<CourierLoad>, Partial<WaitingOrder>]>([
  ['no room', { capacity: 1 }, {}],
  ['another restaurant', {}, { restaurantId: 'r2' }],
  ['food that was picked up', { carrying: [{ ...carried, state: 'PICKED_UP' }] }, {}],
  ['an offer without an answer', { carrying: [{ ...carried, accepted: false }] }, {}],
  ['a refusal', {}, { declinedBy: ['k1'] }],
  ['food that is picked up at once', { carrying: [{ ...carried, readyAtMs: 0 }] }, {}],
  ['a shift that ends before the pickup', { shiftEndsAtMs: 5 * MINUTE }, {}],
  ['its own promise', {}, { dropoff: FAR_DOOR }],
  ['a door too far for the vehicle', { vehicle: 'foot' }, {}],
  // Food that is ready so late that the first order would be at its door after its 40 minutes.
  ['a promise already made', {}, { readyAtMs: 36 * MINUTE, placedAtMs: 30 * MINUTE }],
])('not with %s', (_, courier, order) => {
  expect(joins(courier, order)).toEqual([]);
});

test('only when that is quicker than what was planned', () => {
  expect(joins({}, {}, 60)).toEqual(['second with k1']);
  expect(joins({}, {}, 15)).toEqual([]);
});

test('what is late anyway must not become later', () => {
  const late = { ...carried, placedAtMs: -60 * MINUTE };
  expect(joins({ carrying: [late] })).toEqual(['second with k1']);
  expect(joins({ carrying: [late] }, { readyAtMs: 12 * MINUTE })).toEqual([]);
});

test('an order of a restaurant nearby goes with it only where the city allows that', () => {
  // 334 m to the north.
  const nextDoor = {
    restaurantId: 'other',
    pickup: { ...RESTAURANT, lat: RESTAURANT.lat + 0.003 },
  };
  expect(joins({}, nextDoor)).toEqual([]);
  expect(joins({}, nextDoor, Number.NaN, { bundleRadiusMeters: 300 })).toEqual([]);
  expect(joins({}, nextDoor, Number.NaN, { bundleRadiusMeters: 400 })).toEqual(['second with k1']);
});
