import type { Random } from '../../runtime/portable.ts';

const FIRST_MS = 200;
const MAX_MS = 10_000;

/**
 * How long to wait before try number `tries` + 1, ms: doubling, with full jitter, so that clients
 * which lost the engine together do not come back together.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(tries: number, random: Random): number {
  return random.next() * longestMs(tries);
}

/**
 * The same for one who gives up after some tries: half of each pause is certain ("equal jitter"), so
 * that by chance all tries are not over before an engine has started again.
 */
export function repeatMs(tries: number, random: Random): number {
  return ((1 + random.next()) / 2) * longestMs(tries);
}

function longestMs(tries: number): number {
  return Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(tries, 16));
}
