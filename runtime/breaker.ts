import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import type { BreakerTerms } from './dependencies.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** The breaker in front of one dependency (`dependencies.ts`); its state is in the log and the metrics. */
export class Breaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly pauseMs: number;

  /** @param options.isOutage which errors say that the other side is away, and not that it said no */
  constructor(options: {
    readonly name: string;
    readonly terms: BreakerTerms;
    readonly isOutage?: (error: Error) => boolean;
    readonly onOpen?: () => void;
    readonly metrics: Metrics;
    readonly log: Logger;
  }) {
    const { name, terms, metrics, log, isOutage = () => true } = options;
    this.pauseMs = terms.pauseMs;
    this.#policy = circuitBreaker(handleWhen(isOutage), {
      halfOpenAfter: terms.pauseMs,
      breaker: new ConsecutiveBreaker(terms.failures),
    });
    this.#policy.onBreak(() => {
      log.warn({ dependency: name, pauseMs: terms.pauseMs }, 'breaker.open');
      options.onOpen?.();
    });
    this.#policy.onReset(() => log.info({ dependency: name }, 'breaker.closed'));
    metrics.gauge(
      `hexfleet_${name}_breaker_open`,
      'Whether it is left alone because it has failed again and again',
      () => (this.#policy.state === CircuitState.Open ? 1 : 0),
    );
  }

  /** @throws what `work` throws; `isLeftAlone` of an error tells that it was not begun */
  async execute<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return await this.#policy.execute((context) => work(context.signal), signal);
  }
}

/** The breaker is open: the other side was not asked. */
export function isLeftAlone(error: unknown): boolean {
  return isBrokenCircuitError(error);
}
