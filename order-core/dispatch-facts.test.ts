import { afterAll, beforeAll, expect, test } from 'vitest';
import { DISPATCH_DEFAULTS, type CityInput, type OfferWhy } from '../protocol/index.ts';
import { actor, place, startTestCore, type TestCore } from './core.test-kit.ts';
import type { CourierFacts } from './couriers/courier-facts.ts';

let core: TestCore;
beforeAll(async () => {
  core = await startTestCore({});
});
afterAll(() => core.stop());

const restaurant = actor('restaurant', 'r1');
const operator = actor('operator', 'olga');
const k1 = actor('courier', 'k1');
const WHY: OfferWhy = {
  strategy: 'scored',
  score: 0.75,
  parts: { distance: 0.5, fairness: 0.25 },
  epoch: 12,
};

/** An order that waits for a courier. */
async function waiting(request: Parameters<typeof place>[1] = {}): Promise<string> {
  const { orderId } = (await place(core, request)).order;
  await core.event(orderId, 'order.paid');
  await core.core.execute({ type: 'accept_order', orderId, preparationSeconds: 600 }, restaurant);
  return orderId;
}

async function factsOf(courierId: string): Promise<CourierFacts> {
  const [facts] = await core.core.courierLoads('c1', [courierId]);
  if (facts === undefined) throw new Error(`no ${courierId}`);
  return facts;
}

/** Asks the courier, as dispatch would. */
async function offer(orderId: string, courierId: string, why?: OfferWhy): Promise<string> {
  const { version: courierVersion } = await factsOf(courierId);
  const reservation = { cityId: 'c1', orderId, courierId, courierVersion };
  const because = why === undefined ? {} : { why };
  expect(await core.core.reserve({ ...reservation, ...because })).toBe('reserved');
  const { offers } = await core.core.courierWork(actor('courier', courierId));
  return offers.find((o) => o.orderId === orderId)?.offerId ?? '';
}

async function operatorEnds(orderId: string): Promise<void> {
  await core.core.execute({ type: 'operator_cancel', orderId, why: 'end of test' }, operator);
}

async function ready(orderId: string): Promise<void> {
  await core.core.execute({ type: 'start_preparation', orderId }, restaurant);
  await core.core.execute({ type: 'mark_ready', orderId }, restaurant);
}

async function carryToTheDoor(orderId: string): Promise<void> {
  await ready(orderId);
  for (const type of ['pick_up', 'depart', 'deliver'] as const) {
    await core.core.execute({ type, orderId }, k1);
  }
}

test('what a city is dispatched by is what was set, the rest is the default, and it stays', async () => {
  const outer = [
    { lat: 52, lng: 13 },
    { lat: 53, lng: 13 },
    { lat: 53, lng: 14 },
  ];
  const city: CityInput = {
    name: 'Dispatched',
    currency: 'eur',
    deliveryZone: [{ outer, holes: [] }],
    deliveryFeeMinor: 0,
    taxRate: 0,
    courierSpeedMps: 5,
    detourFactor: 1.3,
  };
  const stored = async () =>
    (await core.core.catalogue.cities()).find(({ cityId }) => cityId === 'c9')?.dispatch;
  await core.core.catalogue.putCity('c9', city);
  expect(await stored()).toEqual(DISPATCH_DEFAULTS);
  const dispatch = {
    strategy: 'scored',
    epochSeconds: 5,
    vehicles: { foot: { maxDistanceMeters: 2_000 } },
  } as const;
  await core.core.catalogue.putCity('c9', { ...city, dispatch });
  const foot = { speedFactor: 1, maxDistanceMeters: 2_000 };
  const vehicles = { ...DISPATCH_DEFAULTS.vehicles, foot };
  const expected = { ...DISPATCH_DEFAULTS, strategy: 'scored', epochSeconds: 5, vehicles };
  expect(await stored()).toEqual(expected);
  expect(core.cities.at(-1)).toMatchObject({ cityId: 'c9', dispatch: expected });
});

test('a courier who has just come has done nothing yet', async () => {
  expect(await factsOf('k2')).toMatchObject({
    vehicle: 'bicycle',
    shiftEndsAtMs: null,
    idleSinceMs: expect.any(Number) as number,
    accepted: 0,
    acceptanceRate: 1,
    rating: null,
    deliveredToday: 0,
    carrying: [],
  });
});

test('a waiting order says where it is from, since when, and who does not want it', async () => {
  const orderId = await waiting();
  const offerId = await offer(orderId, 'k2');
  const k2 = actor('courier', 'k2');
  await core.core.execute({ type: 'decline_offer', orderId, offerId }, k2);
  const { placedAtMs } = await core.core.viewOrder(orderId, operator);
  const [order] = await core.core.waitingOrders('c1', { skip: 0, limit: 10 });
  expect(order).toMatchObject({ orderId, restaurantId: 'r1', scheduledForMs: null });
  expect(order?.declinedBy).toEqual(['k2']);
  expect(Math.round(order?.placedAtMs ?? 0)).toBe(placedAtMs);
  await operatorEnds(orderId);
});

