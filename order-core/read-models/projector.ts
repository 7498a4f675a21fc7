import { crashPoint, isAppError, Loop, type Logger, type Metrics } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import { catchUp, READ_MODELS, type OrderRef } from './store.ts';

/** Orders in one transaction. */
const BATCH_MAX = 200;
/** The relay says when there is something; this is for what was put off. */
const IDLE_MS = 1_000;
/** A read model that cannot be brought up to date after so many tries waits for a person. */
const ATTEMPTS_MAX = 10;

const TAKE_INBOX = {
  name: 'take_inbox',
  text: `
    SELECT DISTINCT city_id, order_id FROM (
      SELECT city_id, order_id FROM consumer_inbox
      WHERE consumer = $1 AND due_at <= clock_timestamp()
      ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) t`,
};
const PUT_OFF = {
  name: 'put_off_inbox',
  text: `
    UPDATE consumer_inbox SET attempts = attempts + 1, last_error = $4,
      due_at = CASE WHEN attempts + 1 >= $5 THEN 'infinity'::timestamptz
        ELSE clock_timestamp() + least(60, power(2, attempts)) * interval '100 milliseconds'
          * (0.5 + random() / 2) END
    WHERE consumer = $1 AND city_id = $2 AND order_id = $3`,
};

/**
 * Keeps the read models up to date: takes orders of which the relay has announced events, and brings
 * them to everything that is stored. An order that fails is tried alone, so that one bad event does
 * not hold up the others, and in the end waits for a person (`npm run projections -- status`).
 */
export class Projector {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #loop: Loop;
  readonly #applied: ReturnType<Metrics['counter']>;

  constructor(deps: { database: Database; metrics: Metrics; log: Logger }) {
    this.#database = deps.database;
    this.#log = deps.log;
    this.#loop = new Loop({
      name: 'read models',
      round: () => this.#round(),
      idleMs: IDLE_MS,
      log: deps.log,
    });
    this.#applied = deps.metrics.counter(
      'hexfleet_read_model_events_total',
      'Events that the read models have taken in',
      [],
    );
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(): Promise<boolean> {
    let taken: readonly OrderRef[] = [];
    try {
      const events = await this.#database.transaction(async (tx) => {
        taken = await tx.query<OrderRef>(TAKE_INBOX, [READ_MODELS, BATCH_MAX]);
        return taken.length === 0 ? 0 : await catchUp(tx, taken);
      });
      if (taken.length > 0) crashPoint('consumer-applied');
      this.#applied.inc({}, events);
      return taken.length > 0;
    } catch (error) {
      // A database that is away or busy is no fault of the events: the round is made again.
      if (taken.length === 0 || isTransient(error)) throw error;
      await this.#oneByOne(taken);
      return true;
    }
  }

  async #oneByOne(orders: readonly OrderRef[]): Promise<void> {
    for (const order of orders) {
      try {
        await this.#database.transaction((tx) => catchUp(tx, [order]));
      } catch (error) {
        if (isTransient(error)) throw error;
        this.#log.error({ err: error, orderId: order.order_id }, 'read model not updated');
        const why = reasonOf(error).slice(0, 500);
        const key = [READ_MODELS, order.city_id, order.order_id];
        await this.#database.query(PUT_OFF, [...key, why, ATTEMPTS_MAX]);
      }
    }
  }
}

function isTransient(error: unknown): boolean {
  return isAppError(error) && error.retryable;
}

/** The database's own words, where it is the database that refuses. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
