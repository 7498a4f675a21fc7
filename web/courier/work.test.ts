import { expect, test } from 'vitest';
import type { OfferView, OrderSummary, ServerMessage } from '../../protocol/index.ts';
import { NOTHING_YET, openOffers, stopsOf, workAfter, type CourierWork } from './work.ts';

const NEAR = { lat: 52.52, lng: 13.4 };
const POSITION = { epoch: 'e', offset: 1 };

function orderOf(orderId: string, facts: Partial<OrderSummary> = {}): OrderSummary {
  return {
    orderId,
    courierId: 'k1',
    state: 'CONFIRMED',
    sequence: 5,
    pickup: NEAR,
    dropoff: { place: NEAR, address: 'Elm Street 1' },
    ...facts,
  } as OrderSummary;
}

const OFFER: OfferView = {
  offerId: 'f1',
  orderId: 'o1',
  restaurantName: 'Soup House',
  pickup: NEAR,
  dropoff: NEAR,
  readyAtMs: null,
  expiresAtMs: 60_000,
};

function hear(...messages: readonly unknown[]): CourierWork {
  return messages.reduce<CourierWork>(
    (work, message) => workAfter(work, message as ServerMessage, { who: 'k1', nowMs: 1_000 }),
    NOTHING_YET,
  );
}

const own = (facts: object) => ({
  type: 'snapshot',
  topic: 'courier:k1',
  orders: [],
  offers: [],
  onDuty: true,
  position: POSITION,
  ...facts,
});
const event = (order: OrderSummary) => ({ type: 'order_event', topic: 'courier:k1', order });
const eta = (orderId: string, pickupAtMs: number | null, dropoffAtMs: number) => ({
  type: 'eta_update',
  orderId,
  pickupAtMs,
  dropoffAtMs,
});

test('a snapshot is the truth, and keeps when an offer was seen first', () => {
  const before = hear(own({ orders: [orderOf('o9')], offers: [OFFER] }));
  const context = { who: 'k1', nowMs: 9_000 };
  const after = workAfter(before, own({ offers: [OFFER] }) as ServerMessage, context);
  expect(after.orders).toEqual([]);
  expect(after.offers).toEqual([{ offer: OFFER, seenAtMs: 1_000 }]);
});

test('an offer is open until it is closed, or its time is over', () => {
  const asked = hear(own({}), { type: 'offer', offer: OFFER }, { type: 'offer', offer: OFFER });
  expect(openOffers(asked, 59_999)).toHaveLength(1);
  expect(openOffers(asked, 60_000)).toEqual([]);
  const closed = hear({ type: 'offer', offer: OFFER }, { type: 'offer_closed', offerId: 'f1' });
  expect(closed.offers).toEqual([]);
});

test('an order comes with its courier, and goes with it or when it ends', () => {
  const carried = [own({}), event(orderOf('o1')), event(orderOf('o2'))];
  expect(hear(...carried).orders).toHaveLength(2);
  const taken = event(orderOf('o1', { courierId: null, sequence: 6 }));
  expect(hear(...carried, taken).orders.map(({ orderId }) => orderId)).toEqual(['o2']);
  for (const state of ['DELIVERED', 'COMPLETED', 'CANCELLED'] as const) {
    expect(hear(...carried, event(orderOf('o2', { state, sequence: 6 }))).orders).toHaveLength(1);
  }
});

test('what is older than what is known changes nothing', () => {
  const newer = orderOf('o1', { state: 'READY', sequence: 8 });
  expect(hear(own({}), event(newer), event(orderOf('o1'))).orders).toEqual([newer]);
});

test('stops come as the engine expects them, what it has not said after', () => {
  const work = hear(
    own({ orders: [orderOf('o1'), orderOf('o2', { state: 'PICKED_UP' }), orderOf('o3')] }),
    eta('o1', 300, 900),
    eta('o2', null, 500),
  );
  expect(stopsOf(work).map(({ kind, order }) => `${kind} ${order.orderId}`)).toEqual([
    'restaurant o1',
    'door o2',
    'door o1',
    'restaurant o3',
    'door o3',
  ]);
});

test('two orders of one restaurant are picked up before either is brought', () => {
  const work = hear(
    own({ orders: [orderOf('o1'), orderOf('o2')] }),
    eta('o2', 300, 600),
    eta('o1', 300, 900),
  );
  expect(stopsOf(work).map(({ kind, order }) => `${kind} ${order.orderId}`)).toEqual([
    'restaurant o1',
    'restaurant o2',
    'door o2',
    'door o1',
  ]);
});
