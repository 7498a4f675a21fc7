import { Worker } from 'node:worker_threads';
import { systemClock, sleep, withDeadline } from '../../runtime/index.ts';
import { goOn, type BenchContext, type BenchResult } from '../harness/index.ts';
import { OurIndex } from './contenders.ts';
import { FleetMotion } from './fleet-motion.ts';
import type { IndexLoad } from './load.ts';

const SEED = 4;
const ANSWER_MS_MAX = 60_000;
const TICK_MS = 10;
/** What one node is built for, and ten times that. */
const FIXES_PER_SECOND = [0, 17_000, 170_000];

interface Searched {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly disturbed: number;
  readonly scans: number;
}

/** Searches in another thread while this one takes fixes at a rate. */
export async function measureThreads(load: IndexLoad, context: BenchContext): Promise<BenchResult> {
  const fleet = new FleetMotion(load.couriers, SEED);
  const ours = new OurIndex(fleet);
  const rows: BenchResult['rows'][number][] = [];
  for (const rate of FIXES_PER_SECOND) {
    goOn(context.signal);
    const places = fleet.places(load.searches * 2);
    const workerData = { memory: ours.index.memory, places };
    const thread = new Worker(new URL('searcher.worker.ts', import.meta.url), { workerData });
    const answer = new Promise<Searched>((resolve, reject) => {
      thread.once('message', resolve).once('error', reject);
    });
    const over = new AbortController();
    const moving = keepMoving(fleet, ours, rate, over.signal);
    try {
      const searched = await withDeadline(answer, ANSWER_MS_MAX, 'search in a thread');
      const { p50Us, p99Us, disturbed, scans } = searched;
      const what = `10 nearest in another thread, ${rate} fixes/s`;
      const share = 1_000 / places.length;
      const figures = {
        p50_us: p50Us,
        p99_us: p99Us,
        begun_anew_per_1000: disturbed * share,
        scans_per_1000: scans * share,
      };
      rows.push({ what, figures });
      context.say(`threads: ${rate} fixes/s, p99 ${p99Us.toFixed(1)} us`);
    } finally {
      over.abort();
      await moving;
      await thread.terminate();
    }
  }
  return { rows, results: {}, notes: ['threads: begun anew because a list had changed meanwhile'] };
}

async function keepMoving(
  fleet: FleetMotion,
  ours: OurIndex,
  rate: number,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  for (let sent = 0; !signal.aborted;) {
    const due = Math.floor(((systemClock.monotonicMs() - startedMs) / 1000) * rate) - sent;
    const moves = fleet.next(Math.max(0, due));
    ours.moveHeld(ours.heldOf(moves), moves);
    sent += Math.max(0, due);
    await sleep(TICK_MS, signal);
  }
}
