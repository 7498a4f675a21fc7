import { Interrupted } from '../../runtime/index.ts';
import type { Figure } from './statistics.ts';

/** One bench of `npm run bench`. */
export interface Bench {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** What `--part` may choose. */
  readonly parts: readonly string[];
  /** What it takes where nothing else is asked for; else 200 a second and 400 couriers. */
  readonly usual?: Pick<BenchOptions, 'rate' | 'couriers'>;
  /** @throws Error when it cannot measure; `Interrupted` when `context.signal` ended it */
  readonly run: (context: BenchContext) => Promise<BenchResult>;
}

export interface BenchOptions {
  /** How often A and B are measured in turn. */
  readonly repetitions: number;
  /** Length of every measurement; each part has its own when this is undefined. */
  readonly seconds: number | undefined;
  /** Arrivals per second where load is open-loop. */
  readonly rate: number;
  /** Where a rising rate ends at the latest. */
  readonly rateMax: number;
  readonly couriers: number;
  /** Which parts to run; empty for all. */
  readonly parts: readonly string[];
  /** Keep the server and the load on cores of their own, where the bench and the system can. */
  readonly pin: boolean;
  /** Folder for CPU profiles of the server processes. */
  readonly profile: string | undefined;
  /** What the bench is given to work on instead of what it makes itself. */
  readonly file: string | undefined;
}

export interface BenchContext {
  readonly options: BenchOptions;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Progress, a line for people. */
  readonly say: (text: string) => void;
  /** A folder of this run's own, removed afterwards. */
  readonly directory: string;
}

/** One line of the table: what was measured, and its figures by the name of the column. */
export interface BenchRow {
  readonly what: string;
  readonly figures: Readonly<Record<string, number | null>>;
}

export interface BenchResult {
  readonly rows: readonly BenchRow[];
  readonly results: Readonly<Record<string, Figure>>;
  /** What a reader of the figures must know, such as what could not be measured. */
  readonly notes: readonly string[];
}

/** @throws Interrupted after Ctrl-C */
export function goOn(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted('interrupted');
}
