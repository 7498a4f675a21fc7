import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** From 1 ms to 10 s, for anything a person or a process waits for. */
const LATENCY_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** How often each of a few things has happened. */
export type Tally = Record<string, number>;

/**
 * The engine's Prometheus registry. Each module makes its instruments once, at construction, so a
 * second engine in the same process (as in tests) has figures of its own.
 */
export class Metrics {
  readonly #registry = new Registry();

  /** @param processMetrics also collect Node's own figures (event loop delay, heap, CPU) */
  constructor(processMetrics: boolean) {
    if (!processMetrics) return;
    collectDefaultMetrics({ register: this.#registry });
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
