import { crashPoint, isAppError, Loop, type Logger } from '../../runtime/index.ts';
import type { Database, Queryable } from '../database/pool.ts';
import type { OrderRef } from './positions.ts';

/** Orders in one transaction. */
const BATCH_MAX = 200;
/** The relay says when there is something, the lookout when what was put off is due. */
const IDLE_MS = 30_000;
/** After a round that has failed. */
const PAUSE_MS = 1_000;
/** An order that a consumer cannot take in after so many tries waits for a person. */
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

interface InboxConsumerDeps {
  /** Whose inbox it is; in the database. */
  readonly consumer: string;
  /** For people. */
  readonly name: string;
  /** Takes in what there is of these orders, with their positions. @returns how many events were new */
  readonly apply: (tx: Queryable, orders: readonly OrderRef[]) => Promise<number>;
  /** Called after each commit. */
  readonly applied: (events: number) => void;
  readonly database: Database;
  readonly log: Logger;
}

/**
 * Takes orders of which the relay has announced events out of a consumer's inbox, and has their events
 * applied in one transaction with the consumer's position. An order that fails is tried alone, so that
 * one bad event does not hold up the others, and in the end waits for a person
 * (`npm run projections -- status`).
 */
export class InboxConsumer {
  readonly #deps: InboxConsumerDeps;
  readonly #loop: Loop;

  constructor(deps: InboxConsumerDeps) {
    this.#deps = deps;
    const { name, log } = deps;
    const round = (): Promise<boolean> => this.#round();
    this.#loop = new Loop({ name, round, idleMs: IDLE_MS, pauseMs: PAUSE_MS, log });
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
      const events = await this.#deps.database.transaction(async (tx) => {
        taken = await tx.query<OrderRef>(TAKE_INBOX, [this.#deps.consumer, BATCH_MAX]);
        return taken.length === 0 ? 0 : await this.#deps.apply(tx, taken);
      });
      if (taken.length > 0) crashPoint('consumer-applied');
      this.#deps.applied(events);
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
        await this.#deps.database.transaction((tx) => this.#deps.apply(tx, [order]));
      } catch (error) {
        if (isTransient(error)) throw error;
        const facts = { consumer: this.#deps.consumer, orderId: order.order_id };
        this.#deps.log.error({ err: error, ...facts }, 'order not taken in; will try again');
        const why = reasonOf(error).slice(0, 500);
        const key = [this.#deps.consumer, order.city_id, order.order_id];
        await this.#deps.database.query(PUT_OFF, [...key, why, ATTEMPTS_MAX]);
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
