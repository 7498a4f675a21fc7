import Table from 'cli-table3';
import type { Finding } from './audit.ts';
import type { RobotFigures } from './order-robot.ts';

/** No colours: the table is also read in files and in logs. */
const PLAIN = { head: [], border: [], compact: true };
const COMPLAINTS_SHOWN_MAX = 10;

/** What a run came to; also what is written as JSON. */
export interface ChaosResult {
  readonly seed: number;
  readonly seconds: number;
  readonly orders_per_second: number;
  /** How often each fault was really injected. */
  readonly injected: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly delivered: number;
  /** How many, by reason. */
  readonly cancelled: Readonly<Record<string, number>>;
  readonly waiting_for_a_person: number;
  readonly held_back: number;
  readonly acknowledgement_ms: { readonly p50: number | null; readonly p99: number | null };
  /** Requests that customers had to repeat, by what went wrong before. */
  readonly retries: Readonly<Record<string, number>>;
  readonly robots: Omit<RobotFigures, 'failures' | 'breakages'>;
  /** Commands of robots that were not carried out, by error code. */
  readonly robot_failures: Readonly<Record<string, number>>;
  /** Wall time in which faults kept the engine from answering. */
  readonly engine_down_seconds: number;
  /** Of the stops of PostgreSQL, those after which the engine had it back without a restart. */
  readonly postgres_back_by_itself: number;
  /** What an engine said that did not start, or ended unasked. */
  readonly complaints: readonly string[];
  readonly invariants: Readonly<Record<string, number>>;
  readonly examples: Readonly<Record<string, readonly unknown[]>>;
  readonly wall_seconds: number;
}

/** Every promise was kept, and something was promised at all. */
export function isSound({ acknowledged, invariants }: ChaosResult): boolean {
  const counts = Object.values(invariants);
  return acknowledged > 0 && counts.length > 0 && counts.every((violations) => violations === 0);
}

export function countsOf(findings: Readonly<Record<string, Finding>>): Record<string, number> {
  const entries = Object.entries(findings);
  return Object.fromEntries(entries.map(([name, { violations }]) => [name, violations]));
}

/** Only of what is broken. */
export function examplesOf(
  findings: Readonly<Record<string, Finding>>,
): Record<string, readonly unknown[]> {
  const broken = Object.entries(findings).filter(([, { violations }]) => violations > 0);
  return Object.fromEntries(broken.map(([name, { examples }]) => [name, examples]));
}

/** The result as tables for a terminal. */
export function renderResult(result: ChaosResult): string {
  const parts = [
    tableOf('faults injected', sortedRows(result.injected)),
    tableOf('orders', orderRows(result)),
    tableOf('robots', [
      ...Object.entries(result.robots),
      ...sortedRows(result.robot_failures).map(([code, n]) => [`failed: ${code}`, n] as const),
    ]),
    tableOf('promise: violations', Object.entries(result.invariants)),
    ...result.complaints.slice(0, COMPLAINTS_SHOWN_MAX).map((text) => `the engine said: ${text}`),
    ...Object.entries(result.examples).map(
      ([name, examples]) => `${name}, for example:\n${JSON.stringify(examples, null, 2)}`,
    ),
  ];
  return parts.join('\n');
}

function orderRows(result: ChaosResult): (readonly [string, string | number])[] {
  const { p50, p99 } = result.acknowledgement_ms;
  const share = (100 * result.delivered) / Math.max(1, result.acknowledged);
  return [
    ['acknowledged', result.acknowledged],
    ['delivered', `${result.delivered} (${share.toFixed(1)} %)`],
    ...Object.entries(result.cancelled).map(([why, n]) => [`cancelled: ${why}`, n] as const),
    ['waiting for a person', result.waiting_for_a_person],
    ['not placed, too many waited', result.held_back],
    ['acknowledged after, ms, p50', p50?.toFixed(1) ?? '-'],
    ['acknowledged after, ms, p99', p99?.toFixed(1) ?? '-'],
    ...sortedRows(result.retries).map(([code, n]) => [`said again: ${code}`, n] as const),
    ['engine kept down, s', result.engine_down_seconds.toFixed(1)],
    ['PostgreSQL back by itself', result.postgres_back_by_itself],
  ];
}

function sortedRows(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).toSorted(([a], [b]) => a.localeCompare(b));
}

function tableOf(head: string, rows: readonly (readonly [string, string | number])[]): string {
  const table = new Table({ head: [head, ''], colAligns: ['left', 'right'], style: PLAIN });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
