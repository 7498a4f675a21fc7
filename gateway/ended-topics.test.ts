import { expect, test } from 'vitest';
import type { Role } from '../protocol/index.ts';
import { TimeScale } from '../runtime/index.ts';
import { closeEndedTopics } from './ended-topics.ts';
import { Topics, type TopicListener } from './socket/topics.ts';

test('half an hour of the city after its end, an order is told only to those who look after orders', () => {
  const topics = new Topics();
  const told: string[] = [];
  for (const role of ['customer', 'operator'] satisfies Role[]) {
    const exclude = (topic: string, reason: string) => void told.push(`${role} ${topic} ${reason}`);
    const listener = { actor: { role }, exclude } as unknown as TopicListener;
    topics.add('c1/order:o1', listener).endedAtMs = 1_000;
    topics.add('c1/order:o2', listener);
  }
  let nowMs = 1_000 + 30_000;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  closeEndedTopics({ topics, clock, timeScale: new TimeScale(60) });
  expect(told).toEqual([]);
  nowMs += 1;
  closeEndedTopics({ topics, clock, timeScale: new TimeScale(60) });
  expect(told).toEqual(['customer order:o1 order_ended']);
});
