import { expect, test } from 'vitest';
import { sleep, systemClock } from './clock.ts';
import { LoopDelay } from './loop-delay.ts';
import { Metrics } from './metrics.ts';

function holdUp(ms: number): void {
  const untilMs = systemClock.monotonicMs() + ms;
  while (systemClock.monotonicMs() < untilMs);
}

test('every turn that holds up everything is seen, also when it is asked in between', async () => {
  const delay = new LoopDelay(new Metrics(false));
  for (let turn = 0; turn < 3; turn++) {
    holdUp(400);
    expect(delay.takeMaxMs()).toBeGreaterThan(300);
  }
  await expect.poll(() => delay.takeMaxMs(), { interval: 50 }).toBeLessThan(300);
  delay.stop();
});

test('a long turn counts for as long as it was', async () => {
  const metrics = new Metrics(false);
  const delay = new LoopDelay(metrics);
  await sleep(300);
  holdUp(1_000);
  await sleep(300);
  delay.stop();
  const { body } = await metrics.page();
  const upTo = (seconds: string): number => {
    const series = `hexfleet_loop_delay_seconds_bucket{le="${seconds}"} `;
    return Number(body.split(series)[1]?.split('\n')[0]);
  };
  // Ticks of 50 ms: twenty were due in it, nine or ten of them at least half a second before its end.
  expect(upTo('+Inf') - upTo('0.5')).toBeGreaterThanOrEqual(9);
  expect(upTo('+Inf') - upTo('0.1')).toBeGreaterThanOrEqual(17);
  expect(upTo('0.1')).toBeGreaterThan(0);
});
