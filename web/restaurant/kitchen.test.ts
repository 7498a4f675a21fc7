import { expect, test } from 'vitest';
import type { OrderState, OrderSummary, ServerMessage } from '../../protocol/index.ts';
import { afterMessage, newlyAsked, ticketsIn, withOrder, type Kitchen } from './kitchen.ts';

const NOTHING: Kitchen = new Map();

function order(orderId: string, state: OrderState, sequence: number): OrderSummary {
  return { orderId, state, sequence, courierId: null, placedAtMs: sequence } as OrderSummary;
}

function event(of: OrderSummary, type = 'order.paid', atMs = 1_000): ServerMessage {
  return {
    type: 'order_event',
    event: type,
    orderId: of.orderId,
    order: of,
    atMs,
  } as ServerMessage;
}

function snapshot(...orders: OrderSummary[]): ServerMessage {
  return {
    type: 'snapshot',
    topic: 'restaurant:r',
    orders,
    offers: [],
  } as unknown as ServerMessage;
}

test('a paid order is new, and asks for an answer from then on', () => {
  const kitchen = afterMessage(NOTHING, event(order('a', 'PAID', 3)));
  expect(ticketsIn(kitchen, 'new')).toMatchObject([{ order: { orderId: 'a' }, paidAtMs: 1_000 }]);
  expect(newlyAsked(NOTHING, kitchen)).toHaveLength(1);
  expect(newlyAsked(kitchen, kitchen)).toHaveLength(0);
});

test('a snapshot is the truth: what it does not name is gone, what it names is there', () => {
  const before = afterMessage(NOTHING, event(order('a', 'PAID', 3)));
  const after = afterMessage(before, snapshot(order('b', 'READY', 6)));
  expect([...after.keys()]).toEqual(['b']);
});

test('an order that is known keeps its time to answer through a snapshot', () => {
  const before = afterMessage(NOTHING, event(order('a', 'PAID', 3)));
  const after = afterMessage(before, snapshot(order('a', 'PAID', 3)));
  expect(after.get('a')?.paidAtMs).toBe(1_000);
});

test('what is older than the order that is known changes nothing', () => {
  const now = withOrder(NOTHING, order('a', 'CONFIRMED', 4));
  expect(afterMessage(now, event(order('a', 'PAID', 3)))).toBe(now);
});

test.each(['PICKED_UP', 'CANCELLED', 'DELIVERED'] as const)('%s is not the kitchen’s', (state) => {
  const before = withOrder(NOTHING, order('a', 'READY', 5));
  expect(afterMessage(before, event(order('a', state, 6), 'order.picked_up')).size).toBe(0);
});

test('of the courier it is known how near it is, until another comes', () => {
  const carried = { ...order('a', 'READY', 5), courierId: 'kim' };
  let kitchen = withOrder(NOTHING, carried);
  expect(kitchen.get('a')?.courier).toBe('coming');
  const near = { type: 'courier_event', orderId: 'a', event: 'near_restaurant' } as ServerMessage;
  kitchen = afterMessage(kitchen, near);
  expect(kitchen.get('a')?.courier).toBe('near');
  kitchen = withOrder(kitchen, { ...carried, sequence: 6, courierId: 'lou' });
  expect(kitchen.get('a')?.courier).toBe('coming');
  kitchen = withOrder(kitchen, { ...carried, sequence: 7, courierId: null });
  expect(kitchen.get('a')?.courier).toBe('none');
});

test('the oldest is first', () => {
  const kitchen = withOrder(withOrder(NOTHING, order('b', 'PAID', 9)), order('a', 'PAID', 2));
  expect(ticketsIn(kitchen, 'new').map((ticket) => ticket.order.orderId)).toEqual(['a', 'b']);
});
