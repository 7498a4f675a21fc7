import { z } from 'zod';
import { sleep } from '../../runtime/index.ts';

const requests = z.number().int().min(0).max(1_000_000).default(0);

/** How the provider shall misbehave from now on; what is not named is as it should be. */
export const faultsSchema = z.strictObject({
  /** So many requests are answered with 500 before they are looked at: they have no effect. */
  failRequests: requests,
  /**
   * So many requests take effect, or ask again for what did, and are then cut without an answer.
   * Stripe's SDK asks once more by itself after a cut, however it is configured: its user notices
   * only when two are lost in a row.
   */
  loseAnswers: requests,
  /** So many requests are answered twice over on the same connection. */
  answerTwice: requests,
  /** Each request hangs so long before it takes effect, ms; at most until the next orders. */
  delayMs: z.number().int().min(0).max(600_000).default(0),
});
export type FaultSettings = z.output<typeof faultsSchema>;

type Counted = Exclude<keyof FaultSettings, 'delayMs'>;

/** Counts down the misbehaviour that was ordered. */
export class Faults {
  #left: FaultSettings = faultsSchema.parse({});
  #hanging = new AbortController();

  /** Replaces all earlier orders; requests that hang go on at once. */
  set(settings: FaultSettings): void {
    this.#left = settings;
    this.#hanging.abort();
    this.#hanging = new AbortController();
  }

  get left(): FaultSettings {
    return this.#left;
  }

  /** Resolves when a request need not hang any longer. */
  async hang(): Promise<void> {
    if (this.#left.delayMs > 0) await sleep(this.#left.delayMs, this.#hanging.signal);
  }

  /** Whether this request is to suffer it; counts down. */
  take(kind: Counted): boolean {
    if (this.#left[kind] === 0) return false;
    this.#left = { ...this.#left, [kind]: this.#left[kind] - 1 };
    return true;
  }
}
