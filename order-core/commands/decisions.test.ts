import { expect, test } from 'vitest';
import type { OrderState } from '../../protocol/index.ts';
import { actorOf, NOW_MS, offerWith, orderWith, PATIENCE } from '../model/order.test-kit.ts';
import { courier, decide, fire, offerId, orderId } from './decide.test-kit.ts';
import { offerCourier } from './offer-courier.ts';
import { timerFired } from './timer-commands.ts';

test('a restaurant that accepts starts the search for a courier and says when food is ready', () => {
  const change = decide(orderWith(), { type: 'accept_order', orderId, preparationSeconds: 600 });
  expect(change).toMatchObject({
    state: 'CONFIRMED',
    courierSearch: 'waiting',
    readyAtMs: NOW_MS + 600_000,
    clearTimers: ['restaurant_answer'],
    setTimers: [{ kind: 'courier_search', inMs: 300_000 }],
  });
});

test('a restaurant that rejects cancels the order and releases the money', () => {
  const change = decide(orderWith(), { type: 'reject_order', orderId, reason: 'too_busy' });
  expect(change).toMatchObject({
    state: 'CANCELLED',
    cancelReason: 'restaurant_rejected',
    steps: [{ step: 'void_payment', number: 1 }],
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
    steps: [{ step: 'void_payment', number: 1 }],
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
  expect(timerFired(order, { kind: 'restaurant_answer', courierSilentMs: 0 }, context)).toEqual({
    events: [],
  });
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

test('a search that takes too long goes to the operators too, and ends in a cancellation', () => {
  const waiting = orderWith({ state: 'READY', courierSearch: 'waiting' });
  expect(fire(waiting, 'courier_search')).toMatchObject({
    attention: 'no_courier',
    setTimers: [{ kind: 'manual_queue', inMs: 2_100_000 }],
    events: [{ type: 'order.needs_operator' }],
  });
  expect(fire(waiting, 'manual_queue')).toMatchObject({ cancelReason: 'no_courier' });
});

test('whoever is being asked when the search ends is the last one', () => {
  const asked = {
    state: 'READY',
    courierSearch: 'offered',
    liveOffer: offerWith(),
    attention: 'no_courier',
  } as const;
  expect(fire(orderWith(asked), 'manual_queue')).toEqual({
    events: [],
    clearTimers: ['manual_queue'],
  });
  // The timer is gone: a no, or silence, ends the order; before, the next is asked.
  expect(fire(orderWith(asked), 'offer')).toMatchObject({
    cancelReason: 'no_courier',
    offerBecomes: { state: 'expired' },
    steps: [{ step: 'void_payment' }],
  });
  const stillOn = { ...asked, timers: [{ kind: 'manual_queue' as const, due: false }] };
  expect(
    decide(orderWith(stillOn), { type: 'decline_offer', orderId, offerId }, courier),
  ).toMatchObject({ courierSearch: 'waiting' });
});

test('an order that a courier already has is not offered to another', () => {
  const assigned = orderWith({ courierSearch: 'assigned' });
  const command = { offerId, courierId: 'k2', courierVersion: 0, why: null };
  expect(() => offerCourier(assigned, command, { patience: PATIENCE, actor: null })).toThrow(
    expect.objectContaining({ code: 'state_conflict' }) as Error,
  );
});

test('a reason of more than a few numbers is a mistake of the planner', () => {
  const waiting = orderWith({ courierSearch: 'waiting' });
  const because = (parts: Record<string, number>) => {
    const why = { strategy: 'scored', score: 1, parts, epoch: 1 };
    const command = { offerId, courierId: 'k2', courierVersion: 0, why };
    return () => offerCourier(waiting, command, { patience: PATIENCE, actor: null });
  };
  const parts = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`part${i}`, i]));
  expect(because(parts(16))()).toMatchObject({ newOffer: { why: { parts: parts(16) } } });
  expect(because(parts(17))).toThrow('few');
  expect(because({ part: Infinity })).toThrow('finite');
});

test('before pickup an operator gives the order from one courier to another in one change', () => {
  const operator = actorOf('operator', 'olga');
  const has = { courierId: 'k1', liveOffer: offerWith({ state: 'accepted' }) };
  const order = (state: OrderState) =>
    orderWith({ ...has, state, courierSearch: 'assigned' as const });
  const assign = (courierId: string) =>
    ({ type: 'assign_courier', orderId, courierId, why: 'flat tyre' }) as const;
  expect(decide(order('READY'), assign('k2'), operator)).toMatchObject({
    courierId: 'k2',
    courierSearch: 'assigned',
    offerBecomes: { state: 'withdrawn' },
    newOffer: { courierId: 'k2', state: 'accepted' },
    events: [
      { type: 'order.unassigned', data: { courierId: 'k1', withdrawnOffer: { courierId: 'k1' } } },
      { type: 'order.assigned', data: { courierId: 'k2', why: 'flat tyre' } },
    ],
  });
  for (const [state, courierId] of [
    ['READY', 'k1'],
    ['PICKED_UP', 'k2'],
    ['OUT_FOR_DELIVERY', 'k2'],
  ] as const) {
    expect(() => decide(order(state), assign(courierId), operator)).toThrow(
      expect.objectContaining({ code: 'state_conflict' }) as Error,
    );
  }
});

test('an operator takes an order from a courier who has not answered yet, in one change', () => {
  const operator = actorOf('operator', 'olga');
  const assign = (courierId: string) =>
    ({ type: 'assign_courier', orderId, courierId, why: 'knows the way' }) as const;
  const asked = orderWith({
    state: 'READY',
    courierSearch: 'offered',
    liveOffer: offerWith({ courierId: 'k1' }),
  });
  expect(decide(asked, assign('k2'), operator)).toMatchObject({
    courierId: 'k2',
    courierSearch: 'assigned',
    offerBecomes: { offerId, state: 'withdrawn' },
    newOffer: { courierId: 'k2', state: 'accepted' },
    clearTimers: ['offer', 'courier_search', 'manual_queue'],
    events: [
      { type: 'order.unassigned', data: { withdrawnOffer: { offerId, courierId: 'k1' } } },
      { type: 'order.assigned', data: { courierId: 'k2' } },
    ],
  });
  // Who is asked has a slot for it: another would be one too many.
  const same = decide(asked, assign('k1'), operator);
  expect(same).toMatchObject({
    courierId: 'k1',
    offerBecomes: { offerId, state: 'accepted' },
    events: [{ type: 'order.assigned', data: { offerId, courierId: 'k1', why: 'knows the way' } }],
  });
  expect(same).not.toHaveProperty('newOffer');
  const none = orderWith({ courierSearch: 'none' });
  expect(() => decide(none, assign('k2'), operator)).toThrow(
    expect.objectContaining({ code: 'state_conflict' }) as Error,
  );
});

test('pickup takes the money and delivery frees the courier', () => {
  const facts = { courierId: 'k1', liveOffer: offerWith({ state: 'accepted' }) };
  const ready = orderWith({ ...facts, state: 'READY', courierSearch: 'assigned' });
  const out = orderWith({ ...facts, state: 'OUT_FOR_DELIVERY', courierSearch: 'assigned' });
  expect(decide(ready, { type: 'pick_up', orderId }, courier)).toMatchObject({
    steps: [{ step: 'capture_payment', number: 1 }],
    payment: { captureMinor: 1_200 },
  });
  expect(decide(out, { type: 'deliver', orderId }, courier)).toMatchObject({
    state: 'DELIVERED',
    offerBecomes: { state: 'delivered' },
  });
});
