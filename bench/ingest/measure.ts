import { sleep, systemClock } from '../../runtime/index.ts';
import { Fleet } from '../fleet/fleet.ts';
import type { BenchContext, Pinning } from '../harness/index.ts';
import type { Contender, RunningServer } from './contender.ts';

const SECONDS = 8;
const WARM_UP_SECONDS = 3;
const BATCH = 20;
const CATCH_UP_MS_MAX = 10_000;
const CATCH_UP_POLL_MS = 50;
/** So many times the rate when they come in batches: then the core is mostly busy, with PostgreSQL. */
export const BATCH_RATE = 6;
/** And from so many couriers at most: what waits in a phone comes in a few seconds, not from all. */
export const BATCH_COURIERS_MAX = 1_000;

/** CPU per fix, us. */
export interface Cost {
  readonly server: number;
  readonly behind: number;
  /** How far behind its plan the load was at the worst, ms. */
  readonly behindPlanMs: number;
  /** Of all fixes those that history gave up, percent; none when they come one to a frame. */
  readonly shedPercent: number;
}

export interface Turn {
  readonly one: Cost;
  /** Twenty to a frame; null for those that take JSON. */
  readonly batched: Cost | null;
}

/**
 * One server from its start to its end, with all couriers.
 * @throws Error when fixes were lost; where PostgreSQL is kept busy, history may give some up
 */
export async function measure(
  contender: Contender,
  context: BenchContext,
  pinning: Pinning | null,
): Promise<Turn> {
  const server = await contender.start(context, pinning);
  const { encoding } = contender;
  let fleet: Fleet | null = null;
  try {
    const { url, couriers } = server;
    const where = { url, couriers, watchers: [] };
    fleet = await Fleet.connect(where, { pinning, signal: context.signal });
    const run = { server, fleet, context };
    const one = await costOf(run, { encoding, fixesPerFrame: 1 });
    if (encoding === 'json') return { one, batched: null };
    return { one, batched: await costOf(run, { encoding, fixesPerFrame: BATCH }) };
  } finally {
    await fleet?.stop();
    await server.stop();
  }
}

async function costOf(
  { server, fleet, context }: { server: RunningServer; fleet: Fleet; context: BenchContext },
  how: { readonly encoding: Contender['encoding']; readonly fixesPerFrame: number },
): Promise<Cost> {
  const { seconds = SECONDS } = context.options;
  const isBatched = how.fixesPerFrame > 1;
  const rate = context.options.rate * (isBatched ? BATCH_RATE : 1);
  const couriers = Math.min(context.options.couriers, isBatched ? BATCH_COURIERS_MAX : Infinity);
  const load = { ...how, rate, couriers };
  // Until each courier has sent a frame of this size: its first may overlap what was sent before.
  const roundSeconds = (couriers * how.fixesPerFrame) / rate;
  const warmUpSeconds = Math.max(Math.min(seconds, WARM_UP_SECONDS), roundSeconds * 1.1);
  await fleet.stream({ ...load, seconds: warmUpSeconds });
  // Its page of metrics is made once in what is measured, when it says that all were taken.
  const [taken, shed] = [await server.taken(), await server.shed()];
  const cpu = await server.cpu();
  const report = await fleet.stream({ ...load, seconds: Math.max(seconds, roundSeconds) });
  await allTaken(server, taken + report.fixes);
  const after = await server.cpu();
  const shedNow = (await server.shed()) - shed;
  if (shedNow > 0 && !isBatched)
    throw new Error(`of ${report.fixes} fixes ${shedNow} are not stored`);
  const perFix = (cpuSeconds: number): number => (cpuSeconds / report.fixes) * 1e6;
  return {
    server: perFix(after.server - cpu.server),
    behind: perFix(after.behind - cpu.behind),
    behindPlanMs: report.behindMsMax,
    shedPercent: (shedNow / report.fixes) * 100,
  };
}

/** A server that is behind for a moment catches up. @throws Error when it does not */
async function allTaken(server: RunningServer, expected: number): Promise<void> {
  const beganMs = systemClock.monotonicMs();
  for (;;) {
    const missing = expected - (await server.taken());
    if (missing <= 0) return;
    if (systemClock.monotonicMs() - beganMs > CATCH_UP_MS_MAX) {
      throw new Error(`${missing} fixes were not taken`);
    }
    await sleep(CATCH_UP_POLL_MS);
  }
}
