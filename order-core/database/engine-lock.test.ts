import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../testing/index.ts';
import { createLogger } from '../../runtime/index.ts';
import { acquireEngineLock } from './engine-lock.ts';

const log = createLogger('silent');
let testDatabase: TestDatabase;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
});
afterEach(() => testDatabase.close());

const HOLDERS = `SELECT pid FROM pg_locks
  WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

async function holders(): Promise<number[]> {
  const rows = await testDatabase.database.query<{ pid: number }>({
    name: 'test_lock_holders',
    text: HOLDERS,
  });
  return rows.map(({ pid }) => pid);
}

test('one engine at a time has the lock, and the next one gets it when it is released', async () => {
  const first = await acquireEngineLock(testDatabase.url, log);
  await expect(acquireEngineLock(testDatabase.url, log)).rejects.toMatchObject({
    code: 'data_in_use',
  });
  await first.release();
  const second = await acquireEngineLock(testDatabase.url, log);
  expect(await holders()).toHaveLength(1);
  await second.release();
});

test('a lock whose session died is taken again', async () => {
  const lock = await acquireEngineLock(testDatabase.url, log);
  const [first] = await holders();
  const client = new Client({ connectionString: testDatabase.url });
  await client.connect();
  await client.query('SELECT pg_terminate_backend($1, 5000)', [first]);
  await client.end();
  await expect.poll(holders, { timeout: 5_000 }).toEqual([expect.not.stringMatching(`${first}`)]);
  await lock.release();
  expect(await holders()).toEqual([]);
});
