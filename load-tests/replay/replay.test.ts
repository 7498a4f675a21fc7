import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateDay, writeDay } from '../days/index.ts';
import type { ReplayResult } from './report.ts';
import { distributionOf } from './statistics.ts';

const REPLAY = join(import.meta.dirname, '../replay.ts');
const RECIPE = { orders: 40, restaurants: 6, couriers: 25, sizeMeters: 4_000, seed: 3 };
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hexfleet replay '));
});
afterAll(() => rm(directory, { recursive: true }));

/** At speed 300 the engine takes an hour of the city to start again; nobody loses patience meanwhile. */
const PATIENT = {
  RESTAURANT_ANSWER_SECONDS: '7200',
  COURIER_SEARCH_SECONDS: '7200',
  MANUAL_QUEUE_SECONDS: '7200',
  PAYMENT_DEADLINE_SECONDS: '7200',
};

function replay(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...PATIENT };
    execFile(process.execPath, [REPLAY, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

test('lunch time, with the engine killed on the way: all is delivered, every promise holds', async () => {
  const day = join(directory, 'day');
  const out = join(directory, 'out');
  await writeDay(day, generateDay(RECIPE));
  const lunch = ['--from', '690', '--to', '810'];
  const options = ['--day', day, '--out', out, '--speed', '300', '--kill-engine', '1', ...lunch];
  const { code, stdout, stderr } = await replay(...options);
  const result = JSON.parse(await readFile(join(out, 'replay.json'), 'utf8')) as ReplayResult;
  expect(result).toMatchObject({
    unfinished: [],
    refused: {},
    engine_kills: 1,
    invariants: {
      no_order_forgotten: 0,
      money_within_total: 0,
      no_double_assignment: 0,
      events_gapless: 0,
      read_models_agree: 0,
      cancelled_money_settled: 0,
      stock_not_negative: 0,
      provider_ledger_agrees: 0,
    },
  });
  expect(result.placed).toBeGreaterThan(5);
  const cancelled = Object.values(result.cancelled).reduce((sum, n) => sum + n, 0);
  expect(result.delivered + cancelled).toBe(result.placed);
  expect(result.delivered).toBeGreaterThan(result.placed / 2);
  expect(result.strategy).toBe('optimal');
  const undelivered = (100 * (result.placed - result.delivered)) / result.placed;
  expect(result.late_pct).toBeGreaterThanOrEqual(undelivered);
  expect(result.click_to_door_minutes.count).toBe(result.delivered);
  expect(result.position_latency_ms.count).toBeGreaterThan(0);
  expect(stdout).toContain('click-to-door');
  expect({ code, stderr }).toMatchObject({ code: 0 });

  const again = await replay('--day', day, '--out', out, '--speed', '600');
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') as string });
}, 120_000);

test('the same hour by two strategies, in a city that does not keep to its plans', async () => {
  const day = join(directory, 'hour');
  const out = join(directory, 'both');
  await writeDay(day, generateDay(RECIPE));
  const hour = ['--from', '700', '--to', '760', '--speed', '600', '--noise', '0.3'];
  const { code, stdout } = await replay('--day', day, '--out', out, ...hour, '--versus', 'nearest');
  const result = JSON.parse(await readFile(join(out, 'replay.json'), 'utf8')) as ReplayResult & {
    versus: ReplayResult;
  };
  expect(result).toMatchObject({ strategy: 'optimal', unfinished: [] });
  expect(result.versus).toMatchObject({ strategy: 'nearest', unfinished: [] });
  expect(result.versus.placed).toBe(result.placed);
  expect(result.eta_error_minutes.dropoff.minutes).toBeGreaterThan(0);
  expect(stdout).toMatch(/click-to-door, city min +│ +[\d.]+ +│ +[\d.]+/);
  expect(code).toBe(0);
}, 120_000);

test('a wrong call is answered with what is wrong', async () => {
  const { code, stderr } = await replay('--day', 'x', '--speed', 'fast');
  expect(code).toBe(2);
  expect(stderr).toMatch(/out/);
  expect(stderr).toMatch(/speed/);
});

test.each([
  ['--day', ['--day', 'nothere']],
  ['--anchor', ['--anchor', '95,0']],
  ['--anchor', ['--anchor', '0,181']],
  ['--speed', ['--speed', '0x10']],
  ['--from', ['--from', '1', '--to', '2']],
  ["'--bogus'", ['--bogus']],
])('a wrong %s is named, and nothing is made', async (option, args) => {
  const day = join(directory, 'small');
  await writeDay(day, generateDay({ ...RECIPE, orders: 5 }));
  const out = join(directory, 'never');
  const { code, stderr } = await replay('--day', day, '--out', out, '--speed', '600', ...args);
  expect(code).toBe(2);
  expect(stderr.split('\n')[0]).toContain(option);
  expect(existsSync(out)).toBe(false);
});

test('percentiles are values of the sample, and nothing is said of nothing', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect(distributionOf(hundred)).toEqual({ count: 100, mean: 50.5, p50: 50, p90: 90, p99: 99 });
  expect(distributionOf([])).toEqual({ count: 0, mean: null, p50: null, p90: null, p99: null });
});
