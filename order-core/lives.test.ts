import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { OrderCommand } from '../protocol/index.ts';
import { actor, offerTo, place, startTestCore, type TestCore } from './core.test-kit.ts';

/** What customers, restaurants and operators do with orders, on a real database. */
let core: TestCore;
beforeAll(async () => {
  core = await startTestCore({});
});
afterEach(async () => {
  // oxlint-disable-next-line vitest/no-standalone-expect -- holds after every test
  expect(await core.broken()).toEqual([]);
});
afterAll(() => core.stop());

const anna = actor('customer', 'anna');
const restaurant = actor('restaurant', 'r1');
const operator = actor('operator', 'olga');

/** An order that is paid. @returns its id, and a way to give commands about it */
async function paidOrder(request: Parameters<typeof place>[1] = {}) {
  const { orderId } = (await place(core, request)).order;
  await core.event(orderId, 'order.paid');
  const give = (who: typeof anna, command: Omit<OrderCommand, 'orderId'>, key?: string) =>
    core.core.execute(
      { ...command, orderId } as OrderCommand,
      who,
      key === undefined ? {} : { idempotencyKey: key },
    );
  return { orderId, give };
}

async function deliveredOrder(request: Parameters<typeof place>[1] = {}) {
  const { orderId, give } = await paidOrder(request);
  await give(restaurant, { type: 'accept_order', preparationSeconds: 0 } as never);
  await give(restaurant, { type: 'start_preparation' });
  await give(restaurant, { type: 'mark_ready' });
  await give(operator, { type: 'assign_courier', courierId: 'k1', why: 'lives' } as never);
  const courier = actor('courier', 'k1');
  await give(courier, { type: 'pick_up' });
  await give(courier, { type: 'depart' });
  await give(courier, { type: 'deliver' });
  await core.event(orderId, 'order.payment_captured');
  return { orderId, give };
}

const view = (orderId: string) => core.core.viewOrder(orderId, anna);

test('a customer who cancels after the acceptance pays half, and the rest is released', async () => {
  const { orderId, give } = await paidOrder();
  await give(restaurant, { type: 'accept_order', preparationSeconds: 600 } as never);
  const quote = await core.core.cancellationQuote(orderId, anna);
  expect(quote).toMatchObject({ refundMinor: 660, feeMinor: 660 });
  const { refundMinor } = quote;
  const wrong = { type: 'cancel_order', expectedRefundMinor: 1_320 } as never;
  await expect(give(anna, wrong)).rejects.toMatchObject({ code: 'refund_changed' });
  await give(anna, { type: 'cancel_order', expectedRefundMinor: refundMinor } as never);
  await core.event(orderId, 'order.payment_captured');
  expect(await view(orderId)).toMatchObject({
    state: 'CANCELLED',
    cancelReason: 'customer',
    payment: { state: 'captured', capturedMinor: 660 },
  });
});

test('more food is paid for by a new authorization, and the old one is released', async () => {
  const { orderId, give } = await paidOrder();
  await give(anna, { type: 'modify_order', items: [{ itemId: 'soup', quantity: 3 }] } as never);
  await core.event(orderId, 'order.modified');
  await core.event(orderId, 'order.payment_voided');
  const { totalMinor, payment, items } = await view(orderId);
  expect({ totalMinor, items: items.length }).toEqual({ totalMinor: 1_870, items: 1 });
  expect(payment).toMatchObject({ state: 'authorized', authorizedMinor: 1_870 });
});

test('less food costs less, and only that is taken', async () => {
  const { orderId, give } = await paidOrder();
  await give(anna, { type: 'modify_order', items: [{ itemId: 'soup', quantity: 1 }] } as never);
  expect((await view(orderId)).totalMinor).toBe(770);
});

test('a command with a key is carried out once, and another command under that key is refused', async () => {
  const { orderId, give } = await deliveredOrder();
  const refund = { type: 'refund_order', amountMinor: 300, why: 'cold soup' } as never;
  await Promise.all([give(operator, refund, 'key-1'), give(operator, refund, 'key-1')]);
  await give(operator, refund, 'key-1');
  const other = { type: 'refund_order', amountMinor: 301, why: 'cold soup' } as never;
  await expect(give(operator, other, 'key-1')).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
  await core.event(orderId, 'order.payment_refunded');
  expect((await view(orderId)).payment.refundedMinor).toBe(300);
});

test('64 refunds at once give back no more than was taken', async () => {
  const { orderId, give } = await deliveredOrder();
  const refund = { type: 'refund_order', amountMinor: 500, why: 'race' } as never;
  const asked = await Promise.allSettled(
    Array.from({ length: 64 }, async () => await give(operator, refund)),
  );
  const done = asked.filter(({ status }) => status === 'fulfilled');
  // 1,320 were taken.
  expect(done.length).toBeLessThanOrEqual(2);
  await expect
    .poll(async () => (await view(orderId)).payment.refundedMinor)
    .toBe(done.length * 500);
});

test('a rating completes the order', async () => {
  const { orderId, give } = await deliveredOrder();
  await give(anna, { type: 'rate_order', courierStars: 5, comment: 'warm' } as never);
  expect(await view(orderId)).toMatchObject({
    state: 'COMPLETED',
    rating: { courierStars: 5, comment: 'warm' },
  });
});

test('cash: the restaurant is asked at once, and the money is taken at the door', async () => {
  const { orderId } = await deliveredOrder({ paymentToken: 'cash' });
  expect((await view(orderId)).payment).toEqual({
    method: 'cash',
    state: 'captured',
    authorizedMinor: 0,
    capturedMinor: 1_320,
    refundedMinor: 0,
  });
});

