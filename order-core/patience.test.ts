import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { actor, offerTo, place, startTestCore, type TestCore } from './core.test-kit.ts';

/** Everybody's patience is a moment: 1,000 city seconds pass in one. */
let core: TestCore;
beforeAll(async () => {
  core = await startTestCore({
    TIME_SCALE: '1000',
    RESTAURANT_ANSWER_SECONDS: '200',
    OFFER_SECONDS: '100',
    COURIER_SEARCH_SECONDS: '400',
    MANUAL_QUEUE_SECONDS: '200',
    PAYMENT_DEADLINE_SECONDS: '300',
  });
});
afterEach(async () => {
  // oxlint-disable-next-line vitest/no-standalone-expect -- holds after every test
  expect(await core.broken()).toEqual([]);
});
afterAll(() => core.stop());

test('a restaurant that stays silent loses the order, and the customer keeps the money', async () => {
  const { orderId } = (await place(core)).order;
  const cancelled = await core.event(orderId, 'order.cancelled');
  expect(cancelled.order.cancelReason).toBe('restaurant_silent');
  await core.event(orderId, 'order.payment_voided');
});

test('an offer that nobody answers lapses, and the courier is free again', async () => {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  const accept = { type: 'accept_order', orderId, preparationSeconds: 60 } as const;
  await core.core.execute(accept, actor('restaurant', 'r1'));
  expect(await offerTo(core, orderId, 'k1')).toBe('reserved');
  await core.event(orderId, 'order.offer_expired');
  const work = await core.core.courierWork(actor('courier', 'k1'));
  expect(work).toMatchObject({ available: true, offers: [] });
  const [waiting] = (await core.core.waitingOrders('c1', { skip: 0, limit: 10 })).filter(
    (o) => o.orderId === orderId,
  );
  expect(waiting?.declinedBy).toEqual(['k1']);
});

test('an order that no courier takes is cancelled, and the customer keeps the money', async () => {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  const accept = { type: 'accept_order', orderId, preparationSeconds: 60 } as const;
  await core.core.execute(accept, actor('restaurant', 'r1'));
  const cancelled = await core.event(orderId, 'order.cancelled');
  expect(cancelled.order.cancelReason).toBe('no_courier');
  await core.event(orderId, 'order.payment_voided');
});

test('a provider that does not answer in time: cancelled, and what it did late is released', async () => {
  const opened = Promise.withResolvers<void>();
  core.bank.gate = opened.promise;
  const { orderId } = (await place(core)).order;
  const cancelled = await core.event(orderId, 'order.cancelled');
  expect(cancelled.order.cancelReason).toBe('payment_unavailable');
  opened.resolve();
  await core.event(orderId, 'order.payment_voided');
});
