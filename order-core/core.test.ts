import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { newId } from '../runtime/index.ts';
import { actor, offerTo, place, startTestCore, type TestCore } from './core.test-kit.ts';

let core: TestCore;
beforeAll(async () => {
  core = await startTestCore();
});
afterEach(async () => {
  // oxlint-disable-next-line vitest/no-standalone-expect -- holds after every test
  expect(await core.broken()).toEqual([]);
});
afterAll(() => core.stop());

const restaurant = actor('restaurant', 'r1');
const anna = actor('customer', 'anna');

async function confirmedOrder(): Promise<string> {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  const command = { type: 'accept_order', orderId, preparationSeconds: 600 } as const;
  await core.core.execute(command, restaurant);
  return orderId;
}

/** Takes the order from confirmed to READY with courier k1, who is then free for the next test. */
async function assignedOrder(): Promise<string> {
  const orderId = await confirmedOrder();
  expect(await offerTo(core, orderId, 'k1')).toBe('reserved');
  const { offers } = await core.core.courierWork(actor('courier', 'k1'));
  const offerId = offers[0]?.offerId ?? '';
  await core.core.execute({ type: 'accept_offer', orderId, offerId }, actor('courier', 'k1'));
  return orderId;
}

async function carry(orderId: string): Promise<void> {
  await core.core.execute({ type: 'start_preparation', orderId }, restaurant);
  await core.core.execute({ type: 'mark_ready', orderId }, restaurant);
  for (const type of ['pick_up', 'depart', 'deliver'] as const) {
    await core.core.execute({ type, orderId }, actor('courier', 'k1'));
  }
}

test('an order goes from the click to the door, and its timeline tells it without a gap', async () => {
  const orderId = await assignedOrder();
  await carry(orderId);
  await core.event(orderId, 'order.payment_captured');
  const view = await core.core.viewOrder(orderId, anna);
  expect(view).toMatchObject({
    state: 'DELIVERED',
    totalMinor: 1_320,
    payment: { state: 'captured', authorizedMinor: 1_320, capturedMinor: 1_320 },
  });
  expect(view.timeline.map(({ sequence }) => sequence)).toEqual(view.timeline.map((_, i) => i + 1));
  expect(view.timeline.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['order.placed', 'order.paid', 'order.assigned', 'order.delivered']),
  );
});

test('events are published in the order of their sequence, each once', async () => {
  const orderId = await assignedOrder();
  await carry(orderId);
  await core.event(orderId, 'order.payment_captured');
  const sequences = core.published
    .filter((event) => event.order.orderId === orderId)
    .map((event) => event.sequence);
  expect(sequences).toEqual(sequences.map((_, i) => i + 1));
});

test('the same key places one order, however often and however many at once', async () => {
  const key = newId<string>();
  const answers = await Promise.all(Array.from({ length: 8 }, () => place(core, {}, key)));
  expect(new Set(answers.map(({ order }) => order.orderId)).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
});

test('a key that was used for another order is refused', async () => {
  const key = newId<string>();
  await place(core, {}, key);
  const other = place(core, { items: [{ itemId: 'soup', quantity: 3 }] }, key);
  await expect(other).rejects.toMatchObject({ code: 'idempotency_key_reused' });
});

test.each([
  [{ restaurantId: 'nowhere' }, 'restaurant_not_found'],
  [{ restaurantId: 'shut' }, 'restaurant_closed'],
  [{ items: [{ itemId: 'pizza', quantity: 1 }] }, 'item_not_on_menu'],
  [{ items: [{ itemId: 'cake', quantity: 1 }] }, 'item_unavailable'],
  [{ dropoff: { place: { lat: 10, lng: 13 }, address: 'Far' } }, 'outside_delivery_zone'],
  [{ expectedTotalMinor: 1 }, 'total_mismatch'],
])('%j is refused with %s, and nothing is stored', async (request, code) => {
  const count = { name: 'count_orders', text: 'SELECT count(*)::int AS n FROM orders' };
  const keys = { name: 'count_keys', text: 'SELECT count(*)::int AS n FROM idempotency_keys' };
  const before = [await core.database.query(count), await core.database.query(keys)];
  await expect(place(core, request)).rejects.toMatchObject({ code });
  expect([await core.database.query(count), await core.database.query(keys)]).toEqual(before);
});

test('a refused card cancels the order, and nothing is held', async () => {
  const { order } = await place(core, { paymentToken: 'pm_refused' });
  const event = await core.event(order.orderId, 'order.cancelled');
  expect(event.order).toMatchObject({ state: 'CANCELLED', cancelReason: 'payment_refused' });
});

test('a lost answer of the provider charges nobody twice', async () => {
  core.bank.lostAnswers = 2;
  const { order } = await place(core);
  await core.event(order.orderId, 'order.paid');
  const view = await core.core.viewOrder(order.orderId, anna);
  expect(view.payment).toMatchObject({ state: 'authorized', authorizedMinor: order.totalMinor });
});

test('a rejected order releases the money', async () => {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  await core.core.execute({ type: 'reject_order', orderId, reason: 'closing' }, restaurant);
  await core.event(orderId, 'order.payment_voided');
  const view = await core.core.viewOrder(orderId, anna);
  expect(view).toMatchObject({
    state: 'CANCELLED',
    cancelReason: 'restaurant_rejected',
    payment: { state: 'voided' },
  });
});

test('of many who reserve one courier at once, one succeeds', async () => {
  const orderIds = await Promise.all(Array.from({ length: 6 }, confirmedOrder));
  const [load] = await core.core.courierLoads('c1', ['k2']);
  const courierVersion = load?.version ?? -1;
  const outcomes = await Promise.all(
    orderIds.map((orderId) =>
      core.core.reserve({ cityId: 'c1', orderId, courierId: 'k2', courierVersion }),
    ),
  );
  expect(outcomes.toSorted()).toEqual([
    ...Array.from({ length: 5 }, () => 'courier_taken'),
    'reserved',
  ]);
  const { offers } = await core.core.courierWork(actor('courier', 'k2'));
  const { orderId = '', offerId = '' } = offers[0] ?? {};
  await core.core.execute({ type: 'decline_offer', orderId, offerId }, actor('courier', 'k2'));
});

test('of many who offer one order at once, one succeeds', async () => {
  const orderId = await confirmedOrder();
  const outcomes = await Promise.all(['k1', 'k2'].map((id) => offerTo(core, orderId, id)));
  expect(outcomes.toSorted()).toEqual(['order_taken', 'reserved']);
  const taker = outcomes[0] === 'reserved' ? 'k1' : 'k2';
  const { offers } = await core.core.courierWork(actor('courier', taker));
  const offerId = offers[0]?.offerId ?? '';
  await core.core.execute({ type: 'decline_offer', orderId, offerId }, actor('courier', taker));
});

test('of two restaurants screens that accept at once, one succeeds and the other hears why', async () => {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  const command = { type: 'accept_order', orderId, preparationSeconds: 60 } as const;
  const outcomes = await Promise.allSettled([
    core.core.execute(command, restaurant),
    core.core.execute(command, restaurant),
  ]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'state_conflict' },
  });
});

test("somebody else's order is not there, for commands and for reading", async () => {
  const { orderId } = (await place(core)).order;
  await expect(core.core.viewOrder(orderId, actor('customer', 'ben'))).rejects.toMatchObject({
    code: 'not_found',
  });
  const command = { type: 'accept_order', orderId, preparationSeconds: 1 } as const;
  await expect(core.core.execute(command, actor('restaurant', 'shut'))).rejects.toMatchObject({
    code: 'not_found',
  });
});
