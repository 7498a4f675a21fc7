import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { messageOf, type Logger } from '../../runtime/index.ts';
import { databaseErrors } from './errors.ts';

const MIGRATIONS = join(import.meta.dirname, '..', 'migrations');
/** How long a node waits for another one that migrates, and a migration for the tables it alters. */
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Brings the tables to the newest version: every file of `order-core/migrations` that this database
 * has not seen, in order of their numbers, in one transaction. Nothing happens the second time.
 * Nodes that start at once wait for each other on an advisory lock.
 * @param url postgres://...; its user must be allowed to create tables
 * @returns names of the migrations that ran, in order
 * @throws `migration_failed` (nothing was changed), `database_unavailable` (no session was given);
 *   both say why in `details.reason`
 */
export async function migrate(url: string, log: Logger): Promise<readonly string[]> {
  const client = new Client({
    connectionString: url,
    application_name: 'hexfleet-migrate',
    keepAlive: true,
    connectionTimeoutMillis: 3_000,
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  // The query under way fails with the same error; without a listener it would end the process.
  client.on('error', (error) => log.debug({ reason: error.message }, 'migration connection lost'));
  try {
    await client.connect();
  } catch (error) {
    // Whoever has just set DATABASE_URL reads this: what the server or the socket said, without the
    // URL, for that holds a password.
    const details = { reason: messageOf(error) };
    throw databaseErrors.make('database_unavailable', { details, cause: error });
  }
  try {
    const ran = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      ignorePattern: String.raw`(?!.*\.sql$).*`,
      direction: 'up',
      migrationsTable: 'migrations',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: quiet(log),
    });
    const names = ran.map(({ name }) => name);
    if (names.length > 0) log.info({ migrations: names }, 'the tables were migrated');
    return names;
  } catch (error) {
    throw databaseErrors.make('migration_failed', {
      details: { reason: messageOf(error) },
      cause: error,
    });
  } finally {
    await client.end();
  }
}

/** The library tells every step, and repeats an error that it also throws. */
function quiet(log: Logger): Record<'debug' | 'info' | 'warn' | 'error', (text: string) => void> {
  const tell = (text: string): void => log.debug(text);
  return { debug: tell, info: tell, warn: tell, error: tell };
}
