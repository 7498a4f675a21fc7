import { z } from 'zod';
import { sleep } from '../../runtime/index.ts';

/** How the provider shall misbehave from now on; what is not named is as it should be. */
export const faultsSchema = z.strictObject({
  /** So many requests are answered with 500 and have no effect. */
  failRequests: z.number().int().min(0).default(0),
  /** So many requests take effect and are then cut without an answer. */
  loseAnswers: z.number().int().min(0).default(0),
  /** Each request waits so long, ms. */
  delayMs: z.number().int().min(0).max(60_000).default(0),
});
export type FaultSettings = z.output<typeof faultsSchema>;

/** Counts down the misbehaviour that was ordered. */
export class Faults {
  #left: FaultSettings = faultsSchema.parse({});

  set(settings: FaultSettings): void {
    this.#left = settings;
  }

  get left(): FaultSettings {
    return this.#left;
  }

  async delay(): Promise<void> {
    if (this.#left.delayMs > 0) await sleep(this.#left.delayMs);
  }

  takeFailure(): boolean {
    return this.#take('failRequests');
  }

  takeLostAnswer(): boolean {
    return this.#take('loseAnswers');
  }

  #take(kind: 'failRequests' | 'loseAnswers'): boolean {
    if (this.#left[kind] === 0) return false;
    this.#left = { ...this.#left, [kind]: this.#left[kind] - 1 };
    return true;
  }
}
