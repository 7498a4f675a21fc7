import {
  crashPoint,
  Loop,
  type Logger,
  type Metrics,
  type TimeScale,
} from '../../runtime/index.ts';
import { timerFired } from '../commands/timer-commands.ts';
import type { Database } from '../database/pool.ts';
import type { TimerKind } from '../model/order.ts';
import { isOvertaken, type OrderWriter } from '../orders/order-writer.ts';
import type { CourierPresence } from '../ports.ts';

const BATCH_MAX = 500;
/** Orders whose deadlines are acted on at the same time. */
const LANES_MAX = 16;
/** How late a deadline may be noticed, in city seconds; the shortest deadline is 30. */
const SWEEP_SECONDS = 1;
const SWEEP_MS_MIN = 20;

const DUE_TIMERS = {
  name: 'due_timers',
  text: `
    SELECT t.city_id, t.order_id, t.kind, o.courier_id
    FROM timers t JOIN orders o USING (city_id, order_id)
    WHERE t.due_at <= clock_timestamp() ORDER BY t.due_at LIMIT $1`,
};

const DROP_TIMER = {
  name: 'drop_timer',
  text: `
    DELETE FROM timers WHERE city_id = $1 AND order_id = $2 AND kind = $3
      AND due_at <= clock_timestamp()`,
};

const POSTPONE_MS = 2_000;
const POSTPONE_TIMER = {
  name: 'postpone_timer',
  text: `
    UPDATE timers SET due_at = clock_timestamp() + $4::float8 * interval '1 millisecond'
    WHERE city_id = $1 AND order_id = $2 AND kind = $3 AND due_at <= clock_timestamp()`,
};

interface DueTimer {
  city_id: string;
  order_id: string;
  kind: TimerKind;
  courier_id: string | null;
}

/**
 * Acts on deadlines that have passed by the database's clock. The row of a timer goes in the commit
 * that acts on it, under the order's version: two sweepers, or one that was stopped and continued,
 * act once all the same.
 */
export class TimerSweeper {
  readonly #database: Database;
  readonly #writer: OrderWriter;
  readonly #presence: CourierPresence;
  readonly #loop: Loop;
  readonly #log: Logger;
  readonly #fired: ReturnType<Metrics['counter']>;

  constructor(deps: {
    database: Database;
    writer: OrderWriter;
    presence: CourierPresence;
    timeScale: TimeScale;
    metrics: Metrics;
    log: Logger;
  }) {
    this.#database = deps.database;
    this.#writer = deps.writer;
    this.#log = deps.log;
    this.#presence = deps.presence;
    this.#loop = new Loop({
      name: 'timers',
      round: () => this.#round(),
      idleMs: Math.max(SWEEP_MS_MIN, deps.timeScale.wallMs(SWEEP_SECONDS)),
      log: deps.log,
    });
    this.#fired = deps.metrics.counter('hexfleet_timers_fired_total', 'Deadlines acted on', [
      'kind',
    ]);
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(): Promise<boolean> {
    const due = await this.#database.query<DueTimer>(DUE_TIMERS, [BATCH_MAX]);
    if (due.length > 0) crashPoint('timer-found');
    // Of one order one after the other; of many orders side by side, or a crowd of deadlines would be
    // met one round trip at a time.
    const lanes = [...Map.groupBy(due, (timer) => timer.order_id).values()];
    await Promise.all(
      Array.from({ length: LANES_MAX }, async () => {
        for (let lane = lanes.pop(); lane !== undefined; lane = lanes.pop()) {
          for (const timer of lane) await this.#fire(timer);
        }
      }),
    );
    return due.length === BATCH_MAX;
  }

  async #fire(timer: DueTimer): Promise<void> {
    const { city_id: cityId, order_id: orderId, kind, courier_id: courierId } = timer;
    const causation = `timer:${kind}`;
    const occasion = { cityId, orderId, actor: { engine: 'timer' }, causation };
    const courierSilentMs = courierId === null ? 0 : this.#presence.silentMs(cityId, courierId);
    try {
      await this.#writer.change(occasion, timerFired, { kind, courierSilentMs });
      this.#fired.inc({ kind });
    } catch (error) {
      const key = [cityId, orderId, kind];
      if (isOvertaken(error)) {
        // The order is past what the timer was for; nothing will clear it any more but this.
        await this.#database.query(DROP_TIMER, key);
        return;
      }
      // One order that cannot be helped must not hold up the deadlines of the others.
      this.#log.error({ err: error, orderId, kind }, 'a deadline could not be acted on');
      await this.#database.query(POSTPONE_TIMER, [...key, POSTPONE_MS]);
    }
  }
}
