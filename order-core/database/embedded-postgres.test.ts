import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createLogger, isProcessAlive } from '../../runtime/index.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';

const log = createLogger('silent');
/** A directory that only we may enter, with spaces in its name. */
let dataDir = '';
const others: ChildProcess[] = [];
/** Each watches over its server until it is stopped. */
const started: EmbeddedPostgres[] = [];

beforeAll(async () => {
  // Named as the data of a test run, so that the next run ends what an interrupted one has left.
  dataDir = await mkdtemp(join(tmpdir(), `hexfleet-test-${process.pid} with spaces `));
});
afterEach(async () => {
  for (const other of others.splice(0)) other.kill('SIGKILL');
  await start();
  for (const postgres of started.splice(0)) await postgres.stop();
});
afterAll(() => rm(dataDir, { recursive: true }));

async function start(durable = false): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log, durable });
  started.push(postgres);
  return postgres;
}

/** An engine in a process group of its own, as a terminal would give it. */
async function startOtherEngine(): Promise<{ pid: number; url: string; exited: Promise<unknown> }> {
  const program = new URL('embedded-postgres.test-engine.ts', import.meta.url);
  const other = fork(program, [dataDir], { detached: true });
  others.push(other);
  const exited = once(other, 'exit');
  const [{ url }] = (await once(other, 'message')) as [{ url: string }];
  return { pid: other.pid ?? 0, url, exited };
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  // A server that is killed under the connection: the query fails, and that is what counts.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function serverPid(): Promise<number> {
  return Number((await readFile(pidFile(), 'utf8')).split('\n')[0]);
}

/** A process that has ended may wait as a zombie for whoever asks for its exit code. */
async function isRunning(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return isProcessAlive(pid) && !state.includes(') Z ');
}

function pidFile(): string {
  return join(dataDir, 'postgres', 'postmaster.pid');
}

test('a start after a stop finds the data again', async () => {
  const first = await start();
  await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
  await first.stop();
  const second = await start();
  expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
});

test('a stop leaves no process, and a second stop has nothing to do', async () => {
  const postgres = await start();
  const pid = await serverPid();
  expect(await isRunning(pid)).toBe(true);
  await postgres.stop();
  await expect.poll(() => isRunning(pid)).toBe(false);
  await expect(postgres.stop()).resolves.toBeUndefined();
});

test('the server outlives a signal to the whole process group of its engine', async () => {
  const other = await startOtherEngine();
  const pid = await serverPid();
  await query(other.url, 'CREATE TABLE left_behind AS SELECT 8 AS n');
  process.kill(-other.pid, 'SIGKILL');
  await other.exited;
  const postgres = await start();
  expect(await serverPid()).toBe(pid);
  expect(postgres.url).toBe(other.url);
  expect(await query(postgres.url, 'SELECT n FROM left_behind')).toEqual([{ n: 8 }]);
});

test('a second engine is refused while the first works, which goes on working', async () => {
  const other = await startOtherEngine();
  await expect(start()).rejects.toMatchObject({
    code: 'data_in_use',
    details: { directory: join(dataDir, 'postgres') },
  });
  expect(await query(other.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
});

test('an engine that stops leaves the server to the one that has taken it over', async () => {
  const first = await start();
  const other = await startOtherEngine();
  await first.stop();
  expect(await query(other.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
});

test('two that start at once find one server', async () => {
  const [first, second] = await Promise.all([start(), start()]);
  expect(second.url).toBe(first.url);
  expect(await query(first.url, 'SELECT current_database() AS name')).toEqual([
    { name: 'hexfleet' },
  ]);
});

test('what was committed survives the death of the server', async () => {
  const first = await start(true);
  await query(first.url, 'CREATE TABLE committed AS SELECT 9 AS n');
  process.kill(await serverPid(), 'SIGKILL');
  const second = await start();
  expect(await query(second.url, 'SELECT n FROM committed')).toEqual([{ n: 9 }]);
});

test('a process that has got the id of a dead server does not pass for it', async () => {
  const first = await start();
  const lines = (await readFile(pidFile(), 'utf8')).split('\n');
  await first.stop();
  const { uid, gid } = await stat(join(dataDir, 'postgres'));
  // The server's own user: PostgreSQL would refuse to start because of this process.
  const stranger = spawn('sleep', ['600'], { uid, gid, stdio: 'ignore' });
  await once(stranger, 'spawn');
  others.push(stranger);
  await writeFile(pidFile(), [stranger.pid, ...lines.slice(1)].join('\n'));
  const second = await start();
  expect(await query(second.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
});

test('the error of a server that cannot start says where to look', async () => {
  await (await start()).stop();
  const configuration = join(dataDir, 'postgres', 'postgresql.conf');
  const good = await readFile(configuration, 'utf8');
  await writeFile(configuration, `${good}\nno_such_setting = 1\n`);
  try {
    await expect(start()).rejects.toMatchObject({
      code: 'postgres_start_failed',
      details: { step: 'start', log: join(dataDir, 'postgres', 'server.log') },
    });
  } finally {
    await writeFile(configuration, good);
  }
});

test('a server that dies under a living engine comes back where it was, with everything committed', async () => {
  const postgres = await start(true);
  await query(postgres.url, 'CREATE TABLE revived (n integer)');
  await query(postgres.url, 'INSERT INTO revived VALUES (1)');
  process.kill(await serverPid(), 'SIGQUIT');
  await expect
    .poll(() => query(postgres.url, 'SELECT n FROM revived').catch(() => null), { timeout: 20_000 })
    .toEqual([{ n: 1 }]);
  await postgres.stop();
});
