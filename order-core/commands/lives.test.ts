import { expect, test } from 'vitest';
import { required } from '../../runtime/index.ts';
import {
  actorOf,
  NOW_MS,
  offerWith,
  orderWith,
  paymentWith,
  unpaidWith,
} from '../model/order.test-kit.ts';
import type { Order } from '../model/order.ts';
import { context, courier, decide, fire, orderId } from './decide.test-kit.ts';
import { paymentAuthorized, paymentRefused, paymentVoided } from './payment-outcomes.ts';
import { timerFired } from './timer-commands.ts';

test('money that was authorized after the cancellation is written down for the void, nothing more', () => {
  const cancelled = unpaidWith({ state: 'CANCELLED', cancelReason: 'payment_unavailable' });
  expect(paymentAuthorized(cancelled, { generation: 1, intentId: 'pi_9' }, context)).toEqual({
    payment: { state: 'authorized', authorizedMinor: 1_200 },
    authorizations: [{ generation: 1, amountMinor: 1_200, state: 'authorized', intentId: 'pi_9' }],
    events: [],
  });
});

test('a refused card cancels without a void, for nothing is held', () => {
  const placed = unpaidWith({ state: 'PLACED' });
  const refused = { generation: 1, reason: 'card_declined' };
  const change = paymentRefused(placed, refused, context);
  expect(change).toMatchObject({ cancelReason: 'payment_refused', payment: { state: 'refused' } });
  expect(change.steps).toBeUndefined();
});

test('a void that is told twice is written once', () => {
  const cancelled = orderWith({ state: 'CANCELLED', cancelReason: 'no_courier' });
  const outcome = { generation: 1, intentId: 'pi_1' };
  const first = paymentVoided(cancelled, outcome, context);
  expect(first.events).toHaveLength(1);
  const [held] = cancelled.authorizations;
  const voided = {
    ...cancelled,
    authorizations: [{ ...required(held, 'it'), state: 'voided' as const }],
  };
  expect(paymentVoided(voided, outcome, context)).toEqual({ events: [] });
});

test('money for a restaurant that has closed meanwhile is released', () => {
  const placed = unpaidWith({ state: 'PLACED', restaurantOpen: false });
  expect(paymentAuthorized(placed, { generation: 1, intentId: 'pi_1' }, context)).toMatchObject({
    cancelReason: 'restaurant_closed',
    payment: { state: 'authorized' },
    steps: [{ step: 'void_payment', number: 1 }],
  });
});

const anna = actorOf('customer', 'anna');
const cancelOrder = { type: 'cancel_order', orderId } as const;

test.each([
  ['before the restaurant accepts: everything', { confirmedAtMs: null }, 0],
  ['within five minutes: half', { state: 'CONFIRMED', confirmedAtMs: NOW_MS - 299_000 }, 600],
  ['after that: nothing', { state: 'PREPARING', confirmedAtMs: NOW_MS - 300_000 }, 1_200],
] as const)('a customer who cancels gets back, %s', (_when, facts, feeMinor) => {
  const change = decide(orderWith(facts), cancelOrder, anna);
  const step = feeMinor === 0 ? 'void_payment' : 'capture_payment';
  expect(change).toMatchObject({
    cancelReason: 'customer',
    steps: [{ step, number: 1 }],
    events: [{ type: 'order.cancelled', data: { feeMinor } }],
    ...(feeMinor === 0 ? {} : { payment: { captureMinor: feeMinor } }),
  });
});

test('half of an odd amount is rounded in favour of the customer', () => {
  const odd = { totalMinor: 1_201, state: 'CONFIRMED', confirmedAtMs: NOW_MS } as const;
  expect(decide(orderWith(odd), cancelOrder, anna).payment).toEqual({ captureMinor: 600 });
});

test('a customer is never given less than they were shown', () => {
  const order = orderWith({ state: 'CONFIRMED', confirmedAtMs: NOW_MS });
  expect(() => decide(order, { ...cancelOrder, expectedRefundMinor: 1_200 }, anna)).toThrow(
    expect.objectContaining({
      code: 'refund_changed',
      details: expect.objectContaining({
        refundMinor: 600,
      }) as object,
    }) as Error,
  );
});

