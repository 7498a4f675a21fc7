import type { Fix } from '../../protocol/index.ts';
import { isAppError, Loop, type Logger, type Metrics } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import { makeFixPartitions } from './fix-partitions.ts';
import { FixBatches } from './fix-batches.ts';
import { COPY_FIXES } from './fix-rows.ts';
import { fixesOf, type FixRange, type RecordedFix } from './read-fixes.ts';

/** What is not a full batch waits so long; each is a commit. */
const FLUSH_MS = 500;
/** A batch that the database refuses, other than by being away, is refused for what is in it. */
const REFUSALS_MAX = 3;

type HistoryDatabase = Pick<Database, 'query' | 'copyIn'>;

/**
 * Where couriers were, written in batches behind the live path. `append` never waits; when the
 * database falls behind, history is what is given up first.
 *
 * A batch is stored whole or not at all, and what comes later is stored later: one that fails is tried
 * again, as it is, before the next is begun. When the answer to its commit is lost it may be stored
 * twice; preventing that would need a second statement and its wait for each batch, so it is reading
 * that counts each fix once.
 */
export class FixHistory {
  readonly #database: HistoryDatabase;
  readonly #log: Logger;
  readonly #loop: Loop;
  readonly #written: ReturnType<Metrics['counter']>;
  readonly #shed = { slow: 0, refused: 0 };
  readonly #batches = new FixBatches();
  #refusals = 0;
  /** The days that fixes fall on have partitions, as far as we know. */
  #prepared = false;

  constructor(deps: { database: HistoryDatabase; metrics: Metrics; log: Logger }) {
    this.#database = deps.database;
    this.#log = deps.log;
    this.#loop = new Loop({
      name: 'fix history',
      round: () => this.#round(),
      idleMs: FLUSH_MS,
      log: deps.log,
    });
    this.#written = deps.metrics.counter('hexfleet_history_fixes_total', 'Fixes written', []);
    deps.metrics.tally(
      'hexfleet_history_fixes_shed_total',
      'Fixes given up: the database was slower than the fleet, or refused them',
      { label: 'reason', by: this.#shed },
    );
    deps.metrics.gauge(
      'hexfleet_history_buffer',
      'Fixes waiting to be written',
      () => this.#batches.count,
    );
  }

  start(): void {
    this.#loop.start();
  }

  /**
   * @param fix is copied; the caller may use the object again
   * @hot bench: history
   */
  append(cityId: string, courierId: string, fix: Readonly<Fix>): void {
    const wasFull = this.#batches.hasFull;
    this.#shed.slow += this.#batches.append(cityId, courierId, fix);
    if (!wasFull && this.#batches.hasFull) this.#loop.wake();
  }

  /** Where a courier was, oldest first; see `read-fixes.ts`. */
  async fixesOf(range: FixRange, limit: number): Promise<readonly RecordedFix[]> {
    return await fixesOf(this.#database, range, limit);
  }

  /** Writes what waits, as far as one try goes. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    while (this.#batches.count > 0) await this.#writeBatch();
  }

  /** A batch that is not full can wait for more: each is a commit. @returns whether there is another full one */
  async #round(): Promise<boolean> {
    await this.#writeBatch();
    return this.#batches.hasFull;
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#batches.begin();
    if (batch === null) return;
    try {
      if (!this.#prepared) await makeFixPartitions(this.#database);
      this.#prepared = true;
      await this.#database.copyIn(COPY_FIXES, batch.bytes());
    } catch (error) {
      // A fix of a day without a partition is refused, whatever the reason that there is none.
      this.#prepared = false;
      this.#refused(error, batch.count);
      throw error;
    }
    this.#written.inc(batch.count);
    this.#endBatch();
  }

  #refused(error: unknown, fixes: number): void {
    this.#refusals += isAppError(error) && error.retryable ? 0 : 1;
    if (this.#refusals < REFUSALS_MAX) return;
    this.#log.error({ err: error, fixes }, 'fixes were given up');
    this.#shed.refused += fixes;
    this.#endBatch();
  }

  /** The batch is done with; the next may be made. */
  #endBatch(): void {
    this.#batches.done();
    this.#refusals = 0;
  }
}
