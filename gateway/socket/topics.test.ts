import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TOPIC_EVENTS_MAX, type ServerMessage } from '../../protocol/index.ts';
import type { TopicEvent } from './topic-memory.ts';
import { Topics, type TopicListener } from './topics.ts';

const listener = {} as TopicListener;
const MINUTE_MS = 60_000;

function city(): { topics: Topics; passes: (ms: number) => void } {
  let nowMs = 0;
  const topics = new Topics({ nowMs: () => nowMs, monotonicMs: () => nowMs });
  return { topics, passes: (ms) => void (nowMs += ms) };
}

function event(sequence: number): TopicEvent {
  const messageFor = (_role: string, offset: number): ServerMessage =>
    ({ type: 'order_event', sequence, offset }) as ServerMessage;
  return { orderId: 'o1', sequence, messageFor };
}

function record(topics: Topics, key: string, count: number): void {
  for (let i = 0; i < count; i++) topics.record(key, event(i));
}

test('whoever comes back is told exactly what was missed, or that it cannot be said', () => {
  const counts = fc.integer({ min: 0, max: 2 * TOPIC_EVENTS_MAX });
  fc.assert(
    fc.property(counts, counts, (heard, missed) => {
      const { topics } = city();
      const memory = topics.add('k', listener);
      record(topics, 'k', heard);
      const position = { epoch: memory.epoch, offset: memory.offset };
      record(topics, 'k', missed);
      const offsets = memory
        .missedSince(position, 'customer')
        ?.map((message) => ('offset' in message ? message.offset : null));
      const expected = Array.from({ length: missed }, (_, i) => heard + i + 1);
      expect(offsets).toEqual(missed <= TOPIC_EVENTS_MAX ? expected : undefined);
    }),
  );
});

test('a position of another epoch, or of the future, is none', () => {
  const { topics } = city();
  const memory = topics.add('k', listener);
  record(topics, 'k', 3);
  const missedSince = (epoch: string, offset: number) =>
    memory.missedSince({ epoch, offset }, 'customer');
  expect(missedSince(memory.epoch, 3)).toEqual([]);
  expect(missedSince(memory.epoch, 4)).toBeNull();
  expect(missedSince('0190f000-0000-7000-8000-000000000001', 1)).toBeNull();
});

test('a topic is remembered for a while without a listener, and then begins anew', () => {
  const { topics, passes } = city();
  const first = topics.add('k', listener);
  topics.remove('k', listener);
  passes(4 * MINUTE_MS);
  expect(topics.record('k', event(1))).toBe(1);
  expect(topics.add('k', listener)).toBe(first);
  passes(60 * MINUTE_MS);
  topics.add('other', listener);
  expect(topics.memory('k')).toBe(first);
  topics.remove('k', listener);
  passes(6 * MINUTE_MS);
  topics.add('third', listener);
  expect(topics.memory('k')).toBeNull();
  expect(topics.add('k', listener).epoch).not.toBe(first.epoch);
});

test('a topic to which nobody ever listened is not remembered', () => {
  const { topics } = city();
  expect(topics.record('k', event(1))).toBeNull();
  expect(topics.memory('k')).toBeNull();
});

test('who holds a topic sees its listeners come and go, and nothing is remembered for that', () => {
  const { topics, passes } = city();
  const held = topics.hold('k');
  expect([held.size, topics.record('k', event(1))]).toEqual([0, null]);
  topics.add('k', listener);
  expect(topics.listeners('k')).toBe(held);
  expect(held.has(listener)).toBe(true);
  topics.remove('k', listener);
  passes(6 * MINUTE_MS);
  topics.add('other', listener);
  expect(topics.memory('k')).toBeNull();
  // Forgotten meanwhile, and still the same listeners.
  topics.add('k', listener);
  expect([...held]).toEqual([listener]);
  expect([...topics.listened()].map(([key]) => key)).toEqual(['other', 'k']);
});

test('a topic is held until the last who holds it releases it', () => {
  const { topics, passes } = city();
  const held = topics.hold('k');
  expect(topics.hold('k')).toBe(held);
  topics.release('k');
  topics.add('k', listener);
  expect(held.size).toBe(1);
  topics.release('k');
  expect(topics.listeners('k')).toBe(held);
  topics.remove('k', listener);
  passes(6 * MINUTE_MS);
  topics.add('other', listener);
  // Nobody holds it, and it is forgotten: who holds it now begins anew.
  expect(topics.hold('k')).not.toBe(held);
  const neverListened = topics.hold('idle');
  topics.release('idle');
  expect(topics.hold('idle')).not.toBe(neverListened);
});

test('of all topics together only so many events are remembered: the oldest go first', () => {
  const { topics } = city();
  const old = topics.add('old', listener);
  record(topics, 'old', 2);
  for (let i = 0; i < 1_000; i++) topics.add(`k${i}`, listener);
  for (let i = 0; i < 33; i++) for (let k = 0; k < 1_000; k++) topics.record(`k${k}`, event(i));
  const since = (offset: number) => old.missedSince({ epoch: old.epoch, offset }, 'customer');
  expect([since(0), since(1), since(2)]).toEqual([null, null, []]);
});
