import { Loop, type Logger, type Metrics, type Tally } from '../../runtime/index.ts';
import { gatewayErrors } from '../errors.ts';
import {
  afterLook,
  AT_EASE,
  POSITIONS_EVERY_MS,
  SHED_FROM,
  STEPS,
  type OverloadState,
  type Sheddable,
  type Signs,
} from './steps.ts';

/** Between two looks: a step is entered after a second, and left after three. */
const LOOK_MS = 500;
/** When it is worth to ask again, as a step may have been left by then; clients add their jitter. */
const RETRY_AFTER_MS = 3_000;

const NO_SIGNS: Signs = { loopDelayMs: 0, poolWaitMs: 0, outboxLagMs: 0 };

/** What `/health/ready` shows. */
export interface OverloadView extends Signs {
  readonly step: number;
  readonly name: (typeof STEPS)[number];
}

/** Looks at the signs of overload again and again, and says what is left undone. */
export class Overload {
  readonly #read: () => Signs;
  readonly #log: Logger;
  readonly #loop: Loop;
  readonly #enabled: boolean;
  readonly #shed: Tally = {};
  #state: OverloadState = AT_EASE;
  #signs: Signs = NO_SIGNS;

  /** @param deps.signs as they were since it was last asked */
  constructor(deps: {
    readonly signs: () => Signs;
    /** False: it looks, and leaves nothing undone. */
    readonly enabled: boolean;
    readonly metrics: Metrics;
    readonly log: Logger;
  }) {
    this.#read = deps.signs;
    this.#enabled = deps.enabled;
    this.#log = deps.log;
    this.#loop = new Loop({
      name: 'overload',
      idleMs: LOOK_MS,
      log: deps.log,
      round: () => {
        this.look();
        return Promise.resolve(false);
      },
    });
    const { metrics } = deps;
    metrics.gauge(
      'hexfleet_overload_step',
      'What is left undone: 0 nothing, 1 what looks back and areas, 2 new subscriptions, 3 new orders',
      () => this.#state.step,
    );
    metrics.gauge(
      'hexfleet_pool_wait_seconds',
      'The longest wait for a database connection at the last look',
      () => this.#signs.poolWaitMs / 1000,
    );
    metrics.tally('hexfleet_overload_shed_total', 'What was left undone', {
      label: 'what',
      by: this.#shed,
    });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  get view(): OverloadView {
    const { step } = this.#state;
    const { loopDelayMs, poolWaitMs, outboxLagMs } = this.#signs;
    return {
      step,
      name: STEPS[step],
      loopDelayMs: Math.round(loopDelayMs),
      poolWaitMs: Math.round(poolWaitMs),
      outboxLagMs: Math.round(outboxLagMs),
    };
  }

  /** How often watchers of an order are told where its courier is, at most, ms; 0: at each fix. */
  get positionsEveryMs(): number {
    return this.#enabled ? POSITIONS_EVERY_MS[this.#state.step] : 0;
  }

  leavesUndone(what: Sheddable): boolean {
    return this.#enabled && this.#state.step >= SHED_FROM[what];
  }

  /** @param what null: never left undone @throws AppError `overloaded` when this is left undone now */
  require(what: Sheddable | null): void {
    if (what === null || !this.leavesUndone(what)) return;
    this.#shed[what] = (this.#shed[what] ?? 0) + 1;
    throw gatewayErrors.make('overloaded', { retryAfterMs: RETRY_AFTER_MS, details: { what } });
  }

  /** One look. */
  look(): void {
    const { step: before } = this.#state;
    this.#signs = this.#read();
    this.#state = afterLook(this.#state, this.#signs);
    const { step: after } = this.#state;
    if (after === before) return;
    this.#log.warn({ from: STEPS[before], to: STEPS[after], ...this.#signs }, 'overload.step');
  }
}
