import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isProcessAlive } from '../../runtime/index.ts';
import { databaseErrors } from './errors.ts';
import { writeSettings, type Cluster } from './postgres-cluster.ts';
import { runProgram } from './run-program.ts';

/** From pg_ctl's start to a server that takes connections, recovery after a crash included. */
const START_SECONDS_MAX = 30;
/** A fast stop writes out what is dirty; beyond this it is cut short, and the next start recovers. */
const STOP_SECONDS_MAX = 3;
/** Another program may take the free port between our look and the server's start. */
const PORT_TRIES_MAX = 3;
/** pg_ctl keeps its own deadline; this is for a pg_ctl that hangs. */
const HANG_MS = 5_000;

/**
 * The port of the server that works in this directory, or null. The file is the server's own
 * (postmaster.pid: process id, directory, start, port, ...); one that a crash has left does not count.
 */
export async function runningPort(cluster: Cluster): Promise<number | null> {
  const file = join(cluster.directory, 'postmaster.pid');
  const [pid, , , port] = (await readFile(file, 'utf8').catch(() => '')).split('\n').map(Number);
  if (pid === undefined || port === undefined || !(pid > 0) || !(port > 0)) return null;
  return isProcessAlive(pid) ? port : null;
}

/**
 * Starts the server on a free port of loopback. pg_ctl puts it into a session of its own, so a
 * terminal's Ctrl-C is for the engine alone, which still needs the server to drain.
 * @throws AppError `postgres_start_failed` with what pg_ctl said and where the server's log is
 */
export async function startServer(cluster: Cluster): Promise<number> {
  let reason = '';
  for (let tries = 1; tries <= PORT_TRIES_MAX; tries++) {
    const port = await freePort();
    await writeSettings(cluster, port);
    const command = [
      cluster.binaries.pg_ctl,
      'start',
      `--pgdata=${cluster.directory}`,
      '--silent',
      '--wait',
      `--timeout=${START_SECONDS_MAX}`,
      `--log=${cluster.logFile}`,
    ];
    const timeoutMs = START_SECONDS_MAX * 1000 + HANG_MS;
    const outcome = await runProgram(cluster.account, command, timeoutMs);
    if (outcome.code === 0) return port;
    reason = outcome.complaint;
  }
  throw databaseErrors.make('postgres_start_failed', {
    details: { directory: cluster.directory, step: 'start', reason, log: cluster.logFile },
  });
}

/** Stops the server: fast, and at once when that takes too long. Nothing happens when none runs. */
export async function stopServer(cluster: Cluster): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    if ((await runningPort(cluster)) === null) return;
    const command = [
      cluster.binaries.pg_ctl,
      'stop',
      `--pgdata=${cluster.directory}`,
      '--silent',
      '--wait',
      `--timeout=${STOP_SECONDS_MAX}`,
      `--mode=${mode}`,
    ];
    await runProgram(cluster.account, command, STOP_SECONDS_MAX * 1000 + HANG_MS);
  }
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
