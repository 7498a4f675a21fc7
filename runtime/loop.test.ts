import { expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { Loop } from './loop.ts';

const log = createLogger('silent');
/** No test waits so long: a loop that sleeps has to be woken. */
const FOREVER_MS = 1_000_000;

test('a round that says there is more is followed at once by another', async () => {
  let rounds = 0;
  const done = Promise.withResolvers<void>();
  const loop = new Loop({
    name: 'test',
    idleMs: FOREVER_MS,
    log,
    round: () => {
      rounds += 1;
      if (rounds === 3) done.resolve();
      return Promise.resolve(rounds < 3);
    },
  });
  loop.start();
  await done.promise;
  await loop.stop();
  expect(rounds).toBe(3);
});

test('a wake during a round is not lost: another round follows', async () => {
  let rounds = 0;
  const done = Promise.withResolvers<void>();
  const loop: Loop = new Loop({
    name: 'test',
    idleMs: FOREVER_MS,
    log,
    round: () => {
      rounds += 1;
      if (rounds === 1) loop.wake();
      else done.resolve();
      return Promise.resolve(false);
    },
  });
  loop.start();
  await done.promise;
  await loop.stop();
  expect(rounds).toBe(2);
});

test('a round that fails does not end the loop', async () => {
  let rounds = 0;
  const done = Promise.withResolvers<void>();
  const loop = new Loop({
    name: 'test',
    idleMs: 1,
    log,
    round: () => {
      rounds += 1;
      if (rounds === 1) return Promise.reject(new Error('the database is away'));
      done.resolve();
      return Promise.resolve(false);
    },
  });
  loop.start();
  await done.promise;
  await loop.stop();
  expect(rounds).toBeGreaterThanOrEqual(2);
});

test('stop waits for the running round, and none follows', async () => {
  let ended = 0;
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const loop = new Loop({
    name: 'test',
    idleMs: 0,
    log,
    round: async () => {
      entered.resolve();
      await release.promise;
      ended += 1;
      return true;
    },
  });
  loop.start();
  await entered.promise;
  const stopped = loop.stop();
  expect(ended).toBe(0);
  release.resolve();
  await stopped;
  expect(ended).toBe(1);
});