test('what a courier carries is known until it is delivered, and so is how it does', async () => {
  const before = await factsOf('k1');
  const orderId = await waiting();
  const offerId = await offer(orderId, 'k1');
  expect(await factsOf('k1')).toMatchObject({
    activeOrders: 1,
    idleSinceMs: null,
    carrying: [
      {
        orderId,
        restaurantId: 'r1',
        accepted: false,
        state: 'CONFIRMED',
        pickup: { lat: 52.5, lng: 13.4 },
        dropoff: { lat: 52.51, lng: 13.41 },
        readyAtMs: expect.any(Number) as number,
        placedAtMs: expect.any(Number) as number,
        scheduledForMs: null,
      },
    ],
  });
  await core.core.execute({ type: 'accept_offer', orderId, offerId }, k1);
  expect((await factsOf('k1')).carrying).toMatchObject([{ orderId, accepted: true }]);
  await carryToTheDoor(orderId);
  const rate = { type: 'rate_order', orderId, courierStars: 4 } as const;
  await core.core.execute(rate, actor('customer', 'anna'));
  const refused = await waiting();
  const second = await offer(refused, 'k1');
  await core.core.execute({ type: 'decline_offer', orderId: refused, offerId: second }, k1);
  await expect
    .poll(() => factsOf('k1'))
    .toMatchObject({
      accepted: 1,
      declined: 1,
      acceptanceRate: 0.5,
      rating: 4,
      deliveredToday: 1,
      carrying: [],
    });
  const after = await factsOf('k1');
  expect(after.idleSinceMs).toBeGreaterThan(before.idleSinceMs ?? Infinity);
  const onDuty = await core.core.couriersOnDuty('c1');
  expect(after).toMatchObject(onDuty.find(({ courierId }) => courierId === 'k1') ?? {});
  expect(await core.core.courierDays('c1', 'k1')).toMatchObject([
    { delivered: 1, accepted: 1, declined: 1, lapsed: 0, ratings: 1, rating: 4 },
  ]);
  await operatorEnds(refused);
});

test('an operator sees who was asked, why, and what became of it; others do not', async () => {
  const orderId = await waiting();
  const offerId = await offer(orderId, 'k1', WHY);
  await core.core.execute({ type: 'decline_offer', orderId, offerId }, k1);
  await core.core.execute(
    { type: 'assign_courier', orderId, courierId: 'k2', why: 'knows the way' },
    operator,
  );
  const view = await core.core.viewOrder(orderId, operator);
  expect(view.offers).toMatchObject([
    { offerId, courierId: 'k1', state: 'declined', why: WHY },
    { courierId: 'k2', state: 'accepted', endedAtMs: null, why: null },
  ]);
  expect(view.offers?.[0]?.endedAtMs).toBeGreaterThanOrEqual(view.offers?.[0]?.offeredAtMs ?? 0);
  const { parts: _parts, ...short } = WHY;
  expect(view.timeline.find(({ type }) => type === 'order.offered')?.data).toMatchObject({
    why: short,
  });
  const anna = await core.core.viewOrder(orderId, actor('customer', 'anna'));
  expect(anna.offers).toBeNull();
  expect(JSON.stringify(anna)).not.toContain('scored');
  await operatorEnds(orderId);
});

test('an operator gives an order from one courier to another at once, with a reason', async () => {
  const orderId = await waiting();
  const assign = (courierId: string) =>
    core.core.execute({ type: 'assign_courier', orderId, courierId, why: 'nearer' }, operator);
  await assign('k1');
  const order = await assign('k2');
  expect(order).toMatchObject({ courierId: 'k2', state: 'CONFIRMED' });
  expect([core.couriers.get('k1'), core.couriers.get('k2')]).toEqual([true, false]);
  expect(await factsOf('k1')).toMatchObject({ activeOrders: 0, carrying: [] });
  expect(await factsOf('k2')).toMatchObject({ activeOrders: 1, carrying: [{ orderId }] });
  const { timeline } = await core.core.viewOrder(orderId, operator);
  expect(timeline.slice(-2)).toMatchObject([
    {
      type: 'order.unassigned',
      data: { courierId: 'k1', why: 'nearer', withdrawnOffer: { courierId: 'k1' } },
    },
    { type: 'order.assigned', data: { courierId: 'k2', why: 'nearer' } },
  ]);
  await expect(assign('k2')).rejects.toMatchObject({ code: 'state_conflict' });
  await ready(orderId);
  await core.core.execute({ type: 'pick_up', orderId }, actor('courier', 'k2'));
  await expect(assign('k1')).rejects.toMatchObject({ code: 'state_conflict' });
  await core.core.execute({ type: 'depart', orderId }, actor('courier', 'k2'));
  await core.core.execute({ type: 'confirm_delivery', orderId, why: 'end of test' }, operator);
});

