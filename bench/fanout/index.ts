import {
  choosePinning,
  figureOf,
  inTurn,
  percentile,
  type Bench,
  type BenchContext,
  type BenchRow,
} from '../harness/index.ts';
import { messagesPerRound, startEngineSide, startPeerSide, type Side } from './sides.ts';

const SECONDS = 9;
/** Of the messages that must come out so many must have come. */
const DELIVERED_MIN = 0.999;

interface Turn {
  /** CPU of the server per message out, us. */
  readonly perMessage: number;
  readonly messagesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What it costs to show a courier to those who watch, and how soon they see it. */
export const fanoutBench: Bench = {
  name: 'fanout',
  summary: 'fixes to watchers: CPU per message beside bare publish, and how soon they come',
  parts: ['watchers'],
  usual: { rate: 3_333, couriers: 5_000 },
  async run(context) {
    const pinning = await choosePinning();
    const { options, signal, say } = context;
    const engine = await startEngineSide({ context, pinning });
    const sides: Side[] = [engine];
    try {
      const peer = await startPeerSide(engine.orderIds, { context, pinning });
      sides.push(peer);
      for (const side of sides) await measure(side, context);
      const turn = (name: string, side: Side) => async (): Promise<Turn> => {
        const measured = await measure(side, context);
        const { perMessage, p99Ms } = measured;
        say(`${name}: ${perMessage.toFixed(2)} us per message, p99 ${p99Ms.toFixed(2)} ms`);
        return measured;
      };
      const turns = { a: turn('Hexfleet', engine), b: turn('bare publish', peer) };
      const rounds = await inTurn(turns, options.repetitions, signal);
      return {
        rows: [
          rowOf(
            'Hexfleet',
            rounds.map(({ a }) => a),
          ),
          rowOf(
            'bare uWebSockets.js publish',
            rounds.map(({ b }) => b),
          ),
        ],
        results: {
          cpu_vs_bare_publish: figureOf(rounds.map(({ a, b }) => a.perMessage / b.perMessage)),
          fix_to_watcher_p99_ms: figureOf(rounds.map(({ a }) => a.p99Ms)),
        },
        notes: [
          `${options.couriers} couriers, each watched by one customer, 100 of them by 100 operators too`,
          'from the sending of a fix to its arrival at the watcher, the load generator included',
          pinning === null
            ? 'not pinned'
            : `server on core ${pinning.server}, load on ${pinning.load}`,
        ],
      };
    } finally {
      for (const side of sides) await side.stop();
    }
  },
};

/**
 * Whole rounds: each courier sends as often as every other. One goes before, as couriers who are heard
 * again after the other side's turn have all their estimates made anew.
 * @throws Error when messages were lost
 */
async function measure(side: Side, { options }: BenchContext): Promise<Turn> {
  const { rate, couriers, seconds: wanted = SECONDS } = options;
  const load = { encoding: 'binary', rate, fixesPerFrame: 1 } as const;
  await side.fleet.stream({ ...load, seconds: couriers / rate });
  const rounds = Math.max(1, Math.round((wanted * rate) / couriers));
  const seconds = (rounds * couriers) / rate;
  const before = await side.cpuSeconds();
  const report = await side.fleet.stream({ ...load, seconds });
  const cpuSeconds = (await side.cpuSeconds()) - before;
  const expected = rounds * messagesPerRound(couriers);
  if (report.positions < expected * DELIVERED_MIN) {
    throw new Error(`of ${expected} positions ${report.positions} came to watchers`);
  }
  const latencies = [...report.latenciesMs];
  return {
    perMessage: (cpuSeconds / report.positions) * 1e6,
    messagesPerSecond: report.positions / report.seconds,
    p50Ms: percentile(latencies, 0.5) ?? Number.NaN,
    p99Ms: percentile(latencies, 0.99) ?? Number.NaN,
  };
}

function rowOf(what: string, turns: readonly Turn[]): BenchRow {
  const perMessage = figureOf(turns.map((turn) => turn.perMessage));
  return {
    what,
    figures: {
      us_per_message: perMessage.value,
      min: perMessage.min,
      max: perMessage.max,
      'messages/s': figureOf(turns.map((turn) => turn.messagesPerSecond)).value,
      p50_ms: figureOf(turns.map((turn) => turn.p50Ms)).value,
      p99_ms: figureOf(turns.map((turn) => turn.p99Ms)).value,
    },
  };
}
