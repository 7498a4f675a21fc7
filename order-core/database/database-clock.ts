import { Loop, required, type Clock, type Logger } from '../../runtime/index.ts';
import type { Database } from './pool.ts';

/** A machine's quartz is some seconds a day off: 0.03 ms in this time. */
const LOOK_MS = 30_000;
/** Of one look; the answer that came quickest is nearest to the truth, by half the time it took. */
const ASKS = 3;
/** An answer that took longer says little about the moment at which the database answered. */
const ROUND_TRIP_MS_MAX = 1_000;

const DATABASE_NOW = {
  name: 'database_now',
  text: 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms',
};

/**
 * The wall clock of the database, carried on by the machine's monotonic clock. Deadlines are rows
 * compared in the database; what the process compares by itself (the age of a fix, of a token, of a
 * webhook) goes by the same clock, so that a machine with a wrong one does no harm. When the database
 * is away, it runs on from the last look.
 */
export class DatabaseClock implements Clock {
  readonly #database: Database;
  readonly #machine: Clock;
  readonly #loop: Loop;
  /** Add to the monotonic clock for the wall clock. */
  #offsetMs: number;

  private constructor(database: Database, machine: Clock, log: Logger) {
    this.#database = database;
    this.#machine = machine;
    this.#offsetMs = machine.nowMs() - machine.monotonicMs();
    this.#loop = new Loop({
      name: 'database clock',
      idleMs: LOOK_MS,
      log,
      round: async () => {
        await this.#look();
        return false;
      },
    });
  }

  /** @throws AppError when the database does not answer */
  static async start(database: Database, machine: Clock, log: Logger): Promise<DatabaseClock> {
    const clock = new DatabaseClock(database, machine, log);
    await clock.#look();
    clock.#loop.start();
    return clock;
  }

  nowMs(): number {
    return Math.round(this.#machine.monotonicMs() + this.#offsetMs);
  }

  monotonicMs(): number {
    return this.#machine.monotonicMs();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #look(): Promise<void> {
    let shortestMs = ROUND_TRIP_MS_MAX;
    for (let ask = 0; ask < ASKS; ask++) {
      const askedMs = this.#machine.monotonicMs();
      const [row] = await this.#database.query<{ now_ms: number }>(DATABASE_NOW);
      const answeredMs = this.#machine.monotonicMs();
      if (answeredMs - askedMs > shortestMs) continue;
      shortestMs = answeredMs - askedMs;
      const { now_ms: nowMs } = required(row, 'the time');
      this.#offsetMs = nowMs - (askedMs + answeredMs) / 2;
    }
  }
}
