import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { LoopDelay } from './loop-delay.ts';

function holdUp(ms: number): void {
  const untilMs = systemClock.monotonicMs() + ms;
  while (systemClock.monotonicMs() < untilMs);
}

test('every turn that holds up everything is seen, also when it is asked in between', async () => {
  const delay = new LoopDelay();
  for (let turn = 0; turn < 3; turn++) {
    holdUp(400);
    expect(delay.takeMaxMs()).toBeGreaterThan(300);
  }
  await expect.poll(() => delay.takeMaxMs(), { interval: 50 }).toBeLessThan(300);
  delay.stop();
});
