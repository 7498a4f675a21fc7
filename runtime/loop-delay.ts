import { systemClock } from './clock.ts';
import type { LatencyTally } from './latency-tally.ts';
import type { Metrics } from './metrics.ts';

/** How often it is looked whether the loop goes round. Each look wakes an idle process, so not oftener. */
const TICK_MS = 50;

/** Closer where most delays are, and about what is felt. */
export const LOOP_DELAY_BOUNDS_SECONDS: readonly number[] = [
  0.000_5, 0.001, 0.002, 0.003, 0.005, 0.007_5, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1,
  2.5, 5, 10,
];

/**
 * How long the event loop was held up by one thing at a time: how much later than meant a timer fires.
 *
 * Not Node's `monitorEventLoopDelay`: its `reset` forgets when it last looked, so of a loop that is held
 * up again and again, and is asked in between, it says that all is well.
 */
export class LoopDelay {
  #lookedAtMs = systemClock.monotonicMs();
  #maxMs = 0;
  #tickedAtMs = this.#lookedAtMs;
  readonly #seconds: LatencyTally;
  readonly #timer: NodeJS.Timeout;

  constructor(metrics: Metrics) {
    this.#seconds = metrics.latencyTally(
      'hexfleet_loop_delay_seconds',
      'How much later than meant a timer of 50 ms fires, also those that a long turn has left out',
      LOOP_DELAY_BOUNDS_SECONDS,
    );
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** The longest since it was last asked, ms. */
  takeMaxMs(): number {
    this.#look();
    const maxMs = this.#maxMs;
    this.#maxMs = 0;
    return maxMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * A turn of ten seconds is one tick that is late, and two hundred that were left out: whoever came
   * meanwhile waited too, so they count as late as they would have been. Source: G. Tene's correction for
   * coordinated omission, as in HdrHistogram.
   */
  #tick(): void {
    const nowMs = this.#look();
    const lateMs = Math.max(0, nowMs - this.#tickedAtMs - TICK_MS);
    this.#tickedAtMs = nowMs;
    this.#seconds.observe(lateMs / 1000);
    for (let ms = lateMs - TICK_MS; ms > 0; ms -= TICK_MS) this.#seconds.observe(ms / 1000);
  }

  /** Whoever asks between two ticks hears of what holds up the next. @returns now, ms */
  #look(): number {
    const nowMs = systemClock.monotonicMs();
    this.#maxMs = Math.max(this.#maxMs, nowMs - this.#lookedAtMs - TICK_MS);
    this.#lookedAtMs = nowMs;
    return nowMs;
  }
}