test('an operator does not wait for a courier who was asked: the offer is withdrawn at once', async () => {
  const orderId = await waiting();
  const offerId = await offer(orderId, 'k1');
  const assign = { type: 'assign_courier', orderId, courierId: 'k2', why: 'nearer' } as const;
  expect(await core.core.execute(assign, operator)).toMatchObject({ courierId: 'k2' });
  expect(await factsOf('k1')).toMatchObject({ activeOrders: 0, carrying: [] });
  const late = { type: 'accept_offer', orderId, offerId } as const;
  await expect(core.core.execute(late, actor('courier', 'k1'))).rejects.toMatchObject({
    code: 'offer_gone',
  });
  const { offers } = await core.core.viewOrder(orderId, operator);
  expect(offers?.map(({ courierId, state }) => [courierId, state])).toEqual([
    ['k1', 'withdrawn'],
    ['k2', 'accepted'],
  ]);
  expect(await core.broken()).toEqual([]);
  await operatorEnds(orderId);
});

test('who is asked may be bound to it all the same, in the slot that is reserved', async () => {
  const orderId = await waiting();
  await offer(orderId, 'k1');
  const assign = { type: 'assign_courier', orderId, courierId: 'k1', why: 'it said so' } as const;
  expect(await core.core.execute(assign, operator)).toMatchObject({ courierId: 'k1' });
  expect(await factsOf('k1')).toMatchObject({ activeOrders: 1, carrying: [{ orderId }] });
  expect(await core.broken()).toEqual([]);
  await operatorEnds(orderId);
  expect(await factsOf('k1')).toMatchObject({ activeOrders: 0 });
});

test('two orders change couriers with each other, in whatever order it happens', async () => {
  await Promise.all(
    ['k1', 'k2'].map((courierId) =>
      core.core.catalogue.putCourier('c1', courierId, {
        name: courierId,
        vehicle: 'bicycle',
        capacity: 2,
      }),
    ),
  );
  const [first, second] = [await waiting(), await waiting()];
  const assign = (orderId: string, courierId: string) =>
    core.core.execute({ type: 'assign_courier', orderId, courierId, why: 'swap' }, operator);
  await Promise.all([assign(first, 'k1'), assign(second, 'k2')]);
  const orders = await Promise.all([assign(first, 'k2'), assign(second, 'k1')]);
  expect(orders.map(({ courierId }) => courierId)).toEqual(['k2', 'k1']);
  expect(await core.broken()).toEqual([]);
  await Promise.all([operatorEnds(first), operatorEnds(second)]);
});

test('a courier who is full keeps nobody from the order it has', async () => {
  const [first, second] = [await waiting(), await waiting()];
  const third = await waiting();
  const assign = (orderId: string, courierId: string) =>
    core.core.execute({ type: 'assign_courier', orderId, courierId, why: 'full' }, operator);
  await assign(first, 'k2');
  await assign(second, 'k2');
  await assign(third, 'k1');
  await expect(assign(third, 'k2')).rejects.toMatchObject({ code: 'courier_taken' });
  expect(await core.core.viewOrder(third, operator)).toMatchObject({ courierId: 'k1' });
  for (const orderId of [first, second, third]) await operatorEnds(orderId);
});

test('an order that was taken from a courier is not offered to that courier again at once', async () => {
  const orderId = await waiting();
  await core.core.execute(
    { type: 'assign_courier', orderId, courierId: 'k1', why: 'test' },
    operator,
  );
  await core.core.execute({ type: 'unassign_courier', orderId, why: 'flat tyre' }, operator);
  const [order] = await core.core.waitingOrders('c1', { skip: 0, limit: 10 });
  expect(order).toMatchObject({ orderId, declinedBy: ['k1'] });
  await operatorEnds(orderId);
});

test('a shift ends when the courier said so, and with the duty', async () => {
  const untilMs = 1_900_000_000_000;
  await core.core.setDuty(k1, { onDuty: true, untilMs });
  expect(await factsOf('k1')).toMatchObject({ onDuty: true, shiftEndsAtMs: untilMs });
  await core.core.setDuty(k1, { onDuty: false, untilMs });
  expect(await factsOf('k1')).toMatchObject({
    onDuty: false,
    shiftEndsAtMs: null,
    idleSinceMs: null,
  });
  await core.core.setDuty(k1, { onDuty: true });
  expect(await factsOf('k1')).toMatchObject({ onDuty: true, shiftEndsAtMs: null });
});

test('what was learned of a city’s ways is kept whole, the newest only', async () => {
  const { travelProfiles } = core.core;
  expect(await travelProfiles.load('c1')).toBeNull();
  const hours = Array.from({ length: 48 }, (_, i) => i);
  await travelProfiles.save('c1', [[-1, hours]]);
  await travelProfiles.save('c1', [
    [-1, hours],
    [512_404_312, hours],
  ]);
  expect(await travelProfiles.load('c1')).toEqual([
    [-1, hours],
    [512_404_312, hours],
  ]);
  await expect(travelProfiles.save('nowhere', [])).rejects.toThrow('does not exist');
});