test('after pickup nobody cancels', () => {
  expect(() => decide(orderWith({ state: 'PICKED_UP' }), cancelOrder, anna)).toThrow(
    expect.objectContaining({ code: 'state_conflict' }) as Error,
  );
});

const PRICES = {
  menu: [
    { itemId: 'soup', name: 'Soup', priceMinor: 1_000, available: true, stock: 3 },
    { itemId: 'cake', name: 'Cake', priceMinor: 300, available: true, stock: null },
  ],
  terms: { deliveryFeeMinor: 200, taxRate: 0 },
};
const SOUP = { itemId: 'soup', name: 'Soup', quantity: 1, unitPriceMinor: 1_000 };

function modify(order: Order, items: { itemId: string; quantity: number }[]) {
  return decide(order, { type: 'modify_order', orderId, items, prices: PRICES }, anna);
}

test('more food: the new amount is asked for first, and the portions are kept back', () => {
  const change = modify(orderWith({ items: [SOUP] }), [{ itemId: 'soup', quantity: 2 }]);
  expect(change).toMatchObject({
    modification: { totalMinor: 2_200, generation: 2 },
    authorizations: [{ generation: 2, amountMinor: 2_200, state: 'pending' }],
    steps: [{ step: 'authorize_payment', number: 2 }],
    stock: [{ itemId: 'soup', delta: -1 }],
  });
  expect(change.basket).toBeUndefined();
});

test('less food: changed at once, and what is not eaten goes back on the menu', () => {
  const two = orderWith({
    items: [{ ...SOUP, quantity: 2 }],
    totalMinor: 2_200,
    payment: paymentWith({ authorizedMinor: 2_200 }),
  });
  expect(modify(two, [{ itemId: 'soup', quantity: 1 }])).toMatchObject({
    basket: { totalMinor: 1_200 },
    stock: [{ itemId: 'soup', delta: 1 }],
  });
});

const wish = {
  items: [{ ...SOUP, quantity: 2 }],
  subtotalMinor: 2_000,
  deliveryFeeMinor: 200,
  taxMinor: 0,
  totalMinor: 2_200,
  generation: 2,
};
const wishing = {
  items: [SOUP],
  modification: wish,
  authorizations: [
    { generation: 1, amountMinor: 1_200, state: 'authorized', intentId: 'pi_1' },
    { generation: 2, amountMinor: 2_200, state: 'pending', intentId: null },
  ],
} as const;

test('the money for a change is there: the change counts, and the old money is released', () => {
  const outcome = { generation: 2, intentId: 'pi_2' };
  expect(paymentAuthorized(orderWith(wishing), outcome, context)).toMatchObject({
    basket: { totalMinor: 2_200 },
    modification: null,
    payment: { generation: 2, authorizedMinor: 2_200 },
    steps: [{ step: 'void_payment', number: 1 }],
  });
});

test('the money for a change is refused: the order stays, and the portions go back', () => {
  const outcome = { generation: 2, reason: 'card_declined' };
  const change = paymentRefused(orderWith(wishing), outcome, context);
  expect(change).toMatchObject({
    modification: null,
    stock: [{ itemId: 'soup', delta: 1 }],
    events: [{ type: 'order.modification_dropped' }],
  });
  expect(change.state).toBeUndefined();
});

test('a restaurant that accepts first wins, and the money of the change is released when it comes', () => {
  const accepted = decide(orderWith(wishing), {
    type: 'accept_order',
    orderId,
    preparationSeconds: 60,
  });
  expect(accepted).toMatchObject({
    state: 'CONFIRMED',
    modification: null,
    stock: [{ itemId: 'soup', delta: 1 }],
  });
  const after = orderWith({ ...wishing, modification: null, state: 'CONFIRMED' });
  const late = paymentAuthorized(after, { generation: 2, intentId: 'pi_2' }, context);
  expect(late).toMatchObject({ steps: [{ step: 'void_payment', number: 2 }], events: [] });
});