test('of two customers at once, one gets the last portion', async () => {
  await core.core.executeShop({ type: 'set_item', itemId: 'soup', stock: 5 }, restaurant);
  const asked = await Promise.allSettled(
    Array.from({ length: 20 }, async () => await place(core, {})),
  );
  const placed = asked.flatMap((a) => (a.status === 'fulfilled' ? [a.value.order] : []));
  const refused = asked.flatMap((a) => (a.status === 'rejected' ? [a.reason as unknown] : []));
  expect(placed).toHaveLength(2);
  for (const error of refused) expect(error).toMatchObject({ code: 'out_of_stock' });
  const [first] = placed;
  await core.event(first?.orderId ?? '', 'order.paid');
  await core.core.execute({ type: 'cancel_order', orderId: first?.orderId ?? '' }, anna);
  const [menu] = (await core.core.catalogue.restaurant('c1', 'r1')).menu;
  expect(menu).toMatchObject({ itemId: 'soup', stock: 3 });
  await core.core.executeShop({ type: 'set_item', itemId: 'soup', stock: null }, restaurant);
});

test('a restaurant that pauses takes no orders until it goes on', async () => {
  await core.core.executeShop({ type: 'pause_orders', forSeconds: 600 }, restaurant);
  await expect(place(core)).rejects.toMatchObject({ code: 'restaurant_closed' });
  await core.core.executeShop({ type: 'resume_orders' }, restaurant);
  await place(core);
});

test('the same again, as it would be today', async () => {
  const { orderId } = await paidOrder();
  await core.core.executeShop({ type: 'set_item', itemId: 'soup', available: false }, restaurant);
  expect(await core.core.reorderProposal(orderId, anna)).toMatchObject({
    items: [],
    unavailable: [{ itemId: 'soup', reason: 'unavailable' }],
    totalMinor: null,
  });
  await core.core.executeShop({ type: 'set_item', itemId: 'soup', available: true }, restaurant);
  expect(await core.core.reorderProposal(orderId, anna)).toMatchObject({
    unavailable: [],
    priceChanges: [],
    totalMinor: 1_320,
  });
});

test('an operator binds a courier, takes the order from it, and dispatch goes on', async () => {
  const { orderId, give } = await paidOrder();
  await give(restaurant, { type: 'accept_order', preparationSeconds: 600 } as never);
  await give(operator, { type: 'assign_courier', courierId: 'k2', why: 'knows the way' } as never);
  expect(await view(orderId)).toMatchObject({ courierId: 'k2' });
  await give(operator, { type: 'unassign_courier', why: 'flat tyre' } as never);
  expect(await view(orderId)).toMatchObject({ courierId: null });
  expect(await offerTo(core, orderId, 'k2')).toBe('reserved');
  await give(operator, { type: 'operator_cancel', why: 'kitchen fire' } as never);
  await core.event(orderId, 'order.payment_voided');
});

test('an order for later waits for its hour with its money held', async () => {
  const scheduledForMs = (await nowMs()) + 2 * 3_600_000;
  const { orderId } = (await place(core, { scheduledForMs })).order;
  await core.event(orderId, 'order.payment_held');
  expect(await view(orderId)).toMatchObject({ state: 'SCHEDULED', scheduledForMs });
  await core.database.query({
    name: 'test_hour_comes',
    text: `UPDATE timers SET due_at = clock_timestamp() WHERE kind = 'activation'`,
  });
  await core.event(orderId, 'order.paid');
  expect(await view(orderId)).toMatchObject({ state: 'PAID' });
  const soon = { scheduledForMs: (await nowMs()) + 60_000 };
  await expect(place(core, soon)).rejects.toMatchObject({ code: 'schedule_out_of_range' });
});

test('a courier who is gone for five minutes is replaced before pickup', async () => {
  const { orderId, give } = await paidOrder();
  await give(restaurant, { type: 'accept_order', preparationSeconds: 600 } as never);
  await give(operator, { type: 'assign_courier', courierId: 'k1', why: 'test' } as never);
  core.presence.silentMs = 301_000;
  await core.database.query({
    name: 'test_silence',
    text: `UPDATE timers SET due_at = clock_timestamp() WHERE kind = 'courier_silence'`,
  });
  await core.event(orderId, 'order.unassigned');
  core.presence.silentMs = 0;
  expect(await view(orderId)).toMatchObject({ courierId: null, state: 'CONFIRMED' });
  await give(operator, { type: 'operator_cancel', why: 'end of test' } as never);
});

test('every event says who caused it and by what', async () => {
  const { orderId } = await paidOrder();
  const how = { causation: 'request-7' };
  await core.core.execute({ type: 'reject_order', orderId, reason: 'too_busy' }, restaurant, how);
  const rows = await core.database.query(
    {
      name: 'test_audit',
      text: `SELECT type, actor, causation, schema_version FROM order_events
        WHERE order_id = $1 AND type = ANY($2) ORDER BY sequence`,
    },
    [orderId, ['order.placed', 'order.paid', 'order.cancelled']],
  );
  expect(rows).toEqual([
    expect.objectContaining({ actor: 'customer:anna', schema_version: 2 }),
    expect.objectContaining({ actor: 'engine:saga', causation: 'step:authorize_payment:1' }),
    expect.objectContaining({ actor: 'restaurant:r1', causation: 'request-7' }),
  ]);
});

async function nowMs(): Promise<number> {
  const [row] = await core.database.query<{ ms: number }>({
    name: 'test_now',
    text: `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`,
  });
  return row?.ms ?? 0;
}
