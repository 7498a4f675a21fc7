import { signal, type ReadonlySignal } from '@preact/signals';
import { systemClock } from '../../runtime/portable.ts';

const TICK_MS = 1_000;

const ticking = signal(systemClock.nowMs());
setInterval(() => {
  ticking.value = systemClock.nowMs();
}, TICK_MS);

/** This device's clock, ms since the Unix epoch, told once a second: for countdowns. */
export const deviceNowMs: ReadonlySignal<number> = ticking;
