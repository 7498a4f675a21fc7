import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate, startEmbeddedPostgres } from '../order-core/index.ts';
import { createLogger, isProcessAlive } from '../runtime/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The migrated template that test databases are copied from. */
    postgresUrl: string;
  }
}

const PREFIX = 'hexfleet-test-';
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

/**
 * What runs that were killed have left: directories `hexfleet-test-<process id>...`. Their server is
 * taken over only to be stopped.
 */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number.parseInt(name.slice(PREFIX.length), 10);
    if (pid !== process.pid && isProcessAlive(pid)) continue;
    const dataDir = join(tmpdir(), name);
    if (existsSync(join(dataDir, 'postgres', 'postmaster.pid'))) {
      await (await startEmbeddedPostgres({ dataDir, log, durable: false })).stop();
    }
    await rm(dataDir, { recursive: true, force: true });
  }
}
