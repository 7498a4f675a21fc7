import { expect, test } from 'vitest';
import { readConfig, type CityId } from '../../runtime/index.ts';
import type { Role } from '../../protocol/index.ts';
import { takeOne } from './bucket.ts';
import { frameEveryMs, SocketBudget, type FrameVerdict } from './socket-budget.ts';

const actor = (role: Role) => ({ role, subject: 'x', cityId: 'c1' as CityId });
const budgetOf = (role: Role, env = {}) => new SocketBudget(readConfig(env), actor(role));

/** How many of so many messages, evenly spread over the time, are taken. */
function taken(budget: SocketBudget, type: string, messages: number, everyMs: number): number {
  let count = 0;
  for (let i = 0; i < messages; i++) {
    try {
      budget.requireMessage(type, i * everyMs);
      count += 1;
    } catch {
      // Counted by what is missing.
    }
  }
  return count;
}

test('an app that says what people do is never refused', () => {
  expect(taken(budgetOf('customer'), 'subscribe', 1_000, 500)).toBe(1_000);
  expect(taken(budgetOf('courier'), 'fix', 1_000, 1_000)).toBe(1_000);
});

test('of commands in one moment, a minute’s are taken; of staff ten times as many', () => {
  expect(taken(budgetOf('customer'), 'cancel_order', 500, 0)).toBe(120);
  expect(taken(budgetOf('operator'), 'subscribe', 2_000, 0)).toBe(1_200);
});

test('fixes as JSON and commands do not use up each other', () => {
  const budget = budgetOf('courier');
  expect(taken(budget, 'fix', 100, 0)).toBe(60);
  expect(taken(budget, 'pick_up', 100, 0)).toBe(100);
});

function verdicts(frames: number, gapMs: number) {
  const counts: Record<FrameVerdict | 'taken', number> = { taken: 0, warn: 0, drop: 0, close: 0 };
  const budget = budgetOf('courier');
  const everyMs = frameEveryMs(readConfig({}));
  let fullAtMs = 0;
  for (let i = 0; i < frames; i++) {
    const next = takeOne(fullAtMs, i * gapMs, everyMs);
    counts[Number.isNaN(next) ? budget.frameRefused(i * gapMs) : 'taken'] += 1;
    if (!Number.isNaN(next)) fullAtMs = next;
  }
  return counts;
}

test('a courier who sends a frame a second, and now and then a backlog, is never refused', () => {
  expect(verdicts(3_600, 1_000)).toMatchObject({ taken: 3_600 });
});

test('a flood of frames is taken in part, warned now and then, and at last closed', () => {
  const { taken, warn, close } = verdicts(60_000, 1);
  // 300 at once and 5 a second after that.
  expect(taken).toBe(599);
  expect(warn).toBeGreaterThanOrEqual(1);
  expect(warn).toBeLessThanOrEqual(6);
  expect(close).toBeGreaterThan(0);
});

test('who goes on sending messages that are refused is no longer read', () => {
  const budget = budgetOf('customer');
  const read = Array.from({ length: 1_000 }, () => budget.mayRead(0)).filter(Boolean).length;
  expect(read).toBe(480);
});

test('turned off, everything is taken', () => {
  const budget = budgetOf('courier', { RATE_LIMITS: 'off' });
  expect(frameEveryMs(readConfig({ RATE_LIMITS: 'off' }))).toBe(0);
  expect(taken(budget, 'fix', 1_000, 0)).toBe(1_000);
  expect(budget.mayRead(0)).toBe(true);
});
