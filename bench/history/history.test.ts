import { expect, test } from 'vitest';
import { smoke } from '../bench-context.test-kit.ts';
import { historyBench } from './index.ts';

test('fixes are stored in three ways, and each has its figures', async () => {
  const { rows, results } = await smoke('history', { seconds: 0.1 }, (context) =>
    historyBench.run(context),
  );
  expect(rows.map(({ what }) => what)).toEqual(['store', 'copy', 'insert']);
  expect(Object.keys(results)).toEqual([
    'rows_per_second',
    'cpu_us_per_row',
    'rows_vs_copy',
    'rows_vs_insert',
  ]);
  for (const { value } of Object.values(results)) expect(value).toBeGreaterThan(0);
}, 60_000);
