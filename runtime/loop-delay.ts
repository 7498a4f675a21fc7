import { systemClock } from './clock.ts';

/** How often it is looked whether the loop goes round. */
const TICK_MS = 50;

/**
 * How long the event loop was held up by one thing at a time: how much later than meant a timer fires.
 *
 * Not Node's `monitorEventLoopDelay`: its `reset` forgets when it last looked, so of a loop that is held
 * up again and again, and is asked in between, it says that all is well.
 */
export class LoopDelay {
  #lookedAtMs = systemClock.monotonicMs();
  #maxMs = 0;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#look(), TICK_MS);
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

  #look(): void {
    const nowMs = systemClock.monotonicMs();
    this.#maxMs = Math.max(this.#maxMs, nowMs - this.#lookedAtMs - TICK_MS);
    this.#lookedAtMs = nowMs;
  }
}
