import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { LatencyTally } from './latency-tally.ts';

/** From 1 ms to 10 s, for anything a person or a process waits for. */
const LATENCY_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** The longest that a timer of Node's can wait. */
const NEVER_MS = 2 ** 31 - 1;
const EVENT_LOOP_LAG = ['', 'min_', 'max_', 'mean_', 'stddev_', 'p50_', 'p90_', 'p99_'].map(
  (of) => `nodejs_eventloop_lag_${of}seconds`,
);

/** How often each of a few things has happened. */
export type Tally = Record<string, number>;

/**
 * The engine's Prometheus registry. Each module makes its instruments once, at construction, so a
 * second engine in the same process (as in tests) has figures of its own.
 */
export class Metrics {
  readonly #registry = new Registry();

  /** @param processMetrics also collect Node's own figures (heap, garbage, CPU) */
  constructor(processMetrics: boolean) {
    if (!processMetrics) return;
    // Its look at the event loop wakes an idle process a hundred times a second; `LoopDelay` does with twenty.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: NEVER_MS });
    for (const name of EVENT_LOOP_LAG) this.#registry.removeSingleMetric(name);
    // Read by listing a folder with an entry for each socket, while nothing else happens: 24 ms of 5,000.
    this.#registry.removeSingleMetric('process_open_fds');
  }

  counter<Label extends string>(name: string, help: string, labels: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames: labels, registers: [this.#registry] });
  }

  /** @param name ends in `_seconds`; observations are seconds */
  latency<Label extends string>(name: string, help: string, labels: Label[]): Histogram<Label> {
    return new Histogram({
      name,
      help,
      labelNames: labels,
      buckets: LATENCY_BUCKETS_SECONDS,
      registers: [this.#registry],
    });
  }

  /**
   * As `latency`, of what happens too often for it, and has no labels.
   * @param name ends in `_seconds`
   * @param boundsSeconds ascending
   */
  latencyTally(
    name: string,
    help: string,
    boundsSeconds: readonly number[] = LATENCY_BUCKETS_SECONDS,
  ): LatencyTally {
    const tally = new LatencyTally(boundsSeconds);
    this.#registry.registerMetric(tally.asMetric(name, help));
    return tally;
  }

  /**
   * A counter of what happens too often for `inc`: plain numbers that their owner counts up, read when
   * the page is asked for.
   */
  tally(name: string, help: string, counts: { readonly label: string; readonly by: Tally }): void {
    const { label, by } = counts;
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect(): void {
        this.reset();
        for (const [value, count] of Object.entries(by)) this.inc({ [label]: value }, count);
      },
    });
  }

  /** A value read when the page is asked for; `read` must be cheap and must not throw. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect(): void {
        this.set(read());
      },
    });
  }

  /** The whole page in Prometheus' text format. */
  async page(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
