import { Worker } from 'node:worker_threads';
import { withDeadline } from '../../runtime/index.ts';
import { figureOf, type BenchResult, type Figure } from '../harness/index.ts';
import type { IndexLoad } from './load.ts';

const ANSWER_MS_MAX = 120_000;

/**
 * What an index of so many couriers takes for each. In a thread of its own: to collect garbage on demand
 * takes a second context, and in a thread that has one V8 makes moves half as slow again.
 */
export async function bytesPerCourier(couriers: number): Promise<Figure> {
  const thread = new Worker(new URL('memory.worker.ts', import.meta.url), {
    workerData: { couriers },
  });
  try {
    const answer = new Promise<number[]>((resolve, reject) => {
      thread.once('message', resolve).once('error', reject);
    });
    return figureOf(await withDeadline(answer, ANSWER_MS_MAX, 'measure memory'));
  } finally {
    await thread.terminate();
  }
}

/** What an index takes for each courier of the city. */
export async function measureMemory({ couriers }: IndexLoad): Promise<BenchResult> {
  const bytes = await bytesPerCourier(couriers);
  return {
    rows: [{ what: 'memory', figures: { bytes_per_courier: bytes.value } }],
    results: { bytes_per_courier: bytes },
    notes: [
      'bytes: shared memory as long as it is, and what heap and array buffers grow by after ' +
        'collecting garbage: table of ids, and ids of 13 characters (32 bytes each)',
    ],
  };
}
