import { Loop, type Logger, type Metrics } from '../../runtime/index.ts';
import type { Database, Statement } from '../database/pool.ts';
import { dropFixPartitions, makeFixPartitions } from '../history/fix-partitions.ts';

/** Rows in one statement: soon done, and few locks. */
const BATCH_MAX = 5_000;
const IDLE_MS = 600_000;

interface Kept {
  readonly table: string;
  readonly days: 'keyDays' | 'notificationDays';
  readonly statement: Statement;
}

/**
 * What grows without end and is of no use when it is old. The books are not here: orders, their
 * events, their money and the audit log are kept for ever.
 */
const KEPT: readonly Kept[] = [
  kept('idempotency_keys', 'keyDays', 'created_at'),
  kept('commands', 'keyDays', 'at'),
  kept('webhook_inbox', 'keyDays', 'received_at'),
  // What waits for a person waits on.
  kept(
    'notifications',
    'notificationDays',
    `state IN ('sent', 'skipped', 'discarded') AND created_at`,
  ),
];

/** @param column of its age; conditions that must hold too stand before it */
function kept(table: string, days: Kept['days'], column: string): Kept {
  const text = `
    DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table}
      WHERE ${column} < clock_timestamp() - $1::float8 * interval '1 day' LIMIT $2))
    RETURNING 1`;
  return { table, days, statement: { name: `delete_old_${table}`, text } };
}

export interface JanitorDeps {
  readonly database: Database;
  /** For how many days the keys of placements and commands, and the provider's webhooks, are known. */
  readonly keyDays: number;
  /** For how many days it is known who was told what. */
  readonly notificationDays: number;
  /** For how many days it is known where couriers were. */
  readonly fixDays: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Deletes what is too old, a little at a time, and positions of couriers by whole days. */
export class Janitor {
  readonly #deps: JanitorDeps;
  readonly #loop: Loop;
  readonly #deleted: ReturnType<Metrics['counter']>;
  readonly #dropped: ReturnType<Metrics['counter']>;

  constructor(deps: JanitorDeps) {
    this.#deps = deps;
    this.#deleted = deps.metrics.counter(
      'hexfleet_rows_deleted_total',
      'Rows that were deleted because they were too old',
      ['table'],
    );
    this.#dropped = deps.metrics.counter(
      'hexfleet_fix_days_dropped_total',
      'Days of courier positions that were dropped because they were too old',
      [],
    );
    this.#loop = new Loop({
      name: 'janitor',
      round: () => this.#round(),
      idleMs: IDLE_MS,
      log: deps.log,
    });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** @returns whether there may be more */
  async #round(): Promise<boolean> {
    const { database, fixDays } = this.#deps;
    await makeFixPartitions(database);
    this.#dropped.inc(await dropFixPartitions(database, fixDays));
    let isFull = false;
    for (const { table, days, statement } of KEPT) {
      const rows = await database.query(statement, [this.#deps[days], BATCH_MAX]);
      this.#deleted.inc({ table }, rows.length);
      isFull ||= rows.length === BATCH_MAX;
    }
    return isFull;
  }
}
