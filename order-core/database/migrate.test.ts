import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../testing/index.ts';
import { createLogger } from '../../runtime/index.ts';
import { migrate } from './migrate.ts';

const log = createLogger('silent');
let testDatabase: TestDatabase;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
beforeEach(async () => {
  await run('DROP SCHEMA public CASCADE');
  await run('CREATE SCHEMA public');
});
afterAll(() => testDatabase.close());

/** The statement is its own name: the tests run no other by it. */
async function run<Row>(text: string): Promise<Row[]> {
  return await testDatabase.database.query<Row>({ name: text.slice(0, 63), text });
}

test('an empty database gets every table, and the second time nothing happens', async () => {
  const first = await migrate(testDatabase.url, log);
  expect(first[0]).toBe('0001_core');
  expect(await run('SELECT FROM orders')).toEqual([]);
  expect(await migrate(testDatabase.url, log)).toEqual([]);
});

test('of nodes that start at once one migrates, and the others wait for it', async () => {
  const nodes = Array.from({ length: 4 }, () => migrate(testDatabase.url, log));
  const ran = (await Promise.all(nodes)).flat();
  expect(ran).toEqual([...new Set(ran)]);
  expect(await run('SELECT name FROM migrations ORDER BY id')).toEqual(
    ran.map((name) => ({ name })),
  );
});

test('a migration that fails leaves nothing of itself, and says why', async () => {
  await run('CREATE TABLE courier_fixes (of_somebody_else int)');
  await expect(migrate(testDatabase.url, log)).rejects.toMatchObject({
    code: 'migration_failed',
    details: { reason: 'relation "courier_fixes" already exists' },
  });
  expect(await run("SELECT to_regclass('orders') AS orders")).toEqual([{ orders: null }]);
});

test('a database with the history of another engine is refused', async () => {
  await migrate(testDatabase.url, log);
  await run("UPDATE migrations SET name = '0001_other' WHERE name = '0001_core'");
  await expect(migrate(testDatabase.url, log)).rejects.toMatchObject({ code: 'migration_failed' });
});

test.each([
  ['does not listen', { port: '1' }, /ECONNREFUSED/],
  ['knows another password', { password: 'secret-of-ours' }, /password authentication failed/],
  ['has no such database', { pathname: '/nowhere' }, /"nowhere" does not exist/],
])(
  'a server that %s is told by its reason, without the password',
  async (_what, change, reason) => {
    const url = Object.assign(new URL(testDatabase.url), change);
    const failure: unknown = await migrate(url.href, log).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'database_unavailable',
      details: { reason: expect.stringMatching(reason) as string },
    });
    expect(inspect(failure, { depth: 20 })).not.toContain(url.password);
  },
);
