import { expect, test } from 'vitest';
import { readConfig, type CityId } from '../../runtime/index.ts';
import type { Role } from '../../protocol/index.ts';
import { SocketBudget, type FrameVerdict } from './socket-budget.ts';

const actor = (role: Role) => ({ role, subject: 'x', cityId: 'c1' as CityId });
const budgetOf = (role: Role, env = {}) => new SocketBudget(readConfig(env), actor(role), 0);

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

function verdicts(budget: SocketBudget, frames: number, everyMs: number) {
  const counts: Record<FrameVerdict, number> = { taken: 0, warned: 0, dropped: 0, flood: 0 };
  for (let i = 0; i < frames; i++) counts[budget.frame(i * everyMs)] += 1;
  return counts;
}

test('a courier who sends a frame a second, and now and then a backlog, is never refused', () => {
  const budget = budgetOf('courier');
  expect(verdicts(budget, 3_600, 1_000)).toMatchObject({ taken: 3_600 });
});

test('a flood of frames is taken in part, warned now and then, and at last closed', () => {
  const { taken, warned, flood } = verdicts(budgetOf('courier'), 60_000, 1);
  // 300 at once and 5 a second after that.
  expect(taken).toBe(599);
  expect(warned).toBeGreaterThanOrEqual(1);
  expect(warned).toBeLessThanOrEqual(6);
  expect(flood).toBeGreaterThan(0);
});

test('who goes on sending messages that are refused is no longer read', () => {
  const budget = budgetOf('customer');
  const read = Array.from({ length: 1_000 }, () => budget.mayRead(0)).filter(Boolean).length;
  expect(read).toBe(480);
});

test('turned off, everything is taken', () => {
  const budget = budgetOf('courier', { RATE_LIMITS: 'off' });
  expect(verdicts(budget, 10_000, 0)).toMatchObject({ taken: 10_000 });
  expect(taken(budget, 'fix', 1_000, 0)).toBe(1_000);
  expect(budget.mayRead(0)).toBe(true);
});