test('a scheduled order whose hour has come goes on with the money that is held', () => {
  expect(fire(orderWith({ state: 'SCHEDULED' }), 'activation')).toMatchObject({
    state: 'PAID',
    events: [{ type: 'order.placed' }, { type: 'order.paid' }],
    setTimers: [{ kind: 'restaurant_answer' }],
  });
  expect(fire(unpaidWith({ state: 'SCHEDULED' }), 'activation')).toMatchObject({ state: 'PLACED' });
  const closed = orderWith({ state: 'SCHEDULED', restaurantOpen: false });
  expect(fire(closed, 'activation')).toMatchObject({ cancelReason: 'restaurant_closed' });
});

test('an authorization that would lapse is asked for again, and the old one released after', () => {
  const scheduled = orderWith({ state: 'SCHEDULED' });
  expect(fire(scheduled, 'authorization_renewal')).toMatchObject({
    authorizations: [{ generation: 2, amountMinor: 1_200, state: 'pending' }],
    steps: [{ step: 'authorize_payment', number: 2 }],
  });
  const asked = {
    ...scheduled,
    authorizations: [
      ...scheduled.authorizations,
      { generation: 2, amountMinor: 1_200, state: 'pending' as const, intentId: null },
    ],
  };
  expect(paymentAuthorized(asked, { generation: 2, intentId: 'pi_2' }, context)).toMatchObject({
    payment: { generation: 2 },
    steps: [{ step: 'void_payment', number: 1 }],
    events: [{ type: 'order.payment_renewed' }],
  });
  const refused = { generation: 2, reason: 'expired_card' };
  expect(paymentRefused(asked, refused, context)).toMatchObject({
    cancelReason: 'payment_refused',
    steps: [{ step: 'void_payment', number: 1 }],
  });
});

const carried = { courierId: 'k1', courierSearch: 'assigned' } as const;
const boundTo = { ...carried, liveOffer: offerWith({ state: 'accepted' }) };
const silent = (order: Order, courierSilentMs: number) =>
  timerFired(
    { ...order, timers: [{ kind: 'courier_silence', due: true }] },
    { kind: 'courier_silence', courierSilentMs },
    context,
  );

test('a courier who is silent for five minutes before pickup is replaced', () => {
  expect(silent(orderWith({ ...boundTo, state: 'READY' }), 300_000)).toMatchObject({
    courierId: null,
    courierSearch: 'waiting',
    offerBecomes: { state: 'withdrawn' },
    events: [{ type: 'order.unassigned', data: { why: 'courier_silent' } }],
  });
});

test('a courier who is silent with the food is looked for by people', () => {
  const out = orderWith({ ...boundTo, state: 'OUT_FOR_DELIVERY' });
  expect(silent(out, 300_000)).toMatchObject({
    attention: 'courier_silent',
    events: [{ type: 'order.needs_operator' }],
  });
  expect(silent({ ...out, attention: 'courier_silent' }, 10_000)).toMatchObject({
    attention: null,
    setTimers: [{ kind: 'courier_silence', inMs: 290_000 }],
  });
});

test('the code at the door: wrong ones are counted, and five are enough', () => {
  const out = orderWith({ ...boundTo, state: 'OUT_FOR_DELIVERY', deliveryCode: '012345' });
  const deliver = (order: Order, code?: string) =>
    decide(order, { type: 'deliver', orderId, ...(code === undefined ? {} : { code }) }, courier);
  expect(deliver(out, '012345')).toMatchObject({ state: 'DELIVERED' });
  expect(deliver(out, '999999')).toMatchObject({
    codeAttempts: 1,
    refusal: { code: 'wrong_code', details: { attemptsLeft: 4 } },
  });
  expect(() => deliver(out)).toThrow(expect.objectContaining({ code: 'wrong_code' }) as Error);
  expect(deliver({ ...out, codeAttempts: 4 }, '999999')).toMatchObject({
    attention: 'delivery_code',
  });
  expect(() => deliver({ ...out, codeAttempts: 5 }, '012345')).toThrow(
    expect.objectContaining({ code: 'code_locked' }) as Error,
  );
});

