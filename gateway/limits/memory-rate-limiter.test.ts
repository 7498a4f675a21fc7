import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';
import type { Limit } from './rate-limiter.ts';

const THREE: Limit = { name: 'three', quota: 3, windowSeconds: 60 };

function limiterAt(keysMax?: number) {
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs };
  return { clock, limiter: new MemoryRateLimiter(clock, keysMax) };
}

test('the fourth of three is refused, and told when the quota is whole again', () => {
  const { clock, limiter } = limiterAt();
  const standings = [0, 1, 2].map(() => limiter.takeNow(THREE, 'anna'));
  expect(standings.map(({ remaining }) => remaining)).toEqual([2, 1, 0]);
  clock.nowMs = 20_000;
  expect(limiter.takeNow(THREE, 'anna')).toEqual({
    limit: THREE,
    allowed: false,
    remaining: 0,
    resetMs: 40_000,
  });
  expect(limiter.takeNow(THREE, 'ben').allowed).toBe(true);
  clock.nowMs = 60_000;
  expect(limiter.takeNow(THREE, 'anna')).toMatchObject({ allowed: true, remaining: 2 });
});

test('what was given back can be taken again', async () => {
  const { limiter } = limiterAt();
  for (let i = 0; i < 3; i++) await limiter.take(THREE, 'anna');
  await limiter.giveBack(THREE, 'anna');
  expect((await limiter.take(THREE, 'anna')).allowed).toBe(true);
  expect((await limiter.take(THREE, 'anna')).allowed).toBe(false);
});

test('who was never counted gives nothing back', async () => {
  const { limiter } = limiterAt();
  await limiter.giveBack(THREE, 'nobody');
  expect(limiter.takeNow(THREE, 'nobody').remaining).toBe(2);
});

test('windows that have ended are forgotten, and no more keys are kept than there is room for', () => {
  const { clock, limiter } = limiterAt(100);
  for (let i = 0; i < 1_000; i++) limiter.takeNow(THREE, `address-${i}`);
  expect(limiter.size).toBe(100);
  clock.nowMs = 61_000;
  limiter.takeNow(THREE, 'one more');
  expect(limiter.size).toBe(1);
});

test('whatever is asked when, each window lets exactly its quota pass', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 30_000 })));
  const property = fc.property(steps, (asked) => {
    const { clock, limiter } = limiterAt();
    /** The oracle: when each key's window ends, and how much of it is left. */
    const left = new Map<string, { endsAtMs: number; quota: number }>();
    for (const [key, afterMs] of asked) {
      clock.nowMs += afterMs;
      const known = left.get(key);
      const window =
        known === undefined || known.endsAtMs <= clock.nowMs
          ? { endsAtMs: clock.nowMs + 60_000, quota: 3 }
          : known;
      const allowed = window.quota > 0;
      if (allowed) window.quota -= 1;
      left.set(key, window);
      expect(limiter.takeNow(THREE, key)).toMatchObject({ allowed, remaining: window.quota });
    }
  });
  fc.assert(property);
});
