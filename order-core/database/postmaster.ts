import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isProcessAlive, sleep } from '../../runtime/index.ts';
import { databaseErrors } from './errors.ts';
import { writeSettings, type Cluster } from './postgres-cluster.ts';
import { runProgram, type Outcome } from './run-program.ts';

/** From pg_ctl's start to a server that takes connections, recovery after a crash included. */
const START_SECONDS_MAX = 30;
/** A fast stop writes out what is dirty; beyond this it is cut short, and the next start recovers. */
const STOP_SECONDS_MAX = 3;
/**
 * Another program may take the free port between our look and the server's start, and a process of
 * a server that was killed may live on for a moment.
 */
const START_TRIES_MAX = 3;
const START_PAUSE_MS = 250;
/** pg_ctl keeps its own deadline; this is for a pg_ctl that hangs. */
const HANG_MS = 5_000;
const POLL_PAUSE_MS = 20;

/** A server that takes connections on this port of 127.0.0.1. */
export interface RunningServer {
  readonly port: number;
  /** True when it was there before; false when this call has started it. */
  readonly adopted: boolean;
}

/**
 * The server that works in this directory: the one that is there, or else one that is started on a
 * free port. pg_ctl puts it into a session of its own, so a terminal's Ctrl-C is for the engine
 * alone, which still needs the server to drain. Of two engines that start at once, one starts the
 * server and both find it.
 * @throws AppError `postgres_start_failed` with what pg_ctl said and where the server's log is
 */
export async function takeServer(cluster: Cluster): Promise<RunningServer> {
  let started = false;
  let reason = '';
  for (let tries = 0; tries <= START_TRIES_MAX; tries++) {
    // Read from the server's own file, after a start of ours too: the settings that it was started
    // with may be those of an engine that started at the same moment.
    const port = await findPort(cluster);
    if (port !== null) return { port, adopted: !started };
    const outcome = await start(cluster, await freePort());
    started = outcome.code === 0;
    reason = outcome.complaint;
    if (started) continue;
    await forgetStranger(cluster);
    await sleep(START_PAUSE_MS);
  }
  throw startFailed(cluster, reason);
}

/**
 * Starts the server again where it was, after it died under a living engine.
 * @returns false when it runs (or is just starting, or recovering)
 * @throws AppError `postgres_start_failed`
 */
export async function reviveServer(cluster: Cluster, port: number): Promise<boolean> {
  if ((await readPostmaster(cluster))?.isServer === true) return false;
  await forgetStranger(cluster);
  const outcome = await start(cluster, port);
  // Somebody else may have been faster: another engine that was started on this data.
  if (outcome.code === 0 || (await readPostmaster(cluster))?.isServer === true) return true;
  throw startFailed(cluster, outcome.complaint);
}

/** Stops the server: fast, and at once when that takes too long. Nothing happens when none runs. */
export async function stopServer(cluster: Cluster): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    if ((await readPostmaster(cluster))?.isServer !== true) return;
    const wait = ['--wait', `--timeout=${STOP_SECONDS_MAX}`];
    await pgCtl(cluster, ['stop', ...wait, `--mode=${mode}`], STOP_SECONDS_MAX);
  }
}

/** The port of the server once it takes connections, or null when there is none, or no more. */
async function findPort(cluster: Cluster): Promise<number | null> {
  const pollsMax = (START_SECONDS_MAX * 1000) / POLL_PAUSE_MS;
  for (let polls = 0; polls < pollsMax; polls++) {
    const postmaster = await readPostmaster(cluster);
    if (postmaster?.isServer !== true) return null;
    if (postmaster.isReady) return postmaster.port;
    // It starts, or recovers, or is just being stopped: wait and see.
    await sleep(POLL_PAUSE_MS);
  }
  throw startFailed(cluster, `the server is not ready after ${START_SECONDS_MAX} s`);
}

async function start(cluster: Cluster, port: number): Promise<Outcome> {
  await writeSettings(cluster, port);
  const wait = ['--wait', `--timeout=${START_SECONDS_MAX}`];
  return await pgCtl(cluster, ['start', ...wait, `--log=${cluster.logFile}`], START_SECONDS_MAX);
}

/** What a server says of itself in postmaster.pid; after a crash nobody takes it back. */
interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
  /** Whether the process of that id is a PostgreSQL server at all. */
  readonly isServer: boolean;
}

async function readPostmaster(cluster: Cluster): Promise<Postmaster | null> {
  const text = await readFile(pidFile(cluster), 'utf8').catch(() => '');
  // Process id, directory, start, port, socket directory, address, shared memory, status.
  const [pid, , , port, , , , status = ''] = text.split('\n');
  if (!(Number(pid) > 0)) return null;
  return {
    pid: Number(pid),
    port: Number(port),
    isReady: status.trim() === 'ready',
    isServer: isPostgres(Number(pid)),
  };
}

/** The id of the server's process; null when there is none. */
export async function serverPid(cluster: Cluster): Promise<number | null> {
  const postmaster = await readPostmaster(cluster);
  return postmaster?.isServer === true ? postmaster.pid : null;
}

/**
 * Whether the process of this id is a PostgreSQL server. Process ids come again: after a crash, and above
 * all when a container starts anew. And a server that was killed stays a zombie for as long as nobody
 * asks for its exit code.
 */
export function isPostgres(pid: number): boolean {
  if (!isProcessAlive(pid)) return false;
  const state = processState(pid);
  // Where there is no /proc, any living process has to count.
  return state === null || (state.includes(' (postgres) ') && !state.includes(') Z '));
}

/** At once and not by a thread, which would cost twenty times as much: no disk is behind it. */
function processState(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
}

/**
 * PostgreSQL refuses to start while a process of its user has the id in the file that a crash has
 * left. Where that process is no PostgreSQL the file is taken away.
 */
async function forgetStranger(cluster: Cluster): Promise<void> {
  const postmaster = await readPostmaster(cluster);
  if (postmaster?.isServer === false) await rm(pidFile(cluster), { force: true });
}

function pidFile(cluster: Cluster): string {
  return join(cluster.directory, 'postmaster.pid');
}

async function pgCtl(cluster: Cluster, args: readonly string[], seconds: number): Promise<Outcome> {
  const command = [cluster.binaries.pg_ctl, ...args, `--pgdata=${cluster.directory}`, '--silent'];
  return await runProgram(cluster.account, command, seconds * 1000 + HANG_MS);
}

function startFailed(cluster: Cluster, reason: string): Error {
  const { directory, logFile } = cluster;
  return databaseErrors.make('postgres_start_failed', {
    details: { directory, step: 'start', reason, log: logFile },
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
