import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyBench } from './index.ts';

const directory = join(tmpdir(), `hexfleet-bench-history-test-${process.pid}`);

beforeAll(async () => {
  await mkdir(directory, { mode: 0o755 });
});
afterAll(() => rm(directory, { recursive: true }));

test('fixes are stored in three ways, and each has its figures', async () => {
  const { rows, results } = await historyBench.run({
    directory,
    signal: new AbortController().signal,
    say: () => undefined,
    options: {
      repetitions: 1,
      seconds: 0.1,
      rate: 1,
      rateMax: 1,
      couriers: 1,
      parts: [],
      pin: false,
      profile: undefined,
    },
  });
  expect(rows.map(({ what }) => what)).toEqual(['store', 'copy', 'insert']);
  expect(Object.keys(results)).toEqual([
    'rows_per_second',
    'cpu_us_per_row',
    'rows_vs_copy',
    'rows_vs_insert',
  ]);
  for (const { value } of Object.values(results)) expect(value).toBeGreaterThan(0);
}, 60_000);
