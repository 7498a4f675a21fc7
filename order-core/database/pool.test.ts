import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../testing/index.ts';
import { AssertionFailed, createLogger, seededRandom } from '../../runtime/index.ts';
import { Database, type Queryable, type Statement } from './pool.ts';

let testDatabase: TestDatabase;
let database: Database;
let statements = 0;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  ({ database } = testDatabase);
  await database.query(
    sql(`CREATE TABLE counters (
      id text CONSTRAINT counters_id PRIMARY KEY,
      n bigint NOT NULL CONSTRAINT counters_positive CHECK (n >= 0),
      parent text CONSTRAINT counters_parent REFERENCES counters)`),
  );
});
beforeEach(async () => {
  await database.query(sql('TRUNCATE counters'));
  await database.query(sql("INSERT INTO counters VALUES ('a', 1)"));
});
afterAll(() => testDatabase.close());

function sql(text: string): Statement {
  statements += 1;
  return { name: `test_${statements}`, text };
}

/** A pool of one connection, to see what becomes of it. */
function openSingle(url: string = testDatabase.url): Database {
  return new Database({ url, poolSize: 1, log: createLogger('silent'), random: seededRandom(1) });
}

async function counter(of: Queryable, id = 'a'): Promise<number | undefined> {
  const rows = await of.query<{ n: number }>(sql('SELECT n FROM counters WHERE id = $1'), [id]);
  return rows[0]?.n;
}

async function backendPid(of: Queryable): Promise<number> {
  const rows = await of.query<{ pid: number }>(sql('SELECT pg_backend_pid() AS pid'));
  return rows[0]?.pid ?? 0;
}

/** A promise that the test resolves itself. */
function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

test('every connection has its limits set at the server', async () => {
  const limits = await database.query(
    sql(`SELECT name, setting::int AS ms FROM pg_settings
          WHERE name LIKE '%_timeout' AND source = 'client' ORDER BY name`),
  );
  expect(limits).toEqual([
    { name: 'idle_in_transaction_session_timeout', ms: 10_000 },
    { name: 'lock_timeout', ms: 2_000 },
    { name: 'statement_timeout', ms: 4_500 },
  ]);
});

test('a bigint is a number, and one that is no safe integer fails its query', async () => {
  expect(await counter(database)).toBe(1);
  await expect(database.query(sql('SELECT 9007199254740993::bigint'))).rejects.toThrow(
    AssertionFailed,
  );
});

test.each([
  ['unique_violation', 'counters_id', "INSERT INTO counters VALUES ('a', 2)"],
  ['check_violation', 'counters_positive', "UPDATE counters SET n = -1 WHERE id = 'a'"],
  ['foreign_key_violation', 'counters_parent', "INSERT INTO counters VALUES ('b', 1, 'none')"],
])('a %s names its constraint and never a value', async (code, constraint, text) => {
  const statement = sql(text);
  const failure: unknown = await database.query(statement).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code, details: { constraint, statement: statement.name } });
  expect(JSON.stringify(failure)).not.toContain('none');
});

test('a condition that does not hold gives statement_refused with its reason', async () => {
  const statement = sql("SELECT must(false, 'the courier is off duty')");
  await expect(database.query(statement)).rejects.toMatchObject({
    code: 'statement_refused',
    details: { reason: 'the courier is off duty' },
  });
});

test('a mistake in a statement is a fault of ours', async () => {
  await expect(database.query(sql('SELECT FROM nowhere'))).rejects.toMatchObject({
    code: 'database_fault',
    details: { sqlstate: '42P01' },
  });
});

test('a transaction whose work throws changes nothing, and its connection serves on', async () => {
  const single = openSingle();
  const pid = await backendPid(single);
  const failing = single.transaction(async (tx) => {
    await tx.query(sql("UPDATE counters SET n = 5 WHERE id = 'a'"));
    throw new RangeError('on second thought');
  });
  await expect(failing).rejects.toThrow('on second thought');
  expect(await counter(single)).toBe(1);
  expect(await backendPid(single)).toBe(pid);
  await single.close();
});

test('a transaction that swallows the error of a statement is not taken for committed', async () => {
  const swallowing = database.transaction(async (tx) => {
    await tx.query(sql("UPDATE counters SET n = 5 WHERE id = 'a'"));
    await tx.query(sql('SELECT 1 / 0')).catch(() => undefined);
  });
  await expect(swallowing).rejects.toThrow(AssertionFailed);
  expect(await counter(database)).toBe(1);
});

/** Adds one to what it read, although another transaction changes the row in between, `times` times. */
function addInConflict(times: number, retries?: number): Promise<number> {
  let runs = 0;
  return database.transaction(
    async (tx) => {
      runs += 1;
      await tx.query(sql('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ'));
      const n = (await counter(tx)) ?? 0;
      if (runs <= times) await database.query(sql("UPDATE counters SET n = n + 10 WHERE id = 'a'"));
      await tx.query(sql("UPDATE counters SET n = $1 WHERE id = 'a'"), [n + 1]);
      return runs;
    },
    retries === undefined ? {} : { retries },
  );
}

test('a transaction that lost to another one runs again on what that one left', async () => {
  expect(await addInConflict(2)).toBe(3);
  expect(await counter(database)).toBe(22);
});

