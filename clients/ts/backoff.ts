import type { Random } from '../../runtime/portable.ts';

const FIRST_MS = 200;
const MAX_MS = 10_000;

/**
 * How long to wait before try number `tries` + 1, ms: doubling, with full jitter, so that clients
 * which lost the engine together do not come back together.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(tries: number, random: Random): number {
  return random.next() * Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(tries, 16));
}
