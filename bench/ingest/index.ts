import {
  allInTurn,
  choosePinning,
  figureOf,
  type Bench,
  type BenchRow,
  type Figure,
} from '../harness/index.ts';
import type { Contender } from './contender.ts';
import { ENGINE } from './engine.ts';
import { BATCH_COURIERS_MAX, BATCH_RATE, measure, type Cost, type Turn } from './measure.ts';
import { PEERS } from './peers.ts';

const CONTENDERS = [ENGINE, ...PEERS];

/** What a fix costs over sockets, beside servers that do less, or the same in the common way. */
export const ingestBench: Bench = {
  name: 'ingest',
  summary: 'fixes over WebSockets: CPU per fix beside a bare handler, JSON + Redis, and ws',
  parts: CONTENDERS.map(({ part }) => part),
  usual: { rate: 17_000, couriers: 5_000 },
  async run(context) {
    const pinning = await choosePinning();
    const { parts } = context.options;
    const asked = CONTENDERS.filter(({ part }) => parts.length === 0 || parts.includes(part));
    const turns = asked.map((contender) => async () => {
      const turn = await measure(contender, context, pinning);
      const { server } = turn.one;
      context.say(`${contender.name}: ${server.toFixed(2)} us of CPU per fix, one a frame`);
      return turn;
    });
    const { repetitions, signal } = { ...context.options, ...context };
    const rounds = await allInTurn(turns, repetitions, signal);
    const { rate, couriers } = context.options;
    return {
      rows: asked.flatMap(({ name }, i) =>
        rowsOf(
          name,
          rounds.flatMap((r) => r[i] ?? []),
        ),
      ),
      results: resultsOf(rounds, asked),
      notes: [
        `one a frame: ${rate} fixes/s over ${couriers} sockets; twenty a frame: ${rate * BATCH_RATE} over ${Math.min(couriers, BATCH_COURIERS_MAX)}`,
        'us of CPU (user and system) per fix',
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
      shed_pct: figureOf(costs.map((cost) => cost.shedPercent)).value,
      load_late_ms: figureOf(costs.map((cost) => cost.behindPlanMs)).max,
    },
  };
}

/** What can be said of those that were measured. */
function resultsOf(
  rounds: readonly (readonly Turn[])[],
  asked: readonly Contender[],
): Record<string, Figure> {
  const turnsOf = (part: string): Turn[] =>
    rounds.flatMap((turns) => turns[asked.findIndex((contender) => contender.part === part)] ?? []);
  const engine = turnsOf('engine');
  const results: Record<string, Figure> = {};
  const ratios = { cpu_vs_bare: 'bare', cpu_vs_redis_design: 'redis', cpu_vs_ws_json: 'ws' };
  for (const [name, part] of Object.entries(ratios)) {
    const values = turnsOf(part).flatMap((peer, i) => {
      const ours = engine[i];
      return ours === undefined ? [] : ours.one.server / peer.one.server;
    });
    if (values.length > 0) results[name] = figureOf(values);
  }
  const batched = engine.flatMap((turn) => turn.batched ?? []);
  if (batched.length > 0) {
    results['batched_us_per_fix'] = figureOf(batched.map(({ server }) => server));
  }
  return results;
}
