import { expect, test } from 'vitest';
import {
  SOCKET_BACKLOG_BYTES_MAX,
  type Actor,
  type OrderEvent,
  type OrderSummary,
} from '../protocol/index.ts';
import { Metrics, type CityId } from '../runtime/index.ts';
import { Announcer } from './announcer.ts';
import { Outlet } from './socket/outlet.ts';
import { Subscription } from './socket/subscription.ts';
import { Topics, type TopicListener } from './socket/topics.ts';

const STOPPED = 200;
const EVENTS = 2_000;
/** An event with an order of some size. */
const EVENT_BYTES_MAX = 1_024;
const CONFLATE_BYTES = 16 * 1_024;
const KEY = 'c1/order:o1';
const snapshot = { type: 'snapshot', topic: 'order:o1', orders: [], offers: [] } as const;

/** Somebody who listens to the order, and what waits for it in its socket. */
function listenTo(topics: Topics, reads: boolean) {
  const state = { events: 0, backlogBytes: 0, peakBytes: 0, states: 0, closedWith: 0 };
  const socket = {
    isOpen: true,
    backlogBytes: () => state.backlogBytes,
    send: (data: string | Uint8Array) => {
      if (String(data).includes('order_event')) state.events += 1;
      else state.states += 1;
      if (!reads) state.backlogBytes += data.length;
      state.peakBytes = Math.max(state.peakBytes, state.backlogBytes);
    },
    close: (code: number) => {
      socket.isOpen = false;
      state.closedWith = code;
      topics.remove(KEY, listener);
    },
  };
  const outlet = new Outlet(socket, 'hexfleet.v1.json');
  const subscription = new Subscription(outlet);
  const actor: Actor = { role: 'customer', subject: 'anna', cityId: 'c1' as CityId };
  const listener: TopicListener = {
    actor,
    outlet,
    deliver: (_topic, broadcast, fact) => void subscription.deliver(broadcast, fact),
    exclude: () => undefined,
  };
  subscription.begin(snapshot, topics.add(KEY, listener));
  return state;
}

function event(sequence: number): OrderEvent {
  const facts = { orderId: 'o1', cityId: 'c1', restaurantId: 'r1', courierId: null };
  const order = { ...facts, cancelReason: null, reference: 'x'.repeat(500) };
  const type = 'order.delayed' as const;
  return { type, sequence, atMs: 0, data: {}, order: order as unknown as OrderSummary };
}

test('R9: readers that have stopped cost a bounded amount each and are closed; others hear everything', () => {
  const topics = new Topics();
  const announcer = new Announcer(topics, new Metrics(false));
  const stopped = Array.from({ length: STOPPED }, () => listenTo(topics, false));
  const reader = listenTo(topics, true);
  const position = { encodedFor: () => 'p'.repeat(100) };
  for (let sequence = 1; sequence <= EVENTS; sequence++) {
    announcer.announce(event(sequence));
    for (const { outlet } of topics.listeners(KEY)) outlet.sendState('o1', position);
  }
  for (const { peakBytes, closedWith, states } of stopped) {
    expect(closedWith).toBe(4408);
    expect(peakBytes).toBeLessThanOrEqual(SOCKET_BACKLOG_BYTES_MAX + EVENT_BYTES_MAX);
    // One snapshot, and positions only as long as little waited.
    expect(states).toBeLessThanOrEqual(1 + CONFLATE_BYTES / 500);
  }
  expect(reader).toMatchObject({ events: EVENTS, states: EVENTS + 1, closedWith: 0 });
});
