/**
 * The only place that asks the machine for the time; the linter forbids `Date.now`, `new Date` and
 * `performance.now` elsewhere. Deadlines that must survive a crash or a wrong clock are not made
 * here: they are rows, compared with the database's clock.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump. For showing and storing. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start. Never jumps. For measuring and for waiting. */
  monotonicMs(): number;
}

/** As a global it is looked up by a getter each time, which costs more than the clock. */
const { performance } = globalThis;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** @param text `2020-07-18 09:07:17`, UTC @returns ms since the Unix epoch; NaN when it is no time */
export function utcMs(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
