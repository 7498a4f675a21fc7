import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeServerMessage,
  type OrderSummary,
  type ServerMessage,
  type TopicPosition,
} from '../../protocol/index.ts';
import { Broadcast, Outlet } from './outlet.ts';
import { Subscription } from './subscription.ts';
import { TopicMemory } from './topic-memory.ts';

/** Everything that is sent, as `snapshot` or the sequence of an event. */
function listen() {
  const heard: (string | number)[] = [];
  const positions: TopicPosition[] = [];
  const socket = {
    isOpen: true,
    backlogBytes: () => 0,
    close: () => undefined,
    send: (data: string | Uint8Array) => {
      const message = decodeServerMessage(data);
      heard.push(message.type === 'order_event' ? message.sequence : message.type);
      if (message.type === 'snapshot') positions.push(message.position);
    },
  };
  return {
    heard,
    positions,
    subscription: new Subscription(new Outlet(socket, 'hexfleet.v1.json')),
  };
}

function event(sequence: number): Parameters<Subscription['deliver']> {
  const message = { type: 'order_event', orderId: 'o1', sequence } as never;
  return [new Broadcast(message), { orderId: 'o1', sequence, offset: sequence }];
}

function snapshotAt(sequence: number): Parameters<Subscription['begin']>[0] {
  const order = { orderId: 'o1', sequence } as OrderSummary;
  return { type: 'snapshot', topic: 'order:o1', orders: [order], offers: [] };
}

test('whenever the snapshot is read: it comes first, then every newer event once, in order', () => {
  const moments = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(moments, fc.integer({ min: 1, max: 20 }), ([from, length], behind) => {
      // The database is at `sequence` when the snapshot is read; the relay is `behind` events late.
      const events = Array.from({ length: from + length + behind }, (_, i) => i + 1);
      const sequence = from + behind;
      const { heard, subscription } = listen();
      for (const n of events.slice(0, from)) subscription.deliver(...event(n));
      subscription.begin(snapshotAt(sequence), new TopicMemory());
      for (const n of events.slice(from)) subscription.deliver(...event(n));
      expect(heard).toEqual(['snapshot', ...events.filter((n) => n > sequence)]);
    }),
  );
});

test('an order that the snapshot does not show is told as it comes', () => {
  const { heard, subscription } = listen();
  subscription.deliver(...event(7));
  subscription.begin({ ...snapshotAt(0), orders: [] }, new TopicMemory());
  subscription.deliver(...event(8));
  expect(heard).toEqual(['snapshot', 7, 8]);
});

test('too many events before the snapshot: the socket has to start over', () => {
  const { subscription } = listen();
  const kept = Array.from({ length: 1_001 }, (_, i) => subscription.deliver(...event(i + 1)));
  expect(kept.indexOf(false)).toBe(1_000);
});

test('a snapshot stands before the first event that it does not contain', () => {
  const { subscription, positions } = listen();
  const memory = new TopicMemory();
  for (const n of [1, 2, 3, 4]) {
    memory.record({ orderId: 'o1', sequence: n, messageFor: () => ({}) as never });
    subscription.deliver(...event(n));
  }
  subscription.begin(snapshotAt(2), memory);
  expect(positions).toEqual([{ epoch: memory.epoch, offset: 2 }]);
});

test('what came while it waited is told once to who comes back, with what was missed before', () => {
  const { heard, subscription } = listen();
  subscription.deliver(...event(8));
  const missed = [7, 8].map((sequence) => ({ type: 'order_event', sequence }) as ServerMessage);
  const epoch = new TopicMemory().epoch;
  subscription.resume({ type: 'recovered', topic: 'order:o1', epoch, missed: 2 }, missed);
  subscription.deliver(...event(9));
  expect(heard).toEqual(['recovered', 7, 8, 9]);
});
