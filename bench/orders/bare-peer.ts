import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../order-core/index.ts';
import { createLogger, readConfig } from '../../runtime/index.ts';
import { cpuSecondsOf, Helper } from '../harness/index.ts';
import type { BareQuestion } from './bare-sql.ts';
import type { BenchCity } from './bench-city.ts';
import type { Load, LoadResult } from './load.ts';
import { tracePlacement } from './placement-trace.ts';

const PROGRAM = join(import.meta.dirname, 'bare-sql.ts');
const DATABASE = 'bench_bare';
const CONNECT_MS_MAX = 10_000;
const SPARE_MS = 30_000;

/** The same statements without the engine, on the same PostgreSQL server in a database of their own. */
export class BarePeer {
  readonly #helper: Helper;

  private constructor(helper: Helper) {
    this.#helper = helper;
  }

  /** @throws Error; then nothing of it is left running */
  static async start(city: BenchCity, signal: AbortSignal): Promise<BarePeer> {
    const url = await scratchDatabase(city.engine.facts.databaseUrl);
    const statements = await tracePlacement(url, city.restaurants);
    // As many connections as the engine has for the same number of placements at once.
    const poolSize = readConfig(process.env).DATABASE_POOL_SIZE;
    const helper = new Helper(PROGRAM, signal);
    try {
      const question: BareQuestion = { kind: 'connect', url, poolSize, statements };
      await helper.ask(question, CONNECT_MS_MAX);
    } catch (error) {
      await helper.stop();
      throw error;
    }
    return new BarePeer(helper);
  }

  get pid(): number {
    return this.#helper.pid;
  }

  async run(load: Load): Promise<LoadResult> {
    const question: BareQuestion = { kind: 'run', ...load };
    return await this.#helper.ask<LoadResult>(question, load.seconds * 1000 + SPARE_MS);
  }

  async cpuSeconds(): Promise<number | null> {
    return await cpuSecondsOf(this.pid);
  }

  async stop(): Promise<void> {
    await this.#helper.stop();
  }
}

/** @returns the URL of an empty database with all tables */
async function scratchDatabase(engineUrl: string): Promise<string> {
  const client = new Client({ connectionString: engineUrl });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
  const url = Object.assign(new URL(engineUrl), { pathname: `/${DATABASE}` }).href;
  await migrate(url, createLogger('silent'));
  return url;
}
