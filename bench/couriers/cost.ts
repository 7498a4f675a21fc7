import { systemClock } from '../../runtime/index.ts';
import { percentile } from '../harness/index.ts';

/** CPU seconds, user and system, that our process needs for the work. */
export async function cpuSecondsFor(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Wall microseconds of each question, asked one after the other. */
export function microsecondsOfEach<Q>(questions: readonly Q[], ask: (q: Q) => void): number[] {
  return questions.map((question) => {
    const startedMs = systemClock.monotonicMs();
    ask(question);
    return (systemClock.monotonicMs() - startedMs) * 1000;
  });
}

/** Of a sample that is not empty. */
export function at(part: number, sample: readonly number[]): number {
  return percentile(sample, part) ?? 0;
}
