/** What a histogram has counted: up to and with each bound, ascending. The last bound is Infinity. */
export type Buckets = readonly (readonly [bound: number, counted: number])[];

/**
 * Linear within a bucket, as Prometheus' `histogram_quantile` has it.
 * @param part 0 to 1
 * @returns the last finite bound when it lies above it; NaN when nothing was counted
 */
export function quantileOf(buckets: Buckets, part: number): number {
  const rank = part * (buckets.at(-1)?.[1] ?? 0);
  if (rank === 0) return Number.NaN;
  let [below, countedBelow] = [0, 0];
  for (const [bound, counted] of buckets) {
    if (counted >= rank && Number.isFinite(bound)) {
      return below + ((bound - below) * (rank - countedBelow)) / (counted - countedBelow);
    }
    if (Number.isFinite(bound)) [below, countedBelow] = [bound, counted];
  }
  return below;
}