test('a transaction that loses each time ends with transaction_conflict', async () => {
  await expect(addInConflict(9, 1)).rejects.toMatchObject({
    code: 'transaction_conflict',
    retryable: true,
    details: { sqlstate: '40001' },
  });
  expect(await counter(database)).toBe(21);
});

test('a statement that takes too long is cancelled, and its connection serves on', async () => {
  const single = openSingle();
  const pid = await backendPid(single);
  const slow = single.transaction(async (tx) => {
    await tx.query(sql('SET LOCAL statement_timeout = 20'));
    await tx.query(sql('SELECT pg_sleep(60)'));
  });
  await expect(slow).rejects.toMatchObject({ code: 'statement_timeout', retryable: true });
  expect(await backendPid(single)).toBe(pid);
  await single.close();
});

test('rows that are copied are stored all at once or not at all, and the connection serves on', async () => {
  const single = openSingle();
  const copy = sql('COPY counters (id, n) FROM STDIN');
  await single.copyIn(copy, Buffer.from('b\t2\nc\t3\n'));
  expect(await counter(single, 'c')).toBe(3);
  await expect(single.copyIn(copy, Buffer.from('d\t4\na\t5\n'))).rejects.toMatchObject({
    code: 'unique_violation',
    details: { constraint: 'counters_id' },
  });
  expect(await counter(single, 'd')).toBeUndefined();
  expect(single.figures()).toMatchObject({ total: 1, idle: 1 });
  await single.close();
});

test('a copy that waits for a lock gives lock_timeout', async () => {
  const single = openSingle();
  await database.transaction(async (tx) => {
    await tx.query(sql('LOCK TABLE counters IN ACCESS EXCLUSIVE MODE'));
    const copied = single.copyIn(sql('COPY counters (id, n) FROM STDIN'), Buffer.from('b\t2\n'));
    await expect(copied).rejects.toMatchObject({ code: 'lock_timeout', retryable: true });
  });
  expect(await counter(single, 'b')).toBeUndefined();
  await single.close();
});

test('a row that another transaction holds gives lock_timeout', async () => {
  const done = gate();
  const held = gate();
  const holder = database.transaction(async (tx) => {
    await tx.query(sql("SELECT FROM counters WHERE id = 'a' FOR UPDATE"));
    held.open();
    await done.opened;
  });
  await held.opened;
  const waiter = database.transaction(async (tx) => {
    await tx.query(sql('SET LOCAL lock_timeout = 20'));
    await tx.query(sql("UPDATE counters SET n = 5 WHERE id = 'a'"));
  });
  await expect(waiter).rejects.toMatchObject({ code: 'lock_timeout', retryable: true });
  done.open();
  await holder;
});

test('a connection that dies under a transaction is replaced by a new one', async () => {
  const single = openSingle();
  const pid = await backendPid(single);
  const dying = single.transaction(async (tx) => {
    await tx.query(sql("UPDATE counters SET n = 5 WHERE id = 'a'"));
    await database.query(sql('SELECT pg_terminate_backend($1, 5000)'), [pid]);
    await tx.query(sql('SELECT 1'));
  });
  await expect(dying).rejects.toMatchObject({ code: 'database_unavailable', retryable: true });
  expect(await counter(single)).toBe(1);
  expect(await backendPid(single)).not.toBe(pid);
  await single.close();
});

test('a connection that dies idle leaves the pool and disturbs nobody', async () => {
  const single = openSingle();
  const pid = await backendPid(single);
  await database.query(sql('SELECT pg_terminate_backend($1, 5000)'), [pid]);
  await expect.poll(() => single.figures().total).toBe(0);
  expect(await counter(single)).toBe(1);
  await single.close();
});

test('the caller beyond the thousand that wait is told at once, and the thousand are served', async () => {
  const single = openSingle();
  const done = gate();
  const taken = gate();
  const holder = single.transaction(async () => {
    taken.open();
    await done.opened;
  });
  await taken.opened;
  const statement = sql('SELECT 1 AS n');
  const waiting = Array.from({ length: 1_000 }, () => single.query(statement));
  await expect(single.query(statement)).rejects.toMatchObject({
    code: 'database_busy',
    details: { waiting: 1_000 },
    retryAfterMs: 1_000,
  });
  await expect.poll(() => single.longestWaitMs()).toBeGreaterThan(0);
  done.open();
  await holder;
  expect(await Promise.all(waiting)).toHaveLength(1_000);
  expect(single.longestWaitMs()).toBe(0);
  await single.close();
});

test('a close waits for the transaction that is under way', async () => {
  const single = openSingle();
  const begun = gate();
  const transaction = single.transaction(async (tx) => {
    begun.open();
    await tx.query(sql("UPDATE counters SET n = 6 WHERE id = 'a'"));
  });
  await begun.opened;
  await single.close();
  await transaction;
  expect(await counter(database)).toBe(6);
});

test.each([
  ['that does not listen', { port: '1' }, 'database_unavailable'],
  ['that knows another password', { password: 'secret-of-ours' }, 'database_fault'],
  ['without this database', { pathname: '/nowhere' }, 'database_fault'],
])('a server %s gives an error that does not tell the password', async (_what, change, code) => {
  const url = Object.assign(new URL(testDatabase.url), change);
  const single = openSingle(url.href);
  const failure: unknown = await single.query(sql('SELECT 1')).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code });
  expect(inspect(failure, { depth: 20 })).not.toContain(url.password);
  await single.close();
});
