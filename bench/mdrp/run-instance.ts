import { basename, resolve } from 'node:path';
import { readDay } from '../../load-tests/days/index.ts';
import { clickToDoorMinutes, metricsOf, type Metrics } from './metrics.ts';
import { simulateDay } from './simulate.ts';
import { readSolution, solutionOf, writeSolution } from './solution-files.ts';
import { validate } from './validate.ts';

/** One instance, as it is sent to a worker thread. */
export interface InstanceTask {
  /** The folder of the instance; its name is the name of the instance. */
  readonly directory: string;
  readonly strategy: 'nearest' | 'scored' | 'optimal';
  readonly seed: number;
  /** Where the solution files go. */
  readonly out: string;
}

/** What came of it; figures are only there when no rule is broken. */
export type InstanceResult =
  | { readonly violations: readonly string[] }
  | { readonly violations: null; readonly metrics: Metrics; readonly course: DayCourse };

/** How the day went, for drawing. Minutes of the day, or minutes long. */
export interface DayCourse {
  readonly clickToDoorMinutes: readonly number[];
  readonly targetMinutes: number;
  /** One for each simulated minute, in order. */
  readonly samples: readonly MinuteSample[];
}

export interface MinuteSample {
  readonly minute: number;
  readonly waitingOrders: number;
  readonly idleCouriers: number;
}

/**
 * Simulates the day, writes the solution files, and judges what these say, not what was meant.
 * @throws what the reading of a day throws
 */
export async function runInstance(task: InstanceTask): Promise<InstanceResult> {
  const { directory, strategy, seed, out } = task;
  const day = await readDay(directory);
  const samples: MinuteSample[] = [];
  const run = simulateDay(day, {
    strategy,
    seed,
    onMinute: (minute, { waitingOrders, idleCouriers }) =>
      void samples.push({ minute, waitingOrders, idleCouriers }),
  });
  await writeSolution(out, solutionOf(day, run));
  const violations = validate(day, await readSolution(out));
  if (violations.length > 0) return { violations };
  return {
    violations: null,
    metrics: metricsOf(instanceName(directory), day, run),
    course: {
      clickToDoorMinutes: clickToDoorMinutes(day, run),
      targetMinutes: day.terms.targetClickToDoorMinutes,
      samples,
    },
  };
}

export function instanceName(directory: string): string {
  return basename(resolve(directory));
}
