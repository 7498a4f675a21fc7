import { Client } from 'pg';
import { Database, LOOKUP_PLANS, migrate, startEmbeddedPostgres } from '../../order-core/index.ts';
import { createLogger, readConfig, systemRandom } from '../../runtime/index.ts';

/** A PostgreSQL of the bench's own, with the engine's tables. */
export interface Scratch {
  readonly dataDir: string;
  /** As the engine opens it for what can be repeated. */
  readonly database: Database;
  /** Connections without our pool, as many as it has, with the same settings. */
  readonly clients: readonly Client[];
  /** Fixes that are stored. */
  rows(): Promise<number>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** The engine's share of its connections for what can be repeated, history among it. */
const REPEATABLE_SHARE = 0.5;

/** @param dataDir an empty folder, or none yet */
export async function startScratch(dataDir: string): Promise<Scratch> {
  const log = createLogger('silent');
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  const { url } = postgres;
  await migrate(url, log);
  const poolSize = Math.floor(readConfig({}).DATABASE_POOL_SIZE * REPEATABLE_SHARE);
  const pool = { url, poolSize, log, random: systemRandom };
  const database = new Database({ ...pool, repeatable: true, lookups: true });
  const options = `${LOOKUP_PLANS} -c synchronous_commit=off`;
  const clients = Array.from(
    { length: poolSize },
    () => new Client({ connectionString: url, options }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  return {
    dataDir,
    database,
    clients,
    async rows(): Promise<number> {
      const text = 'SELECT count(*)::int AS count FROM courier_fixes';
      const [row] = await database.query<{ count: number }>({ name: 'count_fixes', text });
      return row?.count ?? 0;
    },
    async clear(): Promise<void> {
      await database.query({ name: 'clear_fixes', text: 'TRUNCATE courier_fixes' });
    },
    async stop(): Promise<void> {
      await Promise.all(clients.map((client) => client.end()));
      await database.close();
      await postgres.stop();
    },
  };
}
