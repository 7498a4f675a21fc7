import { Piscina } from 'piscina';
import type { InstanceResult, InstanceTask } from './run-instance.ts';

/**
 * Threads that run instances, one at a time each: epochs are timed, so a core is not shared. Also for
 * a single instance, so that Ctrl-C is heard while it is simulated.
 */
export class InstanceThreads {
  readonly #threads: Piscina<InstanceTask, InstanceResult>;

  constructor(count: number) {
    this.#threads = new Piscina({
      filename: new URL('instance.worker.ts', import.meta.url).href,
      minThreads: count,
      maxThreads: count,
      concurrentTasksPerWorker: 1,
    });
  }

  /** Tasks begin in the order in which they are given. @throws what the simulation throws */
  async run(task: InstanceTask): Promise<InstanceResult> {
    return await this.#threads.run(task);
  }

  async close(): Promise<void> {
    await this.#threads.destroy();
  }
}
