import type { Metric } from 'prom-client';

/**
 * A histogram of what happens too often for prom-client's own, which makes objects and texts for each
 * observation: here it is two additions. On the page it is the same.
 */
export class LatencyTally {
  readonly #boundsSeconds: readonly number[];
  /** By bound; the last is of what is above all of them. */
  readonly #counts: Float64Array<ArrayBuffer>;
  #sumSeconds = 0;

  /** @param boundsSeconds ascending */
  constructor(boundsSeconds: readonly number[]) {
    this.#boundsSeconds = boundsSeconds;
    this.#counts = new Float64Array(boundsSeconds.length + 1);
  }

  /** @param seconds not negative @hot bench: fanout */
  observe(seconds: number): void {
    const bounds = this.#boundsSeconds;
    let i = 0;
    while (i < bounds.length && seconds > (bounds[i] as number)) i += 1;
    this.#counts[i] = (this.#counts[i] as number) + 1;
    this.#sumSeconds += seconds;
  }

  /** As the registry asks for it. */
  asMetric(name: string, help: string): Metric {
    const get = (): Promise<object> =>
      Promise.resolve({
        name,
        help,
        type: 'histogram',
        aggregator: 'sum',
        values: this.#values(name),
      });
    // The types only know the library's own classes; the registry uses nothing but these.
    return { name, help, get, getForPromString: get } as unknown as Metric;
  }

  #values(name: string): object[] {
    let soFar = 0;
    const buckets = [...this.#boundsSeconds, '+Inf'].map((le, i) => {
      soFar += this.#counts[i] as number;
      return { metricName: `${name}_bucket`, labels: { le }, value: soFar };
    });
    const total = (of: string, value: number): object => ({
      metricName: `${name}_${of}`,
      labels: {},
      value,
    });
    return [...buckets, total('sum', this.#sumSeconds), total('count', soFar)];
  }
}
