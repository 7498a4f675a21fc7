import {
  choosePinning,
  figureOf,
  inTurn,
  type Bench,
  type BenchContext,
  type BenchResult,
  type BenchRow,
  type Pinning,
} from '../harness/index.ts';
import type { LoadAnswer, LoadRequest } from './load-process.ts';
import {
  Load,
  ORDERS_READ_MAX,
  startEngineSide,
  startPeerSide,
  type EngineSide,
  type Side,
} from './sides.ts';

const SECONDS = 8;
const CONNECTIONS = 50;

/** What both servers are asked for. */
type Part = 'reads' | 'placements';

interface Turn extends LoadAnswer {
  /** CPU of the server alone per request, us. */
  readonly cpuUs: number;
  /** CPU of the database per request, us. */
  readonly behindUs: number;
}

interface Bed {
  readonly context: BenchContext;
  readonly engine: EngineSide;
  readonly peer: Side;
  readonly load: Load;
}

/** What a read and a placement over HTTP cost, beside a handler that only says the same bytes. */
export const httpBench: Bench = {
  name: 'http',
  summary:
    'GET and POST of orders by autocannon, beside a bare handler that returns the same bytes',
  parts: ['reads', 'placements', 'streaming'],
  usual: { rate: 1_667, couriers: 5_000 },
  async run(context) {
    const pinning = await choosePinning();
    const engine = await startEngineSide({ context, pinning });
    const open: { stop(): Promise<void> }[] = [engine];
    try {
      const peer = await startPeerSide(engine.bytes, { context, pinning });
      open.push(peer);
      const load = await Load.start({ context, pinning });
      open.push(load);
      return await measureParts({ context, engine, peer, load }, pinning);
    } finally {
      for (const side of open) await side.stop();
    }
  },
};

async function measureParts(bed: Bed, pinning: Pinning | null): Promise<BenchResult> {
  const { parts, rate, couriers } = bed.context.options;
  const isAsked = (part: string): boolean => parts.length === 0 || parts.includes(part);
  const rows: BenchRow[] = [];
  const results: Record<string, ReturnType<typeof figureOf>> = {};
  for (const part of ['reads', 'placements'] as const) {
    if (!isAsked(part)) continue;
    const rounds = await pairs(bed, part);
    rows.push(
      rowOf(
        `${part}, Hexfleet`,
        rounds.map(({ a }) => a),
      ),
      rowOf(
        `${part}, bare uWebSockets.js`,
        rounds.map(({ b }) => b),
      ),
    );
    const ratio = rounds.map(({ a, b }) => a.perSecond / b.perSecond);
    results[`${part}_per_second_vs_bare`] = figureOf(ratio);
    results[`${part}_cpu_vs_bare`] = figureOf(rounds.map(({ a, b }) => a.cpuUs / b.cpuUs));
  }
  if (isAsked('streaming')) {
    const turns = await readWhileStreaming(bed);
    rows.push(rowOf(`reads while ${couriers} couriers stream`, turns));
    results['read_p99_ms_while_streaming'] = figureOf(turns.map(({ p99Ms }) => p99Ms));
  }
  return {
    rows,
    results,
    notes: [
      `${CONNECTIONS} connections; the orders of ${Math.min(couriers, ORDERS_READ_MAX)} customers, read in turn`,
      'the bare handler looks at no token, reads no database and stores nothing',
      `streaming: ${rate} fixes/s beside; each connection asks again when it has its answer`,
      pinning === null
        ? 'not pinned'
        : `server with its database on core ${pinning.server}, load on ${pinning.load}`,
    ],
  };
}

async function pairs(bed: Bed, part: Part): Promise<{ a: Turn; b: Turn }[]> {
  const { options, signal, say } = bed.context;
  const turn = (name: string, side: Side) => async (): Promise<Turn> => {
    const measured = await measure(bed, side, requestsOf(bed, part));
    say(`${part}, ${name}: ${measured.perSecond.toFixed(0)}/s, ${measured.cpuUs.toFixed(0)} us`);
    return measured;
  };
  const turns = { a: turn('Hexfleet', bed.engine), b: turn('bare', bed.peer) };
  // Warms up what is compiled and what is cached, on both sides.
  await turns.a();
  await turns.b();
  return await inTurn(turns, options.repetitions, signal);
}

function requestsOf({ engine }: Bed, part: Part): readonly LoadRequest[] {
  return part === 'reads' ? engine.reads : engine.placements;
}

async function readWhileStreaming(bed: Bed): Promise<Turn[]> {
  const { options, say } = bed.context;
  const { repetitions, rate, seconds = SECONDS } = options;
  const turns: Turn[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const streaming = { encoding: 'binary', rate, seconds: seconds + 1, fixesPerFrame: 1 } as const;
    const [turn] = await Promise.all([
      measure(bed, bed.engine, bed.engine.reads),
      bed.engine.fleet.stream(streaming),
    ]);
    say(`${turn.perSecond.toFixed(0)} reads/s while couriers stream: p99 ${turn.p99Ms} ms`);
    turns.push(turn);
  }
  return turns;
}

async function measure(
  { context, load }: Bed,
  side: Side,
  requests: readonly LoadRequest[],
): Promise<Turn> {
  const { seconds = SECONDS } = context.options;
  const before = await side.cpu();
  const answer = await load.ask({
    url: side.url,
    connections: CONNECTIONS,
    seconds,
    requests,
  });
  const after = await side.cpu();
  return {
    ...answer,
    cpuUs: ((after.server - before.server) / answer.answered) * 1e6,
    behindUs: ((after.behind - before.behind) / answer.answered) * 1e6,
  };
}

function rowOf(what: string, turns: readonly Turn[]): BenchRow {
  const median = (of: (turn: Turn) => number): number => figureOf(turns.map(of)).value;
  return {
    what,
    figures: {
      'requests/s': median(({ perSecond }) => perSecond),
      p50_ms: median(({ p50Ms }) => p50Ms),
      p99_ms: median(({ p99Ms }) => p99Ms),
      cpu_us: median(({ cpuUs }) => cpuUs),
      database_us: median(({ behindUs }) => behindUs),
    },
  };
}
