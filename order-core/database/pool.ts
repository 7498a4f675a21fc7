import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import {
  assert,
  DEPENDENCIES,
  isAppError,
  sleep,
  systemClock,
  type AppError,
  type Logger,
  type Random,
} from '../../runtime/index.ts';
import { databaseErrors } from './errors.ts';
import { columnTypes } from './column-types.ts';
import { CopyIn } from './copy-in.ts';
import { databaseError, poisonsConnection } from './sqlstate.ts';

/**
 * The server's limit (`requestMs`) is below ours, so that it is the server that cancels, and the
 * connection lives. Only a server or a network that is gone lets `callMs` pass.
 */
const { connectMs, requestMs, callMs, retry: CONFLICT } = DEPENDENCIES.database;
const SLOW_TIMEOUT_MS = 600_000;
const LOCK_TIMEOUT_MS = 2_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/** About 3 s of the highest planned load; more callers than this would time out anyway. */
const WAITING_MAX = 1_000;

/** A statement is a named constant; PostgreSQL parses and plans it once per connection. */
export interface Statement {
  /** Unique in the program, at most 63 bytes: PostgreSQL cuts what is longer. */
  readonly name: string;
  readonly text: string;
}

/** What can run a statement: the database itself, or one transaction of it. */
export interface Queryable {
  /** @returns the rows; see `column-types.ts` for what each column becomes */
  query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export interface DatabaseOptions {
  /** postgres://user:password@host:port/name */
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  readonly log: Logger;
  readonly random: Random;
  /**
   * What is committed here may be lost with the server, some tenths of a second of it, because it is
   * then done again. Such commits do not wait for the disk.
   */
  readonly repeatable?: boolean;
  /** For commands that look at whole tables: statements may take minutes. */
  readonly slow?: boolean;
  /**
   * Every statement finds a handful of rows by their keys. Plans are made while the tables are small,
   * or before they were ever analyzed, and must not be those for small tables when they are large.
   */
  readonly lookups?: boolean;
}

/** What `lookups` asks of each connection; for whoever runs the same statements beside the engine. */
export const LOOKUP_PLANS =
  '-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c enable_bitmapscan=off';

function sessionOptions({ lookups = false, repeatable = false }: DatabaseOptions): string {
  return [lookups ? LOOKUP_PLANS : '', repeatable ? '-c synchronous_commit=off' : ''].join(' ');
}

/**
 * The only way to PostgreSQL. A connection of the pool is
 *
 * | state       | entered when                  | left when                | what then holds            |
 * | ----------- | ----------------------------- | ------------------------ | -------------------------- |
 * | idle        | a caller gave it back healthy | taken, 10 s, or it died  | no transaction, no caller  |
 * | taken       | a caller got it               | given back or discarded  | exactly one caller         |
 * | discarded   | an error put it in doubt      | never                    | its socket is closed       |
 *
 * Every error is an AppError (`sqlstate.ts`). A connection with a doubtful past is never given to
 * the next caller, and a connection that dies, idle or taken, never ends the process.
 */
export class Database implements Queryable {
  readonly #pool: Pool;
  readonly #random: Random;
  /** Since when each caller waits that has no connection yet; the longest first. */
  readonly #waits = new Set<{ readonly sinceMs: number }>();
  #closed: Promise<void> | null = null;

