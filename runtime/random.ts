/** A source of random numbers, passed in wherever chance is needed so that a seed repeats a run. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

/* oxlint-disable no-restricted-properties -- the one place where the machine's own chance enters */
export const systemRandom: Random = { next: () => Math.random() };
/* oxlint-enable no-restricted-properties */

/**
 * Deterministic generator, the same on every machine.
 * Source: sfc32 by Chris Doty-Humphrey (PractRand), seeded by splitmix32; period about 2^128.
 * @param seed any integer; only its low 32 bits count.
 */
export function seededRandom(seed: number): Random {
  let mix = seed | 0;
  const split = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let t = mix ^ (mix >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) | 0;
  };
  let a = split();
  let b = split();
  let c = split();
  let counter = 1;
  return {
    next(): number {
      const t = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (c << 21) | (c >>> 11);
      c = (c + t) | 0;
      return (t >>> 0) / 4294967296;
    },
  };
}

/** Uniform integer in [low, high], both included. */
export function randomInteger(random: Random, low: number, high: number): number {
  return low + Math.floor(random.next() * (high - low + 1));
}

/** One element of a list that is not empty. */
export function randomPick<T>(random: Random, list: readonly T[]): T {
  const picked = list[Math.floor(random.next() * list.length)];
  if (picked === undefined) throw new RangeError('nothing to pick from: the list is empty');
  return picked;
}
