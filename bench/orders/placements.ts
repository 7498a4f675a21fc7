import { sleep } from '../../runtime/index.ts';
import {
  choosePinning,
  figureOf,
  inTurn,
  pin,
  type BenchContext,
  type BenchResult,
  type BenchRow,
} from '../harness/index.ts';
import { BarePeer } from './bare-peer.ts';
import type { BenchCity, CpuSeconds } from './bench-city.ts';
import { describeRefusals, latencyMs, perSecond, type LoadResult } from './load.ts';
import { PlacementLoad } from './placement-load.ts';

const CONNECTIONS = 64;
const SECONDS = 4;
const WARM_UP_SECONDS = 2;
/** What a checkpoint or a vacuum has begun shall not fall into the next turn. */
const PAUSE_MS = 200;

interface Measured {
  readonly load: LoadResult;
  readonly cpu: CpuSeconds;
  /** Payments that the engine has made meanwhile. */
  readonly paid: number;
  /** Of the process that makes the load, which for bare SQL is the one that is measured. */
  readonly driver: number | null;
}

/**
 * How many placements a second the engine acknowledges over HTTP, beside the same SQL statements run
 * bare at the same concurrency on the same server. The engine's turn includes all that it does for
 * the orders meanwhile: payments, events, timers; before bare SQL has its turn, that has ended.
 */
export async function measurePlacements(
  city: BenchCity,
  context: BenchContext,
): Promise<BenchResult> {
  const { options, signal, say } = context;
  const customers = await PlacementLoad.start(city, CONNECTIONS, signal);
  try {
    const peer = await BarePeer.start(city, signal);
    try {
      const notes = await pinAll(city, { customers, peer }, options.pin);
      const turns = turnsOf(city, { customers, peer }, context);
      say('placements: warming up');
      const seconds = options.seconds ?? SECONDS;
      const warmUpSeconds = Math.min(WARM_UP_SECONDS, seconds);
      await turns.a(warmUpSeconds);
      await turns.b(warmUpSeconds);
      const pairs = await inTurn(
        { a: () => turns.a(seconds), b: () => turns.b(seconds) },
        options.repetitions,
        signal,
      );
      return summary(pairs, notes);
    } finally {
      await peer.stop();
    }
  } finally {
    await customers.stop();
  }
}

interface Sides {
  readonly customers: PlacementLoad;
  readonly peer: BarePeer;
}

function turnsOf(
  city: BenchCity,
  { customers, peer }: Sides,
  { signal, say }: BenchContext,
): Record<'a' | 'b', (seconds: number) => Promise<Measured>> {
  const measured = async (
    name: string,
    run: () => Promise<LoadResult>,
    driver: { cpuSeconds(): Promise<number | null> },
  ): Promise<Measured> => {
    await city.settle(signal);
    await sleep(PAUSE_MS, signal);
    const paidBefore = await city.paid();
    const before = { cpu: await city.cpuSeconds(), driver: await driver.cpuSeconds() };
    const load = await run();
    const after = { cpu: await city.cpuSeconds(), driver: await driver.cpuSeconds() };
    const paid = (await city.paid()) - paidBefore;
    const refusals = describeRefusals(load.refused);
    say(`${name}: ${Math.round(perSecond(load))} placements/s${refusals && `; ${refusals}`}`);
    const cpu = difference(after.cpu, before.cpu);
    return { load, cpu, paid, driver: minus(after.driver, before.driver) };
  };
  return {
    a: (seconds) => measured('engine  ', () => customers.closed(seconds), customers),
    b: (seconds) =>
      measured('bare SQL', () => peer.run({ concurrency: CONNECTIONS, seconds }), peer),
  };
}

/** The peer does the engine's part, so it has the engine's core. @returns notes for the reader */
async function pinAll(
  city: BenchCity,
  { customers, peer }: Sides,
  wanted: boolean,
): Promise<string[]> {
  if (!wanted) return [];
  const pinning = await choosePinning();
  if (pinning === null) return ['nothing could be pinned to a core of its own'];
  await pin([...(await city.serverPids()), peer.pid], pinning.server);
  await pin([customers.pid], pinning.load);
  return [
    `pinned: engine, PostgreSQL, provider and bare SQL on ${pinning.server}, HTTP clients on ${pinning.load}`,
  ];
}

function summary(
  pairs: readonly { readonly a: Measured; readonly b: Measured }[],
  notes: readonly string[],
): BenchResult {
  const rows = pairs.flatMap(({ a, b }, i) => [
    row(`engine, ${i + 1}`, a),
    row(`bare SQL, ${i + 1}`, b),
  ]);
  const refusals = pairs
    .flatMap(({ a, b }) => [a, b])
    .map(({ load }) => describeRefusals(load.refused));
  const ratios = pairs.map(({ a, b }) => perSecond(a.load) / perSecond(b.load));
  return {
    rows,
    results: {
      placements_vs_bare_sql: figureOf(ratios),
      placements_per_second: figureOf(pairs.map(({ a }) => perSecond(a.load))),
      placement_p99_ms: figureOf(pairs.map(({ a }) => latencyMs(a.load, 0.99))),
      bare_sql_per_second: figureOf(pairs.map(({ b }) => perSecond(b.load))),
      ...cpuRatio(pairs),
    },
    notes: [
      ...notes,
      `${CONNECTIONS} placements under way at once; latencies are those at full load`,
      ...refusals.filter((text) => text !== '').map((text) => `refused: ${text}`),
    ],
  };
}

/** All CPU time of a placement, its share of payments included; steadier than time on a busy machine. */
function cpuRatio(
  pairs: readonly { readonly a: Measured; readonly b: Measured }[],
): BenchResult['results'] {
  const ratios = pairs.flatMap(({ a, b }) => {
    const { engine, postgres, payments } = a.cpu;
    const parts = [engine, postgres, payments, b.driver, b.cpu.postgres];
    if (parts.includes(null)) return [];
    const ours = (engine ?? 0) + (postgres ?? 0) + (payments ?? 0);
    const bare = (b.driver ?? 0) + (b.cpu.postgres ?? 0);
    return [ours / a.load.latenciesMs.length / (bare / b.load.latenciesMs.length)];
  });
  return ratios.length === 0 ? {} : { placement_cpu_vs_bare_sql: figureOf(ratios) };
}

function row(what: string, { load, cpu, paid, driver }: Measured): BenchRow {
  const isEngine = what.startsWith('engine');
  const each = (seconds: number | null): number | null =>
    seconds === null ? null : (seconds * 1e6) / load.latenciesMs.length;
  return {
    what,
    figures: {
      per_second: perSecond(load),
      p50_ms: latencyMs(load, 0.5),
      p99_ms: latencyMs(load, 0.99),
      paid_meanwhile: isEngine ? paid / load.latenciesMs.length : null,
      cpu_us_engine: isEngine ? each(cpu.engine) : each(driver),
      cpu_us_postgres: each(cpu.postgres),
      cpu_us_payments: isEngine ? each(cpu.payments) : null,
      cpu_us_clients: isEngine ? each(driver) : null,
    },
  };
}

export function difference(after: CpuSeconds, before: CpuSeconds): CpuSeconds {
  return {
    engine: minus(after.engine, before.engine),
    postgres: minus(after.postgres, before.postgres),
    payments: minus(after.payments, before.payments),
  };
}

function minus(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}
