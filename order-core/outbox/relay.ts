import type { OrderEvent, OrderEventType } from '../../protocol/index.ts';
import {
  crashPoint,
  Loop,
  type Bus,
  type Clock,
  type Logger,
  type Metrics,
} from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import { LOOK_MS } from '../lookout.ts';
import { upcast } from '../events/upcast.ts';
import { NOTIFICATIONS, TOLD_EVENTS } from '../notifications/kinds.ts';
import { SUMMARY_COLUMNS, summaryOf, type SummaryRow } from '../orders/rows.ts';
import { READ_MODELS } from '../read-models/store.ts';

/** Events in one transaction: large enough to share a commit, small enough to hold few locks. */
const BATCH_MAX = 200;
/** Nudges make an event go out at once, and the lookout finds what a nudge has missed: each of our looks is three statements. */
const IDLE_MS = 30_000;
/** After a round that has failed. */
const PAUSE_MS = 200;

/**
 * Taken rows are deleted in the transaction that publishes them: when the publisher dies before the
 * commit, they are published again, and readers tell a repetition by its sequence.
 */
const TAKE_EVENTS = {
  name: 'take_events',
  text: `
    WITH taken AS (
      DELETE FROM outbox WHERE outbox_id IN (
        SELECT outbox_id FROM outbox ORDER BY outbox_id LIMIT $1 FOR UPDATE SKIP LOCKED)
      RETURNING outbox_id, city_id, order_id, sequence, created_at
    ), handed AS (
      INSERT INTO consumer_inbox (consumer, city_id, order_id, sequence)
      SELECT '${READ_MODELS}', city_id, order_id, sequence FROM taken ON CONFLICT DO NOTHING
    ), told AS (
      INSERT INTO consumer_inbox (consumer, city_id, order_id, sequence)
      SELECT '${NOTIFICATIONS}', t.city_id, t.order_id, t.sequence
      FROM taken t JOIN order_events e USING (city_id, order_id, sequence)
      -- A city in which nobody has said how to be told pays nothing for it.
      WHERE e.type = ANY($2) AND (
        EXISTS (SELECT FROM notification_preferences p WHERE p.city_id = t.city_id)
        OR EXISTS (SELECT FROM webhook_endpoints w WHERE w.city_id = t.city_id))
      ON CONFLICT DO NOTHING
    )
    SELECT e.type AS event_type, e.sequence AS event_sequence, e.data AS event_data,
      e.schema_version AS event_version,
      extract(epoch FROM e.at)::float8 * 1000 AS event_at_ms,
      extract(epoch FROM clock_timestamp() - t.created_at)::float8 AS lag_seconds,
      ${SUMMARY_COLUMNS}
    FROM taken t
      JOIN order_events e USING (city_id, order_id, sequence)
      JOIN orders o USING (city_id, order_id)
    ORDER BY t.outbox_id`,
};

interface TakenRow extends SummaryRow {
  event_type: OrderEventType;
  event_sequence: number;
  event_version: number;
  event_data: Record<string, unknown>;
  event_at_ms: number;
  lag_seconds: number;
}

/**
 * Publishes committed events, each order's in their order (one relay runs at a time in a process,
 * and an order's outbox ids grow with its sequence, because its row lock serializes its commits).
 */
export class Relay {
  readonly #database: Database;
  readonly #bus: Bus<OrderEvent>;
  readonly #handed: () => void;
  readonly #loop: Loop;
  readonly #clock: Clock;
  readonly #lag: ReturnType<Metrics['latency']>;
  /** When the outbox was last known to hold nothing older than `#batchLagMs`, monotonic. */
  #lookedAtMs: number;
  #batchLagMs = 0;

  /** @param deps.handed called when consumers have something in their inboxes */
  constructor(deps: {
    database: Database;
    bus: Bus<OrderEvent>;
    handed: () => void;
    clock: Clock;
    metrics: Metrics;
    log: Logger;
  }) {
    this.#handed = deps.handed;
    this.#database = deps.database;
    this.#bus = deps.bus;
    this.#clock = deps.clock;
    this.#lookedAtMs = deps.clock.monotonicMs();
    this.#loop = new Loop({
      name: 'outbox relay',
      round: () => this.#round(),
      idleMs: IDLE_MS,
      pauseMs: PAUSE_MS,
      log: deps.log,
    });
    this.#lag = deps.metrics.latency(
      'hexfleet_outbox_lag_seconds',
      'From the commit of an event to its publication',
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

  /** Somebody else has seen that the outbox is empty. */
  isEmpty(): void {
    this.#lookedAtMs = this.#clock.monotonicMs();
    this.#batchLagMs = 0;
  }

  /** How long an event may have waited by now, ms: what the last batch had, and the time since. */
  lagMs(): number {
    return this.#batchLagMs + Math.max(0, this.#clock.monotonicMs() - this.#lookedAtMs - LOOK_MS);
  }

  async #round(): Promise<boolean> {
    let lagSeconds = 0;
    const taken = await this.#database.transaction(async (transaction) => {
      const rows = await transaction.query<TakenRow>(TAKE_EVENTS, [BATCH_MAX, TOLD_EVENTS]);
      if (rows.length > 0) crashPoint('relay-taken');
      for (const row of rows) {
        await this.#bus.publish(eventOf(row));
        this.#lag.observe(row.lag_seconds);
        lagSeconds = Math.max(lagSeconds, row.lag_seconds);
      }
      if (rows.length > 0) crashPoint('relay-published');
      return rows.length;
    });
    this.#lookedAtMs = this.#clock.monotonicMs();
    this.#batchLagMs = lagSeconds * 1000;
    if (taken > 0) this.#handed();
    return taken > 0;
  }
}

function eventOf(row: TakenRow): OrderEvent {
  return {
    type: row.event_type,
    sequence: row.event_sequence,
    atMs: Math.round(row.event_at_ms),
    data: upcast(row.event_type, row.event_version, row.event_data),
    order: summaryOf(row),
  };
}
