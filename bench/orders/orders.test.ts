import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smokeContext } from '../bench-context.test-kit.ts';
import { BenchCity } from './bench-city.ts';
import { measureCeiling } from './ceiling.ts';
import { measurePlacements } from './placements.ts';
import { measureWholeLives } from './whole-lives.ts';

/** A second of everything: that figures come out, not which. */
const TIMEOUT_MS = 60_000;
const COURIERS = 10;
const directory = join(tmpdir(), `hexfleet-bench-test-${process.pid}`);
const context = smokeContext(directory, { seconds: 0.5, rate: 20, couriers: COURIERS });
let city: BenchCity;

beforeAll(async () => {
  await mkdir(directory, { mode: 0o755 });
  city = await BenchCity.start({ directory, couriers: COURIERS, profile: undefined });
}, TIMEOUT_MS);
afterAll(async () => {
  await city.stop();
  await rm(directory, { recursive: true });
}, TIMEOUT_MS);

test(
  'orders live from the click to the door while they are measured',
  async () => {
    const { results, notes } = await measureWholeLives(city, context);
    expect(results['lives_delivered']?.value).toBe(10);
    expect(results['lives_errors']?.value).toBe(0);
    expect(results['lives_click_to_delivered_p99_ms']?.value).toBeGreaterThan(0);
    expect(notes).toHaveLength(1);
    // As many again to warm up.
    expect(await delivered(city)).toBe(20);
  },
  TIMEOUT_MS,
);

test(
  'the rate rises until it is too much, or as far as it was told',
  async () => {
    const { rows } = await measureCeiling(city, context);
    expect(rows[0]?.what).toBe('ceiling, 100/s');
    expect(await delivered(city)).toBeGreaterThan(20);
  },
  TIMEOUT_MS,
);

test(
  'placements are measured beside bare SQL, and all of them are orders',
  async () => {
    const { results, rows, notes } = await measurePlacements(city, context);
    expect(Object.keys(results)).toEqual(
      expect.arrayContaining([
        'placements_vs_bare_sql',
        'placements_per_second',
        'placement_p99_ms',
      ]),
    );
    expect(results['placements_vs_bare_sql']?.value).toBeGreaterThan(0);
    expect(rows).toHaveLength(2);
    expect(notes.filter((note) => note.startsWith('refused'))).toEqual([]);
    expect(await city.orders()).toBeGreaterThan(10);
    expect(await bareOrders(city)).toBeGreaterThan(10);
  },
  TIMEOUT_MS,
);

async function delivered({ database }: BenchCity): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM orders WHERE state IN ('DELIVERED', 'COMPLETED')",
  );
  return rows[0]?.n ?? 0;
}

/** As many orders as keys: the peer stores whole placements. */
async function bareOrders({ engine }: BenchCity): Promise<number> {
  const url = Object.assign(new URL(engine.facts.databaseUrl), { pathname: '/bench_bare' }).href;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ orders: number; keys: number }>(
      `SELECT (SELECT count(*)::int FROM orders) AS orders,
        (SELECT count(*)::int FROM idempotency_keys) AS keys`,
    );
    expect(rows[0]?.keys).toBe(rows[0]?.orders);
    return rows[0]?.orders ?? 0;
  } finally {
    await client.end();
  }
}
