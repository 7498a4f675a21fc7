import { withDeadline } from './deadline.ts';
import type { Logger } from './log.ts';

/** No part may hold up the end of the others for longer, but for one that says how long it needs. */
const PART_DEADLINE_MS = 5_000;

/**
 * What was started, in the order in which it was started, so that it can be stopped the other way
 * round: after a full run, or after a start that failed half-way.
 */
export class Teardown {
  readonly #parts: {
    readonly name: string;
    readonly stop: () => Promise<unknown>;
    readonly deadlineMs: number;
  }[] = [];

  /**
   * @param stop is called once, before everything that was added earlier stops
   * @param deadlineMs how long it may take
   */
  add(name: string, stop: () => Promise<unknown>, deadlineMs = PART_DEADLINE_MS): void {
    this.#parts.push({ name, stop, deadlineMs });
  }

  /** Stops each part, one after the other. A part that fails, or hangs, is logged and left. */
  async run(log: Logger): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      try {
        await withDeadline(part.stop(), part.deadlineMs, `stop ${part.name}`);
        log.debug({ part: part.name }, 'stopped');
      } catch (error) {
        log.error({ err: error, part: part.name }, 'did not stop cleanly');
      }
    }
  }
}
