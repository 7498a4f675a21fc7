import { expect, test } from 'vitest';
import type { OrderCommand } from '../../protocol/index.ts';
import { actorOf, NOW_MS, offerWith, orderWith, PATIENCE } from '../model/order.test-kit.ts';
import type { Order, TimerKind } from '../model/order.ts';
import { decisionOf } from './command-table.ts';
import { offerCourier } from './offer-courier.ts';
import { paymentAuthorized, paymentRefused, paymentVoided } from './payment-outcomes.ts';
import { timerFired } from './timer-commands.ts';

const { orderId } = orderWith();
const { offerId } = offerWith();
const restaurant = actorOf('restaurant', 'r1');
const courier = actorOf('courier', 'k1');

function decide(order: Order, command: OrderCommand, actor = restaurant) {
  return decisionOf(command)(order, command, { patience: PATIENCE, actor });
}

function fire(order: Order, kind: TimerKind) {
  const due = { ...order, timers: [{ kind, due: true }] };
  return timerFired(due, { kind }, { patience: PATIENCE, actor: null });
}

test('a restaurant that accepts starts the search for a courier and says when food is ready', () => {
  const change = decide(orderWith(), { type: 'accept_order', orderId, preparationSeconds: 600 });
  expect(change).toMatchObject({
    state: 'CONFIRMED',
    courierSearch: 'waiting',
    readyAtMs: NOW_MS + 600_000,
    clearTimers: ['restaurant_answer'],
    setTimer: { kind: 'courier_search', inMs: 2_400_000 },
  });
});

test('a restaurant that rejects cancels the order and releases the money', () => {
  const change = decide(orderWith(), { type: 'reject_order', orderId, reason: 'too_busy' });
  expect(change).toMatchObject({
    state: 'CANCELLED',
    cancelReason: 'restaurant_rejected',
    steps: ['void_payment'],
  });
});

test('a restaurant cannot reject what it has accepted', () => {
  const accepted = orderWith({ state: 'PREPARING' });
  expect(() => decide(accepted, { type: 'reject_order', orderId, reason: 'too_busy' })).toThrow(
    expect.objectContaining({ code: 'state_conflict' }) as Error,
  );
});

test("another restaurant's order is not there", () => {
  const command = { type: 'accept_order', orderId, preparationSeconds: 0 } as const;
  expect(() => decide(orderWith(), command, actorOf('restaurant', 'r2'))).toThrow(
    expect.objectContaining({ code: 'not_found' }) as Error,
  );
});

test('a silent restaurant means cancelled, and the money is released', () => {
  expect(fire(orderWith(), 'restaurant_answer')).toMatchObject({
    cancelReason: 'restaurant_silent',
    steps: ['void_payment'],
  });
});

test('a timer that fires after the order has moved on changes nothing but its own row', () => {
  const confirmed = orderWith({ state: 'CONFIRMED' });
  expect(fire(confirmed, 'restaurant_answer')).toEqual({
    events: [],
    clearTimers: ['restaurant_answer'],
  });
});

test('a timer that was set anew does not fire', () => {
  const order = orderWith({ timers: [{ kind: 'restaurant_answer', due: false }] });
  const context = { patience: PATIENCE, actor: null };
  expect(timerFired(order, { kind: 'restaurant_answer' }, context)).toEqual({ events: [] });
});

test('a courier who accepts has the order', () => {
  const offered = orderWith({
    state: 'CONFIRMED',
    courierSearch: 'offered',
    liveOffer: offerWith(),
  });
  expect(decide(offered, { type: 'accept_offer', orderId, offerId }, courier)).toMatchObject({
    courierId: 'k1',
    courierSearch: 'assigned',
    offerBecomes: { offerId, state: 'accepted' },
  });
});

test.each([
  ['too late', orderWith({ liveOffer: offerWith({ expiresAtMs: NOW_MS }) }), courier],
  ['twice', orderWith({ liveOffer: offerWith({ state: 'accepted' }) }), courier],
  ['for another', orderWith({ liveOffer: offerWith() }), actorOf('courier', 'k2')],
  ['after it was withdrawn', orderWith(), courier],
])('an offer cannot be accepted %s', (_when, order, actor) => {
  expect(() => decide(order, { type: 'accept_offer', orderId, offerId }, actor)).toThrow(
    expect.objectContaining({ code: 'offer_gone' }) as Error,
  );
});