test('cash is taken at the door, and a cancellation has nothing to give back', () => {
  const cash = paymentWith({ method: 'cash', state: 'pending', authorizedMinor: 0 });
  const out = orderWith({ ...boundTo, state: 'OUT_FOR_DELIVERY', payment: cash });
  expect(decide(out, { type: 'deliver', orderId }, courier)).toMatchObject({
    payment: { state: 'captured', capturedMinor: 1_200 },
  });
  const late = { state: 'PREPARING', confirmedAtMs: NOW_MS - 600_000, payment: cash } as const;
  const cancelled = decide(orderWith(late), cancelOrder, anna);
  expect(cancelled).toMatchObject({
    payment: { state: 'voided' },
    events: [{ data: { feeMinor: 0 } }],
  });
  expect(cancelled.steps).toBeUndefined();
});

test('refunds never exceed what was taken, together', () => {
  const captured = orderWith({
    state: 'DELIVERED',
    payment: paymentWith({ state: 'captured', capturedMinor: 1_200 }),
    refunds: [{ number: 1, amountMinor: 700, state: 'pending' }],
  });
  const operator = actorOf('operator', 'olga');
  const refund = (amountMinor: number) =>
    decide(captured, { type: 'refund_order', orderId, amountMinor, why: 'cold' }, operator);
  expect(refund(500)).toMatchObject({
    refund: { number: 2, amountMinor: 500, state: 'pending' },
    steps: [{ step: 'refund_payment', number: 2 }],
  });
  expect(() => refund(501)).toThrow(
    expect.objectContaining({
      code: 'refund_too_large',
      details: { amountMinor: 501, leftMinor: 500 },
    }) as Error,
  );
});

test('a delivery that is told twice is a conflict, not a fault', () => {
  const done = orderWith({ courierId: 'k1', state: 'DELIVERED', liveOffer: null });
  expect(() => decide(done, { type: 'deliver', orderId }, courier)).toThrow(
    expect.objectContaining({ code: 'state_conflict' }) as Error,
  );
});

test('a cancellation releases also what a change of items has asked for and not heard of', () => {
  expect(decide(orderWith(wishing), cancelOrder, anna)).toMatchObject({
    modification: null,
    steps: [
      { step: 'void_payment', number: 1 },
      { step: 'void_payment', number: 2 },
    ],
  });
});

test('a fee is only taken of money that is held', () => {
  const placed = unpaidWith({ state: 'PLACED' });
  const operator = actorOf('operator', 'olga');
  const command = { type: 'operator_cancel', orderId, why: 'fraud', refundMinor: 0 } as const;
  expect(decide(placed, command, operator)).toMatchObject({
    events: [{ type: 'order.cancelled', data: { feeMinor: 0 } }],
    steps: [{ step: 'void_payment', number: 1 }],
  });
});

test('a renewal that comes to nothing is tried again', () => {
  const scheduled = orderWith({ state: 'SCHEDULED' });
  expect(fire(scheduled, 'authorization_renewal')).toMatchObject({
    setTimers: [{ kind: 'authorization_renewal', inMs: 3_600_000 }],
  });
});

test('money that was refused and is held after all is released', () => {
  const refused = orderWith({
    state: 'CANCELLED',
    payment: paymentWith({ state: 'refused', authorizedMinor: 0 }),
    authorizations: [{ generation: 1, amountMinor: 1_200, state: 'refused', intentId: null }],
  });
  expect(paymentAuthorized(refused, { generation: 1, intentId: 'pi_1' }, context)).toMatchObject({
    payment: { state: 'authorized' },
    steps: [{ step: 'void_payment', number: 1 }],
  });
});

test('a scheduled order whose money was let go asks for it again', () => {
  const scheduled = orderWith({ state: 'SCHEDULED' });
  expect(paymentVoided(scheduled, { generation: 1, intentId: 'pi_1' }, context)).toMatchObject({
    payment: { state: 'voided' },
    authorizations: [
      { generation: 1, state: 'voided' },
      { generation: 2, state: 'pending' },
    ],
    steps: [{ step: 'authorize_payment', number: 2 }],
  });
});
