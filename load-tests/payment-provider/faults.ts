import { z } from 'zod';
import { sleep } from '../../runtime/index.ts';

const count = z.number().int().min(0).max(1_000_000).default(0);
const pauseMs = z.number().int().min(0).max(600_000).default(0);

/** How the provider shall misbehave from now on; what is not named is as it should be. */
export const faultsSchema = z.strictObject({
  /** So many requests are answered with 500 before they are looked at: they have no effect. */
  failRequests: count,
  /**
   * So many requests take effect, or ask again for what did, and are then cut without an answer.
   * Stripe's SDK asks once more by itself after a cut, however it is configured: its user notices
   * only when two are lost in a row.
   */
  loseAnswers: count,
  /** So many requests take effect, or ask again for what did, and are then answered with 500. */
  failAfterEffect: count,
  /** So many requests are answered twice over on the same connection. */
  answerTwice: count,
  /** Each request hangs so long before it takes effect, ms; at most until the next orders. */
  delayMs: pauseMs,
  /** Each answer to what took effect comes so late, ms; at most until the next orders. */
  hangAfterEffectMs: pauseMs,
  /** So many webhooks are delivered twice. */
  duplicateWebhooks: count,
  /** So many webhooks go out in reverse order; see REORDER_HOLD_MS for how long they gather. */
  reorderWebhooks: count,
  /** So many webhooks are never sent at all. */
  dropWebhooks: count,
  /** So many webhooks are first sent with a wrong signature; the true one follows after a pause. */
  forgeWebhooks: count,
});
export type FaultSettings = z.output<typeof faultsSchema>;

type Pause = 'delayMs' | 'hangAfterEffectMs';
type Counted = Exclude<keyof FaultSettings, Pause>;

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
  async hang(kind: Pause): Promise<void> {
    if (this.#left[kind] > 0) await sleep(this.#left[kind], this.#hanging.signal);
  }

  /** Whether this one is to suffer it; counts down. */
  take(kind: Counted): boolean {
    if (this.#left[kind] === 0) return false;
    this.#left = { ...this.#left, [kind]: this.#left[kind] - 1 };
    return true;
  }
}
