import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chmod,
  chown,
  link,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive, newId } from '../../runtime/index.ts';
import { databaseErrors } from './errors.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { runProgram, type Account } from './run-program.ts';

const INITDB_TIMEOUT_MS = 60_000;
/** About 10,000 lines; what is older than the previous file is of no use any more. */
const SERVER_LOG_BYTES_MAX = 1_000_000;

/** One embedded server's place: its files, its programs and who runs them. */
export interface Cluster {
  /** Absolute; holds everything below. */
  readonly dataDir: string;
  /** PostgreSQL's own directory. */
  readonly directory: string;
  /** What the server says; kept over starts, the previous file once. */
  readonly logFile: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  readonly password: string;
  /** False gives up safety against a crash of the machine, for tests. */
  readonly durable: boolean;
}

export const SUPERUSER = 'hexfleet';

/**
 * The password in `<dataDir>/postgres-password`, made at the first call. Linked into place complete,
 * so two engines that start at once agree on one, and a crash leaves no half of it.
 */
export async function takePassword(dataDir: string): Promise<string> {
  const file = passwordFile(dataDir);
  const draft = `${file}.new-${newId<string>()}`;
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known !== null) return known;
  await writeFile(draft, randomBytes(24).toString('base64url'), { mode: 0o600 });
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return await readFile(file, 'utf8');
}

/**
 * Makes the data directory if there is none. It is made beside its place and moved there complete,
 * so an interrupted start leaves nothing that a later one could take for data.
 *
 * initdb syncs its files although that takes 0.3 s of the 0.7 s: the first orders are acknowledged
 * seconds later, and a power cut must not take the catalogue from under them.
 */
export async function ensureInitialized(cluster: Cluster): Promise<void> {
  if (await exists(join(cluster.directory, 'PG_VERSION'))) return;
  await removeLeftovers(cluster);
  const draft = `${cluster.directory}.new-${process.pid}`;
  await mkdir(draft, { mode: 0o700 });
  await give(cluster, draft, 0o700);
  await give(cluster, passwordFile(cluster.dataDir), 0o600);
  const outcome = await runProgram(cluster.account, initdb(cluster, draft), INITDB_TIMEOUT_MS);
  if (outcome.code !== 0) {
    await rm(draft, { recursive: true, force: true });
    throw databaseErrors.make('postgres_start_failed', {
      details: { directory: cluster.directory, step: 'initdb', reason: outcome.complaint },
    });
  }
  await appendFile(join(draft, 'postgresql.conf'), "\ninclude 'hexfleet.conf'\n");
  await moveIntoPlace(draft, cluster);
}

/** Written before every start, for the port is another one each time. */
export async function writeSettings(cluster: Cluster, port: number): Promise<void> {
  const settings = [
    '# Written at every start; changes here are lost.',
    `port = ${port}`,
    ...SETTINGS,
    ...(cluster.durable ? [] : FAST_SETTINGS),
  ];
  const file = join(cluster.directory, 'hexfleet.conf');
  await writeFile(file, `${settings.join('\n')}\n`);
  await give(cluster, file, 0o600);
}

/** Bounds the log: at a start, a file that has grown large replaces the previous one. */
export async function rotateLog(cluster: Cluster): Promise<void> {
  const size = (await stat(cluster.logFile).catch(() => null))?.size ?? 0;
  if (size > SERVER_LOG_BYTES_MAX) await rename(cluster.logFile, `${cluster.logFile}.1`);
}

const SETTINGS = [
  "listen_addresses = '127.0.0.1'",
  // A socket's path may be at most 107 bytes long; ours lies wherever the user has put the project.
  "unix_socket_directories = ''",
  'max_connections = 100',
  'shared_buffers = 128MB',
  'max_wal_size = 1GB',
  "timezone = 'UTC'",
  "log_timezone = 'UTC'",
  "lc_messages = 'C'",
  // LOG, FATAL and PANIC. An ERROR is answered to the engine, which logs it without its values.
  'log_min_messages = log',
  'log_min_error_statement = panic',
  'log_checkpoints = off',
  // An engine that was killed in a transaction must not hold its locks for ever.
  'idle_in_transaction_session_timeout = 60s',
  'tcp_keepalives_idle = 30',
];

const FAST_SETTINGS = [
  'fsync = off',
  'synchronous_commit = off',
  'full_page_writes = off',
  'max_connections = 300',
  'autovacuum_naptime = 1h',
];

function initdb(cluster: Cluster, directory: string): string[] {
  return [
    cluster.binaries.initdb,
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile(cluster.dataDir)}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order of texts on every machine, whatever its C library.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(cluster.durable ? [] : ['--no-sync']),
  ];
}

async function moveIntoPlace(draft: string, cluster: Cluster): Promise<void> {
  try {
    await rename(draft, cluster.directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another engine was faster: its directory serves as well.
    if (!(await exists(join(cluster.directory, 'PG_VERSION')))) throw error;
  }
  if (!cluster.durable || process.platform === 'win32') return;
  const parent = await open(cluster.dataDir);
  await parent.sync();
  await parent.close();
}

/** Drafts of starts that did not finish; the process that made one is in its name. */
async function removeLeftovers(cluster: Cluster): Promise<void> {
  const prefix = 'postgres.new-';
  for (const name of await readdir(cluster.dataDir)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length));
    if (pid !== process.pid && isProcessAlive(pid)) continue;
    await rm(join(cluster.dataDir, name), { recursive: true, force: true });
  }
}

async function give(cluster: Cluster, path: string, mode: number): Promise<void> {
  await chmod(path, mode);
  if (cluster.owner !== null) await chown(path, cluster.owner.uid, cluster.owner.gid);
}

function passwordFile(dataDir: string): string {
  return join(dataDir, 'postgres-password');
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
