import { percentile } from '../harness/index.ts';

/** What is said between the bench and its load generators. */
export interface Load {
  /** Requests or transactions under way at once. */
  readonly concurrency: number;
  readonly seconds: number;
}

/** Measured by a load generator. */
export interface LoadResult {
  /** Answers that came in the time given. */
  readonly done: number;
  readonly seconds: number;
  /** Of each that succeeded, also those that ended just after the time, ms. */
  readonly latenciesMs: readonly number[];
  /** Failures by status or reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Wall clock at the first request, ms. */
  readonly startedAtMs: number;
}

/** Questions to `placement-client.ts`. */
export type ClientQuestion =
  | {
      readonly kind: 'connect';
      readonly url: string;
      /** Of many customers. */
      readonly tokens: readonly string[];
      readonly restaurants: readonly string[];
      readonly connections: number;
    }
  /** As many as the connections can carry. */
  | { readonly kind: 'closed'; readonly seconds: number; readonly run: string }
  /** `rate` a second, at evenly spaced moments, whether or not earlier ones were answered. */
  | {
      readonly kind: 'open';
      readonly seconds: number;
      readonly rate: number;
      readonly run: string;
    };

export function perSecond({ done, seconds }: LoadResult): number {
  return done / seconds;
}

/** Ms; NaN when nothing was answered. */
export function latencyMs(result: LoadResult, part: number): number {
  return percentile(result.latenciesMs, part) ?? Number.NaN;
}

/** Counts something by name. */
export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Every refusal, as a line for people; empty when there is none. */
export function describeRefusals(refused: Readonly<Record<string, number>>): string {
  return Object.entries(refused)
    .map(([reason, times]) => `${times} x ${reason}`)
    .join(', ');
}
