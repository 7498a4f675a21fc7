import { expect, test } from 'vitest';
import { createLogger, systemClock } from '../../runtime/index.ts';
import { createTestDatabase } from '../../testing/index.ts';
import { DatabaseClock } from './database-clock.ts';

test('a machine whose clock is wrong tells the time of the database', async () => {
  const scratch = await createTestDatabase();
  const machine = {
    nowMs: () => systemClock.nowMs() - 600_000,
    monotonicMs: () => systemClock.monotonicMs(),
  };
  const clock = await DatabaseClock.start(scratch.database, machine, createLogger('silent'));
  const before = systemClock.nowMs();
  expect(Math.abs(clock.nowMs() - before)).toBeLessThan(5_000);
  const first = clock.nowMs();
  await expect.poll(() => clock.nowMs() - first).toBeGreaterThan(0);
  await clock.stop();
  await scratch.close();
});
