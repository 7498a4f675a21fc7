import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOOR, RESTAURANT_PLACE, TestCity } from './city.test-kit.ts';

let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterAll(() => city.stop());

const NEAR = { lat: 52.521, lng: 13.401 };
const FAR = { lat: 52.55, lng: 13.45 };

test('an order goes from the click to the door, told to everybody on the way', async () => {
  const restaurant = await city.person('restaurant', 'soup-house', 'hexfleet.v1.json');
  const near = await city.courierAt('near', NEAR);
  const far = await city.courierAt('far', FAR);
  const anna = await city.person('customer', 'anna');

  const placed = await city.order();
  const { orderId } = placed;
  expect(placed).toMatchObject({ state: 'PLACED', totalMinor: 1_231, subtotalMinor: 900 });
  await anna.socket.subscribe(`order:${orderId}`);

  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 300 });

  // The nearest is asked first; it declines, and the other is asked.
  const first = await near.hears('offer', ({ offer }) => offer.orderId === orderId);
  expect(first.offer).toMatchObject({ restaurantName: 'Soup House', pickup: RESTAURANT_PLACE });
  const { offerId } = first.offer;
  await near.socket.send({ type: 'decline_offer', orderId, offerId });
  const second = await far.hears('offer', ({ offer }) => offer.orderId === orderId);
  await far.socket.send({ type: 'accept_offer', orderId, offerId: second.offer.offerId });

  await anna.hearsEvent(orderId, 'order.assigned');
  // 130 m in no time: one such fix could be noise, three are not.
  for (let i = 0; i < 3; i++) far.isAt({ lat: 52.549, lng: 13.449 });
  const onTheMap = await anna.hears('location_update', ({ lat }) => lat < 52.5495);
  expect(onTheMap).toMatchObject({ orderId, courierId: 'far' });
  expect(onTheMap.lat).toBeCloseTo(52.549, 6);
  // 4.7 km to the restaurant and 1.3 km on, times 1.3, at 5 m/s; 4 minutes there and 2 at the door.
  expect(onTheMap.etaSeconds).toBeGreaterThan(1_700);
  expect(onTheMap.etaSeconds).toBeLessThan(2_100);
  const estimate = await anna.hears('eta_update', ({ by }) => by === 'courier');
  expect(estimate.orderId).toBe(orderId);
  expect(estimate.dropoffAtMs).toBeGreaterThan(estimate.pickupAtMs ?? Infinity);
  await restaurant.hears('eta_update', ({ by }) => by === 'courier');

  await restaurant.socket.send({ type: 'start_preparation', orderId });
  await restaurant.socket.send({ type: 'mark_ready', orderId });
  for (const type of ['pick_up', 'depart', 'deliver'] as const) {
    await far.socket.send({ type, orderId });
  }
  await anna.hearsEvent(orderId, 'order.delivered');
  await anna.hearsEvent(orderId, 'order.payment_captured');

  const view = await city.view(orderId);
  expect(view).toMatchObject({
    state: 'DELIVERED',
    courierId: 'far',
    correlationId: placed.correlationId,
    payment: { state: 'captured', authorizedMinor: 1_231, capturedMinor: 1_231 },
  });
  const types = view.timeline.map(({ type }) => type);
  // The capture runs beside the delivery, so only its presence is sure.
  expect(types.filter((type) => type !== 'order.payment_captured')).toEqual([
    'order.placed',
    'order.paid',
    'order.confirmed',
    'order.offered',
    'order.offer_declined',
    'order.offered',
    'order.assigned',
    'order.preparing',
    'order.ready',
    'order.picked_up',
    'order.out_for_delivery',
    'order.delivered',
  ]);
  expect(view.timeline.map(({ sequence }) => sequence)).toEqual(types.map((_, i) => i + 1));
  expect(await city.broken()).toEqual([]);
});

test('the log tells the whole story under one correlation id', async () => {
  const restaurant = await city.person('restaurant', 'soup-house');
  const { orderId, correlationId } = await city.order();
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'reject_order', orderId, reason: 'other' });
  const story = async (): Promise<string[]> => {
    const text = await readFile(city.logFile, 'utf8');
    // The last line may be half written.
    return text
      .slice(0, text.lastIndexOf('\n'))
      .split('\n')
      .map((line) => JSON.parse(line) as { correlationId?: string; msg: string })
      .filter((line) => line.correlationId === correlationId)
      .map((line) => line.msg);
  };
  await expect
    .poll(async () => (await story()).slice(0, 3), { timeout: 10_000 })
    .toEqual(['order.placed', 'order.paid', 'order.cancelled']);
});

test('a fix goes to the history, and one that cannot be is counted and dropped', async () => {
  const courier = await city.courierAt('near', NEAR);
  courier.isAt({ lat: -10, lng: 100 });
  courier.isAt({ lat: 52.5211, lng: 13.4011 }, { accuracyMeters: 7 });
  const find = {
    name: 'test_find_fix',
    text: 'SELECT lat, accuracy_meters FROM courier_fixes WHERE accuracy_meters = 7',
  };
  await expect
    .poll(() => city.database.query(find), { timeout: 10_000 })
    .toEqual([{ lat: 52.5211, accuracy_meters: 7 }]);
  const metrics = await (await fetch(`${city.engine.facts.opsUrl}/metrics`)).text();
  expect(metrics).toMatch(/hexfleet_fixes_total\{outcome="too_fast"\} [1-9]/);
  expect(metrics).toMatch(/hexfleet_fixes_total\{outcome="taken"\} [1-9]/);
});

test('a snapshot comes before events, and shows what is open', async () => {
  const early = await city.person('restaurant', 'soup-house');
  const { orderId } = await city.order();
  await expect.poll(async () => (await city.view(orderId)).state, { timeout: 10_000 }).toBe('PAID');
  const late = await city.person('restaurant', 'soup-house');
  const kinds = late.messages.map(({ type }) => type);
  expect(kinds.slice(0, 2)).toEqual(['welcome', 'snapshot']);
  const snapshot = await late.hears('snapshot');
  expect(snapshot.orders.map((order) => order.orderId)).toContain(orderId);
  await early.hearsEvent(orderId, 'order.paid');
});

test('of two apps of one courier the newer stays', async () => {
  const older = await city.person('courier', 'far');
  const newer = await city.person('courier', 'far');
  expect(await older.closed.promise).toBe(4409);
  expect(newer.socket.connected).toBe(true);
  newer.isAt(DOOR);
});

test('the customer, the restaurant and the courier see their own days, and nobody else does', async () => {
  const anna = await city.api('customer', 'anna');
  await expect
    .poll(async () => (await anna.orders()).some(({ state }) => state === 'DELIVERED'))
    .toBe(true);
  expect(await (await city.api('customer', 'ben')).orders()).toEqual([]);
  const restaurant = await city.api('restaurant', 'soup-house');
  const [today] = await restaurant.restaurantDays('soup-house');
  expect(today?.delivered).toBeGreaterThan(0);
  await expect(restaurant.restaurantDays('shut')).rejects.toMatchObject({ status: 404 });
  const courier = await city.api('courier', 'near');
  expect((await courier.courierDays('near'))[0]?.declined).toBeGreaterThan(0);
  await expect(courier.courierDays('far')).rejects.toMatchObject({ status: 404 });
  const [far] = await (await city.api('operator', 'olga')).courierDays('far');
  expect(far?.delivered).toBeGreaterThan(0);
});
