import Table from 'cli-table3';
import type { Calibration, EtaError } from './calibration.ts';
import type { Distribution } from './statistics.ts';

/** No colours: the table is also read in files and in logs. */
const PLAIN = { head: [], border: [], compact: true };

/** What a replay found; also what is written as JSON. */
export interface ReplayResult {
  readonly day: string;
  readonly speed: number;
  readonly seed: number;
  readonly placed: number;
  readonly delivered: number;
  /** How many, by reason. */
  readonly cancelled: Readonly<Record<string, number>>;
  /** Placements that the engine refused, by error code. */
  readonly refused: Readonly<Record<string, number>>;
  /** References of orders that came to no end. */
  readonly unfinished: readonly string[];
  /** How couriers were found. */
  readonly strategy: string;
  /** Of all orders, those at the door later than the day's target, or never; percent. */
  readonly late_pct: number;
  readonly click_to_door_minutes: Distribution;
  readonly ready_to_pickup_minutes: Distribution;
  readonly assignment_minutes: Distribution;
  /** How far the times that customers were told were off. */
  readonly eta_error_minutes: Calibration;
  /** From a fix's sending by the courier's app to its arrival on the customer's map, wall time. */
  readonly position_latency_ms: Distribution;
  readonly fixes_sent: number;
  readonly engine_kills: number;
  /** Violations of each; absent when they could not be checked. */
  readonly invariants: Readonly<Record<string, number>>;
  readonly wall_seconds: number;
}

/** Every order has an end, and every promise holds. */
export function isSound(result: ReplayResult): boolean {
  const counts = Object.values(result.invariants);
  return (
    result.unfinished.length === 0 &&
    Object.keys(result.refused).length === 0 &&
    counts.length > 0 &&
    counts.every((violations) => violations === 0)
  );
}

/** The result as tables for a terminal. */
export function renderResult(result: ReplayResult): string {
  const orders = new Table({ head: ['orders', ''], colAligns: ['left', 'right'], style: PLAIN });
  orders.push(['placed', result.placed]);
  const share = result.placed === 0 ? 0 : (100 * result.delivered) / result.placed;
  orders.push(['delivered', `${result.delivered} (${share.toFixed(1)} %)`]);
  for (const [reason, n] of Object.entries(result.cancelled)) {
    orders.push([`cancelled: ${reason}`, n]);
  }
  for (const [code, n] of Object.entries(result.refused)) orders.push([`refused: ${code}`, n]);
  if (result.unfinished.length > 0) orders.push(['without an end', result.unfinished.length]);
  orders.push([`late, couriers found by ${result.strategy}`, `${result.late_pct.toFixed(1)} %`]);
  orders.push(['fixes sent', result.fixes_sent]);
  if (result.engine_kills > 0) orders.push(['engine killed', `${result.engine_kills} times`]);

  const times = new Table({
    head: ['', 'n', 'mean', 'p50', 'p90', 'p99'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: PLAIN,
  });
  times.push(['click-to-door, city min', ...cells(result.click_to_door_minutes)]);
  times.push(['ready-to-pickup, city min', ...cells(result.ready_to_pickup_minutes)]);
  times.push(['assignment, city min', ...cells(result.assignment_minutes)]);
  times.push(['position latency, ms', ...cells(result.position_latency_ms)]);

  const eta = new Table({
    head: ['estimates, city min', 'shown for', 'MAE', 'bias'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: PLAIN,
  });
  const { dropoff, dropoff_by_plan, dropoff_by_courier, pickup } = result.eta_error_minutes;
  eta.push(['at the door', ...errorCells(dropoff)]);
  eta.push(['  before there is a courier', ...errorCells(dropoff_by_plan)]);
  eta.push(['  with a courier', ...errorCells(dropoff_by_courier)]);
  eta.push(['picked up', ...errorCells(pickup)]);

  const invariants = new Table({
    head: ['invariant', 'violations'],
    colAligns: ['left', 'right'],
    style: PLAIN,
  });
  invariants.push(...Object.entries(result.invariants));
  return [orders, times, eta, invariants].map((table) => table.toString()).join('\n');
}

/** What the strategies made of the same day, in the same run of both. */
export function renderComparison(one: ReplayResult, other: ReplayResult): string {
  const table = new Table({
    head: ['', one.strategy, other.strategy],
    colAligns: ['left', 'right', 'right'],
    style: PLAIN,
  });
  const row = (what: string, of: (result: ReplayResult) => number | null, digits: number): void =>
    void table.push([what, ...[one, other].map((r) => of(r)?.toFixed(digits) ?? '-')]);
  row('delivered', (r) => r.delivered, 0);
  row('late, %', (r) => r.late_pct, 1);
  row('click-to-door, city min', (r) => r.click_to_door_minutes.mean, 2);
  row('click-to-door p90', (r) => r.click_to_door_minutes.p90, 2);
  row('ready-to-pickup, city min', (r) => r.ready_to_pickup_minutes.mean, 2);
  row('ETA error (MAE), city min', (r) => r.eta_error_minutes.dropoff.mae, 2);
  return table.toString();
}

function cells({ count, mean, p50, p90, p99 }: Distribution): (string | number)[] {
  return [count, ...[mean, p50, p90, p99].map((value) => value?.toFixed(2) ?? '-')];
}

function errorCells({ minutes, mae, bias }: EtaError): (string | number)[] {
  return [minutes, mae?.toFixed(2) ?? '-', bias?.toFixed(2) ?? '-'];
}
