import Table from 'cli-table3';
import type { Metrics } from './metrics.ts';

/** No colours: the table is also read in files and in logs. */
const PLAIN = { head: [], border: [], compact: true };
/** Violations of one instance that are shown; a broken rule tends to be broken by every order. */
const VIOLATIONS_SHOWN = 20;

const COLUMNS = [
  ['orders', 'orders', 0],
  ['bound', 'bound', 2],
  ['delivered_pct', 'delivered %', 2],
  ['ctd90', 'ctd90', 2],
  ['excess', 'excess', 2],
  ['rtp', 'RtP', 2],
  ['late_pct', 'late %', 2],
  ['cost_per_order', 'cost', 2],
  ['bundled_pct', 'bundled %', 2],
  ['max_epoch_ms', 'epoch ms', 1],
  ['seconds', 'seconds', 1],
] as const;

/** A line for each instance, by name, and their mean: of the instances, not of the orders. */
export function renderTable(all: readonly Metrics[]): string {
  const table = new Table({
    head: ['instance', ...COLUMNS.map(([, title]) => title)],
    colAligns: ['left', ...COLUMNS.map(() => 'right' as const)],
    style: PLAIN,
  });
  for (const metrics of all) {
    const cells = COLUMNS.map(([name, , digits]) => cell(metrics[name], digits));
    table.push([metrics.instance, ...cells]);
  }
  if (all.length > 0) {
    const means = COLUMNS.map(([name, , digits]) =>
      cell(mean(all.flatMap((metrics) => metrics[name] ?? [])), Math.max(1, digits)),
    );
    table.push(['mean', ...means]);
  }
  return table.toString();
}

/** Why there are no figures. */
export function renderViolations(instance: string, violations: readonly string[]): string {
  const more = violations.length - VIOLATIONS_SHOWN;
  const rules = violations.length === 1 ? 'a rule is' : 'rules are';
  return [
    `${instance}: ${rules} broken ${times(violations.length)}, so there are no figures.`,
    ...violations.slice(0, VIOLATIONS_SHOWN).map((violation) => `  ${violation}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function cell(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((total, value) => total + value, 0) / values.length;
}