test('a declined or lapsed offer sends the order back to dispatch', () => {
  const offered = orderWith({ courierSearch: 'offered', liveOffer: offerWith() });
  const declined = decide(offered, { type: 'decline_offer', orderId, offerId }, courier);
  const lapsed = fire(offered, 'offer');
  expect(declined).toMatchObject({ courierSearch: 'waiting', offerBecomes: { state: 'declined' } });
  expect(lapsed).toMatchObject({ courierSearch: 'waiting', offerBecomes: { state: 'expired' } });
});

test('the search for a courier ends in a cancellation, but never while a courier is being asked', () => {
  const waiting = orderWith({ state: 'READY', courierSearch: 'waiting' });
  const offered = orderWith({ state: 'READY', courierSearch: 'offered', liveOffer: offerWith() });
  expect(fire(waiting, 'courier_search')).toMatchObject({ cancelReason: 'no_courier' });
  expect(fire(offered, 'courier_search')).toEqual({
    events: [],
    setTimer: { kind: 'courier_search', inMs: 30_000 },
  });
});

test('an order that a courier already has is not offered to another', () => {
  const assigned = orderWith({ courierSearch: 'assigned' });
  const command = { offerId, courierId: 'k2', courierVersion: 0 };
  expect(() => offerCourier(assigned, command, { patience: PATIENCE, actor: null })).toThrow(
    expect.objectContaining({ code: 'state_conflict' }) as Error,
  );
});

test('pickup takes the money and delivery frees the courier', () => {
  const facts = { courierId: 'k1', liveOffer: offerWith({ state: 'accepted' }) };
  const ready = orderWith({ ...facts, state: 'READY', courierSearch: 'assigned' });
  const out = orderWith({ ...facts, state: 'OUT_FOR_DELIVERY', courierSearch: 'assigned' });
  expect(decide(ready, { type: 'pick_up', orderId }, courier).steps).toEqual(['capture_payment']);
  expect(decide(out, { type: 'deliver', orderId }, courier)).toMatchObject({
    state: 'DELIVERED',
    offerBecomes: { state: 'delivered' },
  });
});

test('money that was authorized after the cancellation is written down for the void, nothing more', () => {
  const payment = {
    state: 'pending',
    intentId: null,
    authorizedMinor: 0,
    capturedMinor: 0,
  } as const;
  const cancelled = orderWith({ state: 'CANCELLED', cancelReason: 'payment_unavailable', payment });
  const outcome = { intentId: 'pi_9', amountMinor: 1_200 };
  expect(paymentAuthorized(cancelled, outcome, { patience: PATIENCE, actor: null })).toEqual({
    payment: { state: 'authorized', intentId: 'pi_9', authorizedMinor: 1_200 },
    events: [],
  });
});

test('a refused card cancels without a void, for nothing is held', () => {
  const payment = {
    state: 'pending',
    intentId: null,
    authorizedMinor: 0,
    capturedMinor: 0,
  } as const;
  const placed = orderWith({ state: 'PLACED', payment });
  const context = { patience: PATIENCE, actor: null };
  const change = paymentRefused(placed, { reason: 'card_declined' }, context);
  expect(change).toMatchObject({ cancelReason: 'payment_refused', payment: { state: 'refused' } });
  expect(change.steps).toBeUndefined();
});

test('a void that is told twice is written once', () => {
  const cancelled = orderWith({ state: 'CANCELLED', cancelReason: 'no_courier' });
  const context = { patience: PATIENCE, actor: null };
  const first = paymentVoided(cancelled, { intentId: 'pi_1' }, context);
  expect(first.events).toHaveLength(1);
  const voided = { ...cancelled, payment: { ...cancelled.payment, state: 'voided' as const } };
  expect(paymentVoided(voided, { intentId: 'pi_1' }, context)).toEqual({ events: [] });
});
