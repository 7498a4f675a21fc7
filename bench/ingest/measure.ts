import { Fleet } from '../fleet/fleet.ts';
import type { BenchContext, Pinning } from '../harness/index.ts';
import type { Contender, RunningServer } from './contender.ts';

const SECONDS = 8;
const WARM_UP_SECONDS = 3;
const BATCH = 20;
/** Of a batch's fixes some may overlap the batch before, when the load was late. */
const TAKEN_MIN = 0.99;

/** CPU per fix, us. */
export interface Cost {
  readonly server: number;
  readonly behind: number;
  /** How far behind its plan the load was at the worst, ms. */
  readonly behindPlanMs: number;
}

export interface Turn {
  readonly one: Cost;
  /** Twenty to a frame; null for those that take JSON. */
  readonly batched: Cost | null;
}

/** One server from its start to its end, with all couriers. @throws Error when fixes were lost */
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
  const { rate, couriers, seconds = SECONDS } = context.options;
  // Until each courier has sent a frame of this size: its first may overlap what was sent before.
  const roundSeconds = (couriers * how.fixesPerFrame) / rate;
  const warmUpSeconds = Math.max(Math.min(seconds, WARM_UP_SECONDS), roundSeconds * 1.1);
  await fleet.stream({ ...how, rate, seconds: warmUpSeconds });
  const [cpu, taken] = [await server.cpu(), await server.taken()];
  const report = await fleet.stream({ ...how, rate, seconds: Math.max(seconds, roundSeconds) });
  const after = await server.cpu();
  const takenNow = (await server.taken()) - taken;
  if (takenNow < report.fixes * TAKEN_MIN) {
    throw new Error(`of ${report.fixes} fixes ${takenNow} were taken`);
  }
  const perFix = (cpuSeconds: number): number => (cpuSeconds / report.fixes) * 1e6;
  return {
    server: perFix(after.server - cpu.server),
    behind: perFix(after.behind - cpu.behind),
    behindPlanMs: report.behindMsMax,
  };
}
