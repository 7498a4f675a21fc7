import { required } from '../../runtime/index.ts';

/** A figure taken several times. */
export interface Figure {
  /** The median. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

/** @param values at least one; of an even number the median is the mean of the middle two */
export function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number): number => required(sorted[index], 'a value of the sample');
  return {
    value: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** Nearest rank, a value of the sample. @param part 0 to 1 @returns null for an empty sample */
export function percentile(values: readonly number[], part: number): number | null {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}
