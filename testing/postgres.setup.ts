import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate, startEmbeddedPostgres } from '../order-core/index.ts';
import { createLogger, isProcessAlive, sleep } from '../runtime/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The migrated template that test databases are copied from. */
    postgresUrl: string;
  }
}

const PREFIX = 'hexfleet-test-';
/** Of a tenth of a second. */
const STOP_TRIES_MAX = 100;
const log = createLogger('silent');

/** Starts one PostgreSQL for the whole run; returns what ends it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const dataDir = join(tmpdir(), `${PREFIX}${process.pid}`);
  await mkdir(dataDir, { mode: 0o700 });
  const postgres = await startEmbeddedPostgres({ dataDir, log, durable: false });
  await migrate(postgres.url, log);
  project.provide('postgresUrl', postgres.url);
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true });
  };
}

/** What runs that were killed have left: directories `hexfleet-test-<process id>...` and their servers. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number.parseInt(name.slice(PREFIX.length), 10);
    if (pid !== process.pid && isProcessAlive(pid)) continue;
    const dataDir = join(tmpdir(), name);
    await stopServer(join(dataDir, 'postgres'));
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** At once: engines that outlived their run may still be connected, and end without their database. */
async function stopServer(directory: string): Promise<void> {
  const file = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(file, 10);
  // Process ids come again: it has to be the server of this directory.
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!command.includes(directory)) return;
  process.kill(pid, 'SIGQUIT');
  for (let tries = 0; tries < STOP_TRIES_MAX && isProcessAlive(pid); tries++) await sleep(100);
}
