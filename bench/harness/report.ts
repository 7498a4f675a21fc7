import Table from 'cli-table3';
import type { BenchResult, BenchRow } from './bench.ts';
import type { Machine } from './machine.ts';

/** No colours: the table is also read in files and in logs. */
const PLAIN = { head: [], border: [], compact: true };

export interface BenchReport extends BenchResult {
  readonly bench: string;
  readonly machine: Machine;
  readonly repetitions: number;
}

/** The report as it is written with `--json`: the shape that all benches share. */
export function toJson(report: BenchReport): string {
  const { bench, machine, repetitions, rows, results, notes } = report;
  const flat = rows.map(({ what, figures }) => ({ what, ...figures }));
  return `${JSON.stringify({ bench, machine, repetitions, rows: flat, results, notes }, null, 2)}\n`;
}

/** The report for a terminal: a table for each kind of row, the results, and on what they were taken. */
export function render(report: BenchReport): string {
  const { machine, results, notes } = report;
  const table = new Table({ head: ['result', 'median', 'min', 'max'], style: PLAIN });
  for (const [name, { value, min, max }] of Object.entries(results)) {
    table.push([name, ...[value, min, max].map(short)]);
  }
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  const memory = machine.data_in_memory ? ['the data lay in memory: commits cost nothing'] : [];
  return [
    ...groups(report.rows).map(rowsTable),
    table.toString(),
    `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, Node ${machine.node}`,
    packages.join(', '),
    ...[...notes, ...memory].map((note) => `* ${note}`),
  ].join('\n');
}

/** Rows one after the other that have the same columns. */
function groups(rows: readonly BenchRow[]): BenchRow[][] {
  const all: BenchRow[][] = [];
  for (const row of rows) {
    const last = all.at(-1);
    if (last !== undefined && columnsOf(last) === columnsOf([row])) last.push(row);
    else all.push([row]);
  }
  return all;
}

function columnsOf(rows: readonly BenchRow[]): string {
  return Object.keys(rows[0]?.figures ?? {}).join();
}

function rowsTable(rows: readonly BenchRow[]): string {
  const columns = Object.keys(rows[0]?.figures ?? {});
  const head = ['', ...columns.map((column) => column.replaceAll('_', ' '))];
  const table = new Table({ head, style: PLAIN, wordWrap: true });
  for (const { what, figures } of rows) {
    table.push([what, ...columns.map((column) => short(figures[column] ?? null))]);
  }
  return table.toString();
}

/** Three figures that count. */
function short(value: number | null): string {
  if (value === null) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
