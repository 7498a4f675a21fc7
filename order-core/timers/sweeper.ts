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

const BATCH_MAX = 100;
/** How late a deadline may be noticed, in city seconds; the shortest deadline is 30. */
const SWEEP_SECONDS = 1;
const SWEEP_MS_MIN = 20;

const DUE_TIMERS = {
  name: 'due_timers',
  text: `
    SELECT city_id, order_id, kind FROM timers WHERE due_at <= clock_timestamp()
    ORDER BY due_at LIMIT $1`,
};

const DROP_TIMER = {
  name: 'drop_timer',
  text: `
    DELETE FROM timers WHERE city_id = $1 AND order_id = $2 AND kind = $3
      AND due_at <= clock_timestamp()`,
};

interface DueTimer {
  city_id: string;
  order_id: string;
  kind: TimerKind;
}

/**
 * Acts on deadlines that have passed by the database's clock. The row of a timer goes in the commit
 * that acts on it, under the order's version: two sweepers, or one that was stopped and continued,
 * act once all the same.
 */
export class TimerSweeper {
  readonly #database: Database;
  readonly #writer: OrderWriter;
  readonly #loop: Loop;
  readonly #fired: ReturnType<Metrics['counter']>;

  constructor(deps: {
    database: Database;
    writer: OrderWriter;
    timeScale: TimeScale;
    metrics: Metrics;
    log: Logger;
  }) {
    this.#database = deps.database;
    this.#writer = deps.writer;
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
    for (const timer of due) await this.#fire(timer);
    return due.length === BATCH_MAX;
  }

  async #fire({ city_id: cityId, order_id: orderId, kind }: DueTimer): Promise<void> {
    const occasion = { cityId, orderId, actor: { engine: 'timer' } };
    try {
      await this.#writer.change(occasion, timerFired, { kind });
      this.#fired.inc({ kind });
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      // The order is past what the timer was for; nothing will clear it any more but this.
      await this.#database.query(DROP_TIMER, [cityId, orderId, kind]);
    }
  }
}
