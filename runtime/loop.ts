import { sleep } from './clock.ts';
import type { Logger } from './log.ts';

/**
 * A background job that runs one round after the other, sleeps between them, and can be woken.
 *
 * | state    | entered when        | left when            | what then holds              |
 * | -------- | ------------------- | -------------------- | ---------------------------- |
 * | idle     | a round found nothing | woken, or `idleMs` passed | no round is running     |
 * | running  | idle ends           | the round returns    | at most one round at a time  |
 * | stopped  | `stop()`            | never                | the last round has returned  |
 *
 * A round that throws is logged, and `pauseMs` later the loop is idle, woken or not: a database that is
 * away must not end the job, and must not make it spin. A wake during a round makes another round follow at once, or
 * what was committed between the round's read and its end would wait for the next poll.
 */
export class Loop {
  readonly #round: (signal: AbortSignal) => Promise<boolean>;
  readonly #idleMs: () => number;
  readonly #pauseMs: () => number;
  readonly #log: Logger;
  readonly #name: string;
  readonly #stop = new AbortController();
  /** Ends the nap; null while there is none. */
  #rouse: (() => void) | null = null;
  #woken = false;
  #finished: Promise<void> | null = null;

  /**
   * @param options.round does one bounded piece of work; true when there may be more at once
   * @param options.idleMs longest time between rounds; a function is asked after each round
   * @param options.pauseMs after a round that has failed; left out: as long as `idleMs`
   */
  constructor(options: {
    name: string;
    round: (signal: AbortSignal) => Promise<boolean>;
    idleMs: number | (() => number);
    pauseMs?: number;
    log: Logger;
  }) {
    const { idleMs, pauseMs } = options;
    this.#name = options.name;
    this.#round = options.round;
    this.#idleMs = typeof idleMs === 'number' ? () => idleMs : idleMs;
    this.#pauseMs = pauseMs === undefined ? this.#idleMs : () => pauseMs;
    this.#log = options.log;
  }

  start(): void {
    this.#finished ??= this.#run();
  }

  /** There is work now. Cheap; safe to call at any time and from any state. */
  wake(): void {
    this.#woken = true;
    this.#rouse?.();
  }

  /** No new round; resolves when the running one has returned. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#rouse?.();
    await this.#finished;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#woken = false;
      const more = await this.#attempt();
      if (more || this.#woken || this.#stop.signal.aborted) continue;
      await this.#nap(this.#idleMs());
    }
  }

  /** Until woken, or `ms`. Not `sleep`: an AbortController for each nap costs more than many a round. */
  async #nap(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#rouse = null;
  }

  async #attempt(): Promise<boolean> {
    try {
      return await this.#round(this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        this.#log.error(
          { err: error, loop: this.#name },
          'background round failed; will try again',
        );
        await sleep(this.#pauseMs(), this.#stop.signal);
      }
      return false;
    }
  }
}
