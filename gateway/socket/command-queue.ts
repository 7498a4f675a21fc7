import { gatewayErrors } from '../errors.ts';

/** A person's app has one or two commands under way; a hundred is a client gone wild. */
const WAITING_MAX = 64;
/** By then many of them have been answered. */
const RETRY_AFTER_MS = 1_000;

/** Carries out a socket's commands one after the other: what was sent first takes effect first. */
export class CommandQueue {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /**
   * @param work must not reject
   * @returns when it is done
   * @throws AppError `too_many_commands`; then the work is not done
   */
  add(work: () => Promise<void>): Promise<void> {
    if (this.#waiting >= WAITING_MAX) {
      throw gatewayErrors.make('too_many_commands', { retryAfterMs: RETRY_AFTER_MS });
    }
    this.#waiting += 1;
    this.#last = this.#last.then(work).finally(() => {
      this.#waiting -= 1;
    });
    return this.#last;
  }
}
