import { Client } from 'pg';
import { inject } from 'vitest';
import { Database } from '../order-core/index.ts';
import { createLogger, newId, systemRandom } from '../runtime/index.ts';

/**
 * What tests stand on: a real PostgreSQL, started once per run (`postgres.setup.ts`), and a database
 * of its own for whoever asks. Only tests import this.
 */
export interface TestDatabase {
  readonly database: Database;
  /** postgres://... */
  readonly url: string;
  /** Closes the pool and drops the database. */
  close(): Promise<void>;
}

const POOL_SIZE = 8;

/** A new database with all tables and no rows: a copy of the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('postgresUrl'));
  const name = `test_${newId<string>().replaceAll('-', '')}`;
  const url = Object.assign(new URL(template), { pathname: `/${name}` }).href;
  await administer(template, `CREATE DATABASE ${name} TEMPLATE ${template.pathname.slice(1)}`);
  const log = createLogger('silent');
  const database = new Database({ url, poolSize: POOL_SIZE, log, random: systemRandom });
  return {
    database,
    url,
    async close(): Promise<void> {
      await database.close();
      await administer(template, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function administer(template: URL, statement: string): Promise<void> {
  const admin = Object.assign(new URL(template), { pathname: '/postgres' }).href;
  const client = new Client({ connectionString: admin });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