  constructor(options: DatabaseOptions) {
    this.#random = options.random;
    this.#pool = new Pool({
      connectionString: options.url,
      max: options.poolSize,
      application_name: 'hexfleet',
      options: sessionOptions(options),
      keepAlive: true,
      connectionTimeoutMillis: connectMs,
      statement_timeout: options.slow === true ? SLOW_TIMEOUT_MS : requestMs,
      query_timeout: options.slow === true ? SLOW_TIMEOUT_MS + 1_000 : callMs,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      types: columnTypes,
    });
    const lost = (error: Error): void =>
      options.log.warn({ reason: error.message }, 'a database connection was lost');
    this.#pool.on('error', lost);
    // The pool hears of idle connections only; the death of one that is taken would be an uncaught
    // exception. Whoever holds it gets the failure from its own query.
    this.#pool.on('connect', (client) => client.on('error', lost));
  }

  /** One statement in a transaction of its own. */
  async query<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return await this.#withClient(async (client) => await run<Row>(client, statement, values));
  }

  /**
   * Stores rows all at once, or none of them.
   * @param statement COPY ... FROM STDIN
   * @param bytes in the format that it names; not kept, but not to be changed before this is done
   */
  async copyIn(statement: Statement, bytes: Buffer): Promise<void> {
    await this.#withClient(async (client) => await copy(client, statement, bytes));
  }

  /**
   * Runs `work` between BEGIN and COMMIT (READ COMMITTED), and again, after a short random pause,
   * when PostgreSQL broke it off for a conflict (serialization failure or deadlock). So `work` may
   * run several times: its only effects are statements of `tx`.
   *
   * @param options.retries repetitions at most after a conflict
   * @throws whatever `work` throws, after a rollback; `transaction_conflict` when no try got through
   */
  async transaction<Result>(
    work: (tx: Queryable) => Promise<Result>,
    options: { retries?: number } = {},
  ): Promise<Result> {
    const retries = options.retries ?? CONFLICT.attempts - 1;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#withClient(async (client) => await transact(client, work));
      } catch (error) {
        if (attempt >= retries || !isAppError(error, 'transaction_conflict')) throw error;
        // Full jitter: two transactions that met must not meet again.
        const pauseMs = Math.min(CONFLICT.maxMs, CONFLICT.firstMs * 2 ** attempt);
        await sleep(pauseMs * this.#random.next());
      }
    }
  }

  /** Connections open, connections nobody uses, and callers that wait for one. */
  figures(): { total: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { total: totalCount, idle: idleCount, waiting: waitingCount };
  }

  /** How long the caller has waited that has waited longest for a connection, ms; 0 for none. */
  longestWaitMs(): number {
    for (const { sinceMs } of this.#waits) return systemClock.monotonicMs() - sinceMs;
    return 0;
  }

  /** Resolves when every connection is closed; those that are taken finish first. */
  async close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    await this.#closed;
  }

  async #withClient<Result>(use: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#take();
    try {
      const result = await use(client);
      client.release();
      return result;
    } catch (error) {
      client.release(isDoubtful(client, error));
      throw error;
    }
  }

  async #take(): Promise<PoolClient> {
    const { waiting } = this.figures();
    if (waiting >= WAITING_MAX) {
      throw databaseErrors.make('database_busy', { details: { waiting }, retryAfterMs: 1_000 });
    }
    const wait = { sinceMs: systemClock.monotonicMs() };
    this.#waits.add(wait);
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw databaseError(error);
    } finally {
      this.#waits.delete(wait);
    }
  }
}

/** A connection that is inside a transaction, or whose last error says that it is broken. */
function isDoubtful(client: PoolClient, error: unknown): boolean {
  return client.getTransactionStatus() !== 'I' || (isAppError(error) && poisonsConnection(error));
}

async function run<Row>(
  client: PoolClient,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  assert(statement.name.length <= 63, 'the name of a statement has at most 63 characters');
  try {
    const result = await client.query<Row & QueryResultRow>({
      ...statement,
      values: [...values],
    });
    return result.rows;
  } catch (error) {
    throw databaseError(error, statement.name);
  }
}

async function copy(client: PoolClient, { name, text }: Statement, bytes: Buffer): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      client.query(new CopyIn(text, bytes, (error) => (error ? reject(error) : resolve())));
    });
  } catch (error) {
    throw databaseError(error, name);
  }
}

async function transact<Result>(
  client: PoolClient,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  await command(client, 'BEGIN');
  try {
    const result = await work({
      query: async (statement, values = []) => await run(client, statement, values),
    });
    const ended = await command(client, 'COMMIT');
    // PostgreSQL answers the COMMIT of a failed transaction with a silent ROLLBACK.
    assert(
      ended === 'COMMIT',
      'the work of a transaction must not swallow the error of a statement',
    );
    return result;
  } catch (error) {
    await rollback(client);
    throw error;
  }
}

/** Never fails: a connection that cannot roll back is still in its transaction, and so discarded. */
async function rollback(client: PoolClient): Promise<void> {
  if (client.getTransactionStatus() === 'I') return;
  await command(client, 'ROLLBACK').catch((error: AppError) => error);
}

/** @returns the command that PostgreSQL says it carried out */
async function command(client: PoolClient, text: string): Promise<string> {
  try {
    return (await client.query(text)).command;
  } catch (error) {
    throw databaseError(error, text);
  }
}
