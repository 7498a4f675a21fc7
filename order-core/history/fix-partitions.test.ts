import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../testing/index.ts';
import { dropFixPartitions, makeFixPartitions } from './fix-partitions.ts';
import { makePastDay, run } from './history.test-kit.ts';

let testDatabase: TestDatabase;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
});
afterEach(() => testDatabase.close());

/** Of the partitions, how many days from today each is. */
async function days(): Promise<number[]> {
  const rows = await run<{ ahead: number }>(
    testDatabase.database,
    `SELECT day - (clock_timestamp() AT TIME ZONE 'UTC')::date AS ahead
    FROM fix_partitions() ORDER BY day`,
  );
  return rows.map(({ ahead }) => ahead);
}

test('there are partitions from yesterday to a week from now, each made once', async () => {
  const { database } = testDatabase;
  expect(await days()).toEqual([-1, 0, 1, 2]);
  const made = await Promise.all(Array.from({ length: 4 }, () => makeFixPartitions(database)));
  expect(made.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 5]);
  expect(await days()).toEqual([-1, 0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a day goes when all of it is too old, and no other', async () => {
  const { database } = testDatabase;
  for (const daysAgo of [40, 8, 7]) await makePastDay(database, daysAgo);
  expect(await dropFixPartitions(database, 7)).toBe(2);
  expect(await days()).toEqual([-7, -1, 0, 1, 2]);
  expect(await dropFixPartitions(database, 7)).toBe(0);
});

test('what an older version has stored stays, and goes when all of it is too old', async () => {
  const { database, url } = testDatabase;
  const file = join(import.meta.dirname, '../migrations/0006_fix_history.sql');
  const client = new Client({ connectionString: url });
  await client.connect();
  // Back to how it was before that migration, with fixes.
  await client.query(`
    DROP TABLE courier_fixes;
    DROP FUNCTION fix_partitions, make_fix_partitions, drop_fix_partitions;
    CREATE TABLE courier_fixes (city_id text NOT NULL, courier_id text NOT NULL,
      at timestamptz NOT NULL, lat double precision NOT NULL, lng double precision NOT NULL,
      heading_degrees real NOT NULL, speed_mps real NOT NULL, accuracy_meters real NOT NULL);
    CREATE INDEX courier_fixes_at ON courier_fixes USING brin (at);
    INSERT INTO courier_fixes VALUES ('c1', 'k1', now() - interval '3 days', 1, 2, 3, 4, 5),
      ('c1', 'k1', now(), 1, 2, 3, 4, 5)`);
  await client.query(await readFile(file, 'utf8'));
  await client.end();
  expect(await days()).toEqual([0, 1, 2]);
  expect(await makeFixPartitions(database)).toBe(5);
  expect(await dropFixPartitions(database, 1)).toBe(0);
  expect(await run(database, 'SELECT FROM courier_fixes')).toHaveLength(2);
});
