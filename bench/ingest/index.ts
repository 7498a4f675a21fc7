import {
  allInTurn,
  choosePinning,
  figureOf,
  type Bench,
  type BenchRow,
  type Figure,
} from '../harness/index.ts';
import { ENGINE } from './engine.ts';
import { measure, type Cost, type Turn } from './measure.ts';
import { PEERS } from './peers.ts';

const CONTENDERS = [ENGINE, ...PEERS];

/** What a fix costs over sockets, beside servers that do less, or the same in the common way. */
export const ingestBench: Bench = {
  name: 'ingest',
  summary: 'fixes over WebSockets: CPU per fix beside a bare handler, JSON + Redis, and ws',
  parts: ['fixes'],
  usual: { rate: 17_000, couriers: 5_000 },
  async run(context) {
    const pinning = await choosePinning();
    const turns = CONTENDERS.map((contender) => async () => {
      const turn = await measure(contender, context, pinning);
      const { server } = turn.one;
      context.say(`${contender.name}: ${server.toFixed(2)} us of CPU per fix, one a frame`);
      return turn;
    });
    const { repetitions, signal } = { ...context.options, ...context };
    const rounds = await allInTurn(turns, repetitions, signal);
    const { rate, couriers } = context.options;
    return {
      rows: CONTENDERS.flatMap(({ name }, i) =>
        rowsOf(
          name,
          rounds.flatMap((r) => r[i] ?? []),
        ),
      ),
      results: resultsOf(rounds),
      notes: [
        `${rate} fixes/s over ${couriers} sockets; us of CPU (user and system) per fix`,
        'server: the process that takes the fixes, and Redis where it is used; behind: PostgreSQL',
        pinning === null
          ? 'not pinned'
          : `server on core ${pinning.server}, load on ${pinning.load}`,
      ],
    };
  },
};

function rowsOf(name: string, turns: readonly Turn[]): BenchRow[] {
  const batched = turns.flatMap((turn) => turn.batched ?? []);
  return [
    rowOf(
      `${name}, one a frame`,
      turns.map(({ one }) => one),
    ),
    ...(batched.length === 0 ? [] : [rowOf(`${name}, twenty a frame`, batched)]),
  ];
}

function rowOf(what: string, costs: readonly Cost[]): BenchRow {
  const server = figureOf(costs.map((cost) => cost.server));
  return {
    what,
    figures: {
      server_us: server.value,
      min: server.min,
      max: server.max,
      behind_us: figureOf(costs.map((cost) => cost.behind)).value,
      load_late_ms: figureOf(costs.map((cost) => cost.behindPlanMs)).max,
    },
  };
}

function resultsOf(rounds: readonly (readonly Turn[])[]): Record<string, Figure> {
  const ratio = (peer: number): Figure =>
    figureOf(rounds.map((turns) => cpuOf(turns[0]) / cpuOf(turns[peer])));
  return {
    cpu_vs_bare: ratio(1),
    cpu_vs_redis_design: ratio(2),
    cpu_vs_ws_json: ratio(3),
    batched_us_per_fix: figureOf(rounds.map((turns) => turns[0]?.batched?.server ?? Number.NaN)),
  };
}

function cpuOf(turn: Turn | undefined): number {
  return turn?.one.server ?? Number.NaN;
}
