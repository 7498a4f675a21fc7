import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { smokeContext } from '../bench-context.test-kit.ts';
import { trackBench } from './index.ts';
import { readTraces, resample } from './traces.ts';

function measure(parts: readonly string[], file?: string) {
  return trackBench.run(smokeContext(tmpdir(), { parts, file }));
}

test('with noise what is shown is nearer to the truth than the fixes, and who stands hardly wanders', async () => {
  const { rows, results } = await measure(['accuracy']);
  expect(results['error_vs_raw']?.value).toBeLessThan(0.85);
  expect(results['standing_m_per_min']?.value).toBeLessThan(10);
  for (const { figures } of rows.slice(2)) {
    expect(figures['shown_error_m']).toBeLessThan(figures['raw_error_m'] ?? 0);
    const raw = figures['raw_standing_m_per_min'] ?? 0;
    expect(figures['shown_standing_m_per_min']).toBeLessThan(raw / 5);
  }
  // Without noise there is nothing to win, and little is lost.
  expect(rows[0]?.figures['shown_error_m']).toBeLessThan(5);
});

test('a fix has its price', async () => {
  const { results } = await measure(['cost']);
  expect(results['ns_per_fix']?.value).toBeGreaterThan(0);
});

test('recorded fixes are read, drops counted by reason, and gaps are no way', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hexfleet-traces-'));
  const file = join(directory, 'traces.csv');
  const fix = (second: number, lng: number): string =>
    `${lng},52.5,2020-07-18 09:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')},a`;
  const lines = [
    ...Array.from({ length: 10 }, (_, i) => fix(i * 10, 13.4 + i * 0.001)),
    fix(95, 14.4),
    ...Array.from({ length: 10 }, (_, i) => fix(600 + i * 10, 13.41 + i * 0.001)),
    'no,fix,at all,b',
  ];
  await writeFile(file, `longitude,latitude,timestamp,name_id\n${lines.toReversed().join('\n')}\n`);
  const [trace, ...others] = await readTraces(file);
  expect(others).toEqual([]);
  expect(resample(trace ?? [], 3_000).map((part) => part.length)).toEqual([30, 30]);
  const { rows } = await measure(['drops'], file);
  expect(rows[0]?.figures).toEqual({ taken: 20, too_fast: 1 });
  await rm(directory, { recursive: true });
});
