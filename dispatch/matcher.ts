import { Piscina } from 'piscina';
import type { Plan, PlanSnapshot, Strategy } from './plan/index.ts';

/** A plan that takes longer is given up; the next round plans anew on newer facts. */
const PLAN_DEADLINE_MS = 5_000;
/** Rounds that may wait for a thread. Each city has one round at a time, so this bounds cities. */
const QUEUE_MAX = 1_000;

/** What goes to a thread. */
export interface PlanTask {
  readonly snapshot: PlanSnapshot;
  readonly strategy: Strategy;
}

/** Plans in worker threads, so that no plan ever holds up a socket. */
export class Matcher {
  readonly #threads: Piscina<PlanTask, Plan>;

  /** @param threads worker threads, started at once: the first order waits for no thread to start */
  constructor(threads: number) {
    this.#threads = new Piscina({
      filename: new URL('plan/match.worker.ts', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      maxQueue: QUEUE_MAX,
    });
  }

  /** @throws what the planner throws, and AbortError after PLAN_DEADLINE_MS */
  async plan(snapshot: PlanSnapshot, strategy: Strategy): Promise<Plan> {
    const signal = AbortSignal.timeout(PLAN_DEADLINE_MS);
    return await this.#threads.run({ snapshot, strategy }, { signal });
  }

  /** Ends the threads; a plan under way is rejected. */
  async close(): Promise<void> {
    await this.#threads.destroy();
  }
}
