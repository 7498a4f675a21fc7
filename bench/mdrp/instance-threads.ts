import type { Piscina } from 'piscina';
import { threadPool } from '../../dispatch/index.ts';
import type { InstanceResult, InstanceTask } from './run-instance.ts';

/** Far more than there are published. */
const INSTANCES_MAX = 10_000;

/**
 * Threads that run instances, one at a time each: epochs are timed, so a core is not shared. Also for
 * a single instance, so that Ctrl-C is heard while it is simulated.
 */
export class InstanceThreads {
  readonly #threads: Piscina<InstanceTask, InstanceResult>;

  constructor(count: number) {
    const file = new URL('instance.worker.ts', import.meta.url);
    this.#threads = threadPool({ file, threads: count, tasksWaitingMax: INSTANCES_MAX });
  }

  /** Tasks begin in the order in which they are given. @throws what the simulation throws */
  async run(task: InstanceTask): Promise<InstanceResult> {
    return await this.#threads.run(task);
  }

  async close(): Promise<void> {
    await this.#threads.destroy();
  }
}
