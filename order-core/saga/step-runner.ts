import {
  crashPoint,
  isAppError,
  Loop,
  type AppError,
  type Clock,
  type Logger,
  type Metrics,
  type Random,
} from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import type { StepName } from '../model/order.ts';
import type { Occasion, OrderWriter } from '../orders/order-writer.ts';
import type { PaymentProvider } from '../ports.ts';
import { REMOTE_STEPS, type RemoteStep } from './remote-steps.ts';

/** Steps in work at once; each holds a request to the provider, none holds a connection to SQL. */
const IN_FLIGHT_MAX = 64;
/** Steps that wait for one of these places in memory; what comes on top is found in the database. */
const QUEUE_MAX = 512;
/** A step that has waited longer might be somebody else's before it is done. */
const QUEUE_MS_MAX = 5_000;
/** Longer than a step may take with all its timeouts; afterwards another runner may have it. */
const LEASE_MS = 15_000;
/** Nudges make new steps start at once; the lookout finds retries that are due, and lost nudges. */
const IDLE_MS = 30_000;
/** After a round that has failed. */
const PAUSE_MS = 200;

export const KNOWN_STEPS: readonly string[] = Object.keys(REMOTE_STEPS);

const CLAIM_STEPS = {
  name: 'claim_steps',
  text: `
    UPDATE saga_steps s SET attempts = attempts + 1,
      due_at = clock_timestamp() + $2::float8 * interval '1 millisecond'
    FROM (SELECT city_id, order_id, step, number FROM saga_steps
      -- Steps that only a newer engine knows are left to it.
      WHERE due_at <= clock_timestamp() AND step = ANY($3::text[])
      ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) d
    WHERE s.city_id = d.city_id AND s.order_id = d.order_id AND s.step = d.step
      AND s.number = d.number
    RETURNING s.city_id, s.order_id, s.step, s.number, s.attempts`,
};

const RETRY_STEP = {
  name: 'retry_step',
  text: `
    UPDATE saga_steps SET last_error = $6,
      due_at = clock_timestamp() + $5::float8 * interval '1 millisecond'
    -- A runner that was stopped and goes on has no say any more.
    WHERE city_id = $1 AND order_id = $2 AND step = $3 AND number = $4 AND attempts = $7`,
};

/** It was not tried: the try that the claim has counted is taken back. */
const POSTPONE_STEP = {
  name: 'postpone_step',
  text: `
    UPDATE saga_steps SET attempts = attempts - 1,
      due_at = clock_timestamp() + $5::float8 * interval '1 millisecond'
    WHERE city_id = $1 AND order_id = $2 AND step = $3 AND number = $4 AND attempts = $6`,
};

const BURY_STEP = {
  name: 'bury_step',
  text: `
    WITH gone AS (
      DELETE FROM saga_steps WHERE city_id = $1 AND order_id = $2 AND step = $3 AND number = $4
      RETURNING city_id, order_id, step, number, attempts, created_at
    )
    INSERT INTO dead_letters (city_id, order_id, step, number, attempts, error, first_tried_at)
    SELECT city_id, order_id, step, number, attempts, $5, created_at FROM gone
    -- One that was discarded and came back is open again.
    ON CONFLICT (city_id, order_id, step, number) DO UPDATE SET attempts = excluded.attempts,
      error = excluded.error, created_at = clock_timestamp(), discarded = NULL`,
};

const RELEASE_LEASES = {
  name: 'release_leases',
  text: `UPDATE saga_steps SET due_at = clock_timestamp() WHERE due_at > clock_timestamp()`,
};

/** A step that is this process's own for a while. */
export type LeasedStep = Omit<ClaimedStep, 'attempts'>;

interface ClaimedStep {
  city_id: string;
  order_id: string;
  step: StepName;
  number: number;
  attempts: number;
}

/**
 * Carries out the saga's steps: claims what is due for LEASE_MS, asks the other system, and commits
 * the outcome together with the step's end. A runner that dies leaves steps that become due again.
 */
export class StepRunner {
  readonly #deps: StepRunnerDeps;
  readonly #loop: Loop;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #queue: (ClaimedStep & { readonly leasedAtMs: number })[] = [];
  #running = false;
  readonly #seconds: ReturnType<Metrics['latency']>;

