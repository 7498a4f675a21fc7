import type { Piscina } from 'piscina';
import { DEPENDENCIES } from '../runtime/index.ts';
import type { NearbyQuery, NearbySlots } from './nearby-couriers.ts';
import type { Plan, PlanSnapshot, Strategy } from './plan/index.ts';
import { threadPool } from './thread-pool.ts';

/** Rounds that may wait for a thread. Each city has one round at a time, so this bounds cities. */
const QUEUE_MAX = 1_000;

/** Searches and plans in worker threads, so that neither ever holds up a socket. */
export class Matcher {
  readonly #threads: Piscina;

  constructor(threads: number) {
    const file = new URL('matcher.worker.ts', import.meta.url);
    this.#threads = threadPool({ file, threads, tasksWaitingMax: QUEUE_MAX });
  }

  /** @throws what the planner throws, and AbortError when it takes too long */
  async plan(snapshot: PlanSnapshot, strategy: Strategy): Promise<Plan> {
    return (await this.#ask('plan', { snapshot, strategy })) as Plan;
  }

  /** @throws AbortError when it takes too long */
  async nearby(query: NearbyQuery): Promise<NearbySlots> {
    return (await this.#ask('nearby', query)) as NearbySlots;
  }

  /** Ends the threads; what is under way is rejected. */
  async close(): Promise<void> {
    await this.#threads.destroy();
  }

  async #ask(name: 'plan' | 'nearby', task: object): Promise<unknown> {
    const signal = AbortSignal.timeout(DEPENDENCIES.matcher.callMs);
    return await this.#threads.run(task, { name, signal });
  }
}
