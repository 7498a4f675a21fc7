import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { isAppError, Loop, sleep, type Logger } from '../../runtime/index.ts';
import { isUsedByAnotherEngine } from './engine-lock.ts';
import { databaseErrors } from './errors.ts';
import { chooseAccount } from './postgres-account.ts';
import { findBinaries } from './postgres-binaries.ts';
import {
  ensureInitialized,
  rotateLog,
  SUPERUSER,
  takePassword,
  type Cluster,
} from './postgres-cluster.ts';
import { isPostgres, reviveServer, serverPid, stopServer, takeServer } from './postmaster.ts';
import { databaseError } from './sqlstate.ts';

/** The engine's database, in a server that has no other. */
const DATABASE = 'hexfleet';
const CONNECT_TIMEOUT_MS = 3_000;
const TAKE_TRIES_MAX = 5;
const LOOKS_MAX = 10;
const LOOK_PAUSE_MS = 200;
/** How long a server that died may stay away unnoticed. */
const WATCH_MS = 500;
/** duplicate_database, or unique_violation when the other's CREATE is still under way. */
const ALREADY_THERE: ReadonlySet<string> = new Set(['42P04', '23505']);

/** A real PostgreSQL of our own. */
export interface EmbeddedPostgres {
  /** postgres://user:password@127.0.0.1:port/name */
  readonly url: string;
  /**
   * Stops the server, unless another engine has taken it over; everything that was committed is on
   * disk.
   */
  stop(): Promise<void>;
}

/**
 * Starts the server that keeps its data below `<dataDir>/postgres`, made at the first start. A
 * server that an engine left behind when it was killed is taken over as it is.
 * @param options.durable false gives up safety against a crash of the machine, for tests
 * @throws AppError `postgres_missing`, `postgres_unreachable_directory`, `postgres_start_failed`,
 *   `data_in_use` when another engine works on this data
 */
export async function startEmbeddedPostgres(options: {
  readonly dataDir: string;
  readonly log: Logger;
  readonly durable?: boolean;
}): Promise<EmbeddedPostgres> {
  const cluster = await prepare(resolve(options.dataDir), options.durable ?? true);
  const { port, adopted, url } = await takeDatabase(cluster);
  options.log.info({ port, adopted }, 'the embedded PostgreSQL is ready');
  const watch = watchServer(cluster, port, options.log);
  return {
    url,
    async stop(): Promise<void> {
      await watch.stop();
      await stopUnlessUsed(cluster, url);
    },
  };
}

/**
 * A server that dies (out of memory, a signal) takes its engine's work with it for as long as it is
 * away; there is nobody else who would start it again.
 */
function watchServer(cluster: Cluster, port: number, log: Logger): Loop {
  let pid: number | null = null;
  const watch = new Loop({
    name: 'embedded PostgreSQL',
    idleMs: WATCH_MS,
    log,
    async round(): Promise<boolean> {
      if (pid !== null && isPostgres(pid)) return false;
      if (await reviveServer(cluster, port)) {
        log.warn({ port }, 'PostgreSQL had died; it runs again');
      }
      pid = await serverPid(cluster);
      return false;
    },
  });
  watch.start();
  return watch;
}

/** @returns where the engine's database is, on a server that answers and that nobody else uses */
async function takeDatabase(
  cluster: Cluster,
): Promise<{ port: number; adopted: boolean; url: string }> {
  for (let tries = 1; ; tries++) {
    const { port, adopted } = await takeServer(cluster);
    const urlOf = (database: string): string =>
      `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${database}`;
    const url = urlOf(DATABASE);
    try {
      await ensureDatabase(urlOf('postgres'));
      if (adopted && (await staysUsed(url))) {
        throw databaseErrors.make('data_in_use', { details: { directory: cluster.directory } });
      }
      return { port, adopted, url };
    } catch (error) {
      if (!adopted) await stopServer(cluster);
      // A server that is just dying still looks alive for a moment.
      const isGone = adopted && isAppError(error, 'database_unavailable');
      if (!isGone || tries === TAKE_TRIES_MAX) throw error;
      await sleep(LOOK_PAUSE_MS);
    }
  }
}

/** A killed engine's lock goes when PostgreSQL sees its socket close: at once, or a moment later. */
async function staysUsed(url: string): Promise<boolean> {
  for (let looks = 1; looks <= LOOKS_MAX; looks++) {
    if (!(await isUsedByAnotherEngine(url))) return false;
    await sleep(LOOK_PAUSE_MS);
  }
  return true;
}

/**
 * Of two engines that start at once, the one that does not get the engine lock stops what it has
 * begun; the server is then the other's.
 */
async function stopUnlessUsed(cluster: Cluster, url: string): Promise<void> {
  // A server that does not answer serves nobody.
  const isUsed = await isUsedByAnotherEngine(url).catch(() => false);
  if (!isUsed) await stopServer(cluster);
}

async function prepare(dataDir: string, durable: boolean): Promise<Cluster> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const directory = join(dataDir, 'postgres');
  const binaries = await findBinaries();
  const { account, owner } = await chooseAccount(dataDir, directory, binaries);
  const cluster: Cluster = {
    dataDir,
    directory,
    binaries,
    account,
    owner,
    durable,
    logFile: join(directory, 'server.log'),
    password: await takePassword(dataDir),
  };
  await ensureInitialized(cluster);
  await rotateLog(cluster);
  return cluster;
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: 10_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    // Two engines that start at once both find it missing; that the other made it is as good.
    if (error instanceof DatabaseError && ALREADY_THERE.has(error.code ?? '')) return;
    throw databaseError(error);
  } finally {
    await client.end();
  }
}
