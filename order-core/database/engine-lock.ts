import { Client } from 'pg';
import { newId, sleep, type Logger, messageOf } from '../../runtime/index.ts';
import { databaseErrors } from './errors.ts';
import { databaseError } from './sqlstate.ts';

/** Any number; what counts is that no other part takes an advisory lock by it. */
const ENGINE_LOCK_KEY = 730_601;
/** Tells our own lock from another engine's; process ids repeat between containers. */
const APPLICATION_NAME = `hexfleet-engine-${newId<string>()}`;

/** A killed engine's lock goes when PostgreSQL sees its socket close: at once, or a moment later. */
const ATTEMPTS_MAX = 10;
const ATTEMPT_PAUSE_MS = 200;
const RETAKE_PAUSE_MS = 500;

/** Held as long as the engine works on the database. */
export interface EngineLock {
  release(): Promise<void>;
}

/**
 * Makes sure that one engine at a time works on an embedded database. The lock lives in a session
 * of PostgreSQL, so no crash can leave it behind. When PostgreSQL restarts under a living engine
 * the lock is taken again as soon as it answers.
 * @param url postgres://...
 * @throws `data_in_use` when another engine still has it after about 2 s
 */
export async function acquireEngineLock(url: string, log: Logger): Promise<EngineLock> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const client = await tryLock(url);
    if (client !== null) return new HeldLock(url, log, client);
    await sleep(ATTEMPT_PAUSE_MS);
  }
  throw databaseErrors.make('data_in_use');
}

/** True when an engine other than this process works on the database. */
export async function isUsedByAnotherEngine(url: string): Promise<boolean> {
  const client = newClient(url);
  try {
    await client.connect();
    const found = await client.query(
      `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND classid = 0 AND objid = $1 AND granted
          AND pg_locks.database = pg_stat_activity.datid AND application_name <> $2`,
      [ENGINE_LOCK_KEY, APPLICATION_NAME],
    );
    return found.rows.length > 0;
  } catch (error) {
    throw databaseError(error);
  } finally {
    await client.end();
  }
}

class HeldLock implements EngineLock {
  readonly #url: string;
  readonly #log: Logger;
  readonly #released = new AbortController();
  #client: Client;
  #retaking: Promise<void> = Promise.resolve();

  constructor(url: string, log: Logger, client: Client) {
    this.#url = url;
    this.#log = log;
    this.#client = client;
    this.#watch();
  }

  async release(): Promise<void> {
    this.#released.abort();
    await this.#retaking;
    await this.#client.end();
  }

  #watch(): void {
    this.#client.once('end', () => {
      if (!this.#released.signal.aborted) this.#retaking = this.#retake();
    });
  }

  async #retake(): Promise<void> {
    this.#log.warn('the connection that holds the engine lock was lost');
    while (!this.#released.signal.aborted) {
      const client = await tryLock(this.#url).catch(() => null);
      if (client !== null) {
        this.#client = client;
        this.#watch();
        return;
      }
      await sleep(RETAKE_PAUSE_MS, this.#released.signal);
    }
  }
}

/** @returns the session that holds the lock, or null when another one does */
async function tryLock(url: string): Promise<Client | null> {
  const client = newClient(url);
  try {
    await client.connect();
    const answer = await client.query<{ granted: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS granted',
      [ENGINE_LOCK_KEY],
    );
    if (answer.rows[0]?.granted === true) return client;
  } catch (error) {
    await client.end();
    // For whoever starts the engine, and sees no log.
    const reason = messageOf(error);
    throw databaseErrors.make('database_unavailable', { cause: error, details: { reason } });
  }
  await client.end();
  return null;
}

function newClient(url: string): Client {
  const client = new Client({
    connectionString: url,
    application_name: APPLICATION_NAME,
    keepAlive: true,
    connectionTimeoutMillis: 3_000,
    query_timeout: 5_000,
  });
  // Without a listener a lost connection would end the process; 'end' follows and is acted on.
  client.on('error', () => undefined);
  return client;
}
