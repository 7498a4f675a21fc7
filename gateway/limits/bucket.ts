/** A bucket that is empty is full again after a minute, whatever fits in. */
const WINDOW_MS = 60_000;
/** Sums of parts of a minute are off by less. */
const ROUNDING_MS = 1e-6;

/**
 * When the bucket will be full once one more was taken of it, or NaN when there is nothing left to take:
 * a bucket is known by one number, the time at which it is full (the generic cell rate algorithm, ITU-T
 * I.371, A.1).
 * @param fullAtMs what it returned last; 0 for a new one
 * @param nowMs monotonic
 * @param everyMs how long one takes to come back: a minute, divided by what fits in
 * @hot bench: ingest
 */
export function takeOne(fullAtMs: number, nowMs: number, everyMs: number): number {
  const next = Math.max(nowMs, fullAtMs) + everyMs;
  return next - nowMs > WINDOW_MS + ROUNDING_MS ? Number.NaN : next;
}

/** How long it takes until one can be taken, ms. */
export function waitMsOf(fullAtMs: number, nowMs: number, everyMs: number): number {
  return Math.max(0, fullAtMs + everyMs - nowMs - WINDOW_MS);
}

export function everyMsOf(perMinute: number): number {
  return WINDOW_MS / perMinute;
}

/**
 * So many a minute, with room for a whole minute's at once. For what belongs to one socket: no map, no
 * window at whose edge twice as many pass.
 */
export class Bucket {
  readonly #everyMs: number;
  // Begun with a number: a field that was undefined once has a new heap object for each number in it.
  #fullAtMs = 0;

  constructor(perMinute: number) {
    this.#everyMs = everyMsOf(perMinute);
  }

  /** @returns false when there is nothing left to take. @param nowMs monotonic */
  take(nowMs: number): boolean {
    const fullAtMs = takeOne(this.#fullAtMs, nowMs, this.#everyMs);
    if (Number.isNaN(fullAtMs)) return false;
    this.#fullAtMs = fullAtMs;
    return true;
  }

  /** Until one can be taken. @param nowMs monotonic */
  waitMs(nowMs: number): number {
    return waitMsOf(this.#fullAtMs, nowMs, this.#everyMs);
  }
}