  constructor(deps: StepRunnerDeps) {
    this.#deps = deps;
    this.#loop = new Loop({
      name: 'saga steps',
      round: () => this.#round(),
      idleMs: IDLE_MS,
      pauseMs: PAUSE_MS,
      log: deps.log,
    });
    this.#seconds = deps.metrics.latency(
      'hexfleet_saga_step_seconds',
      'Time of one try of a saga step, by its outcome',
      ['step', 'outcome'],
    );
  }

  /** No other engine works on this database, so every lease is a dead engine's, and ends. */
  async start(): Promise<void> {
    await this.#deps.database.query(RELEASE_LEASES, []);
    this.#running = true;
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  /** For how long a step that begins now would be ours; null when there is enough to do. */
  leaseMs(): number | null {
    return this.#running && this.#queue.length < QUEUE_MAX ? LEASE_MS : null;
  }

  /** A step that was begun under our lease: done without looking for it in the database. */
  take(step: LeasedStep): void {
    this.#queue.push({ ...step, attempts: 1, leasedAtMs: this.#deps.clock.monotonicMs() });
    this.#fill();
  }

  #fill(): void {
    while (this.#running && this.#inFlight.size < IN_FLIGHT_MAX) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      const waitedMs = this.#deps.clock.monotonicMs() - next.leasedAtMs;
      // The lease will end, and the step is then found in the database.
      if (waitedMs < QUEUE_MS_MAX) this.#begin(next);
    }
  }

  #begin(step: ClaimedStep): void {
    const work = this.#work(step).finally(() => {
      this.#inFlight.delete(work);
      this.#fill();
    });
    this.#inFlight.add(work);
  }

  /** No new steps; resolves when those in work have ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#loop.stop();
    await Promise.all(this.#inFlight);
  }

  async #round(): Promise<boolean> {
    const room = IN_FLIGHT_MAX - this.#inFlight.size;
    if (room <= 0) {
      await Promise.race(this.#inFlight);
      return true;
    }
    const claimed = await this.#deps.repeatable.query<ClaimedStep>(CLAIM_STEPS, [
      room,
      LEASE_MS,
      KNOWN_STEPS,
    ]);
    for (const step of claimed) this.#begin(step);
    return claimed.length > 0;
  }

  /** Never rejects: a failure becomes a retry, a dead letter, or waits for its lease to end. */
  async #work(claimed: ClaimedStep): Promise<void> {
    const { clock, log } = this.#deps;
    const startedAt = clock.monotonicMs();
    const observe = (outcome: string): void => {
      const seconds = (clock.monotonicMs() - startedAt) / 1000;
      this.#seconds.observe({ step: claimed.step, outcome }, seconds);
    };
    try {
      await this.#perform(claimed);
      observe('done');
    } catch (error) {
      observe('failed');
      try {
        await this.#failed(claimed, error);
      } catch (secondError) {
        log.error({ err: secondError, ...claimed }, 'step failure not written; its lease will end');
      }
    }
  }

  async #perform(claimed: ClaimedStep): Promise<void> {
    const { provider, writer } = this.#deps;
    const order = await writer.load(claimed.city_id, claimed.order_id);
    crashPoint('step-claimed');
    const step = REMOTE_STEPS[claimed.step];
    const outcome = await step.perform(order, claimed.number, provider);
    crashPoint('step-performed');
    await writer.change(
      occasionOf(claimed),
      (now, _command, context) => outcome(now, context),
      null,
    );
  }

  async #failed(claimed: ClaimedStep, error: unknown): Promise<void> {
    const { database, log, random } = this.#deps;
    if (isAppError(error, 'payment_provider_paused')) return await this.#postpone(claimed, error);
    const step = REMOTE_STEPS[claimed.step];
    const facts = { orderId: claimed.order_id, step: claimed.step, attempt: claimed.attempts };
    const mayRetry = !isAppError(error) || error.retryable;
    if (mayRetry && claimed.attempts < step.retry.attempts) {
      const inMs = retryDelayMs(step, claimed.attempts, random);
      log.warn({ err: error, ...facts, inMs }, 'saga step failed; will try again');
      const values = [...keyOf(claimed), inMs, describe(error), claimed.attempts];
      await database.query(RETRY_STEP, values);
      return;
    }
    log.error({ err: error, ...facts }, 'saga step given up');
    await this.#giveUp(claimed, step, error);
  }

  /** Somewhat later than the provider is asked again, and not all at once. */
  async #postpone(claimed: ClaimedStep, { retryAfterMs = 0 }: AppError): Promise<void> {
    const { database, random } = this.#deps;
    const inMs = retryAfterMs * (1 + random.next() / 2);
    await database.query(POSTPONE_STEP, [...keyOf(claimed), inMs, claimed.attempts]);
  }

  async #giveUp(claimed: ClaimedStep, step: RemoteStep, error: unknown): Promise<void> {
    const { database, writer } = this.#deps;
    if (step.giveUp === null) {
      await database.query(BURY_STEP, [...keyOf(claimed), describe(error)]);
      return;
    }
    const giveUp = step.giveUp(claimed.number);
    await writer.change(
      occasionOf(claimed),
      (now, _command, context) => giveUp(now, context),
      null,
    );
  }
}

function occasionOf({ city_id: cityId, order_id: orderId, step, number }: ClaimedStep): Occasion {
  const causation = `step:${step}:${number}`;
  return { cityId, orderId, actor: { engine: 'saga' }, causation, finishedStep: { step, number } };
}

function keyOf({ city_id, order_id, step, number }: ClaimedStep): readonly unknown[] {
  return [city_id, order_id, step, number];
}

export interface StepRunnerDeps {
  readonly database: Database;
  /** For leases: one that is lost is taken again. */
  readonly repeatable: Database;
  readonly writer: OrderWriter;
  readonly provider: PaymentProvider;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Exponential with jitter, so that a provider that comes back is not met by all at once. */
function retryDelayMs(step: RemoteStep, attempts: number, random: Random): number {
  const ceiling = Math.min(step.retry.maxMs, step.retry.firstMs * 2 ** (attempts - 1));
  return ceiling * (0.5 + random.next() / 2);
}

function describe(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);
}
