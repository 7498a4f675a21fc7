import { type Bench, figureOf, goOn, inTurn, percentile } from '../harness/index.ts';
import { MovingCity } from './moving-city.ts';

const OPERATORS = 5;
const SECONDS = 10;
const WARM_UP_SECONDS = 3;

interface Turn {
  /** Work for one second of the map. */
  readonly msPerSecond: number;
  readonly slicesMs: readonly number[];
  readonly kilobytesPerSecond: number;
}

/** What it costs to show operators a city, shared and for each by himself. */
export const liveMapBench: Bench = {
  name: 'live-map',
  summary: `a city's couriers for ${OPERATORS} operators: work per second, and at one time`,
  parts: ['watchers'],
  usual: { rate: 1_667, couriers: 5_000 },
  async run({ options, signal, say }) {
    const { rate, couriers, seconds = SECONDS } = options;
    const measure = (maps: number) => (): Promise<Turn> => {
      const city = new MovingCity(couriers, { maps, operators: OPERATORS });
      for (let i = 0; i < WARM_UP_SECONDS; i++) city.second(rate);
      const before = city.bytes;
      const slicesMs: number[] = [];
      for (let i = 0; i < seconds; i++) {
        goOn(signal);
        slicesMs.push(...city.second(rate));
      }
      const msPerSecond = slicesMs.reduce((sum, ms) => sum + ms, 0) / seconds;
      say(`${maps === 1 ? 'shared' : 'for each'}: ${msPerSecond.toFixed(1)} ms per second`);
      const kilobytesPerSecond = (city.bytes - before) / 1024 / seconds;
      return Promise.resolve({ msPerSecond, slicesMs, kilobytesPerSecond });
    };
    const turns = { a: measure(1), b: measure(OPERATORS) };
    const rounds = await inTurn(turns, options.repetitions, signal);
    return {
      rows: [
        rowOf(
          'one work for all',
          rounds.map(({ a }) => a),
        ),
        rowOf(
          'one for each',
          rounds.map(({ b }) => b),
        ),
      ],
      results: {
        vs_one_for_each: figureOf(rounds.map(({ a, b }) => a.msPerSecond / b.msPerSecond)),
        slice_p99_ms: figureOf(rounds.map(({ a }) => percentile([...a.slicesMs], 0.99) ?? 0)),
      },
      notes: [
        `${couriers} couriers in 20 by 20 km, ${rate} fixes a second, all in view of ${OPERATORS} operators`,
        'without sockets: what is sent is counted and thrown away',
      ],
    };
  },
};

function rowOf(what: string, turns: readonly Turn[]) {
  const slices = turns.flatMap(({ slicesMs }) => slicesMs);
  return {
    what,
    figures: {
      ms_per_second: figureOf(turns.map(({ msPerSecond }) => msPerSecond)).value,
      slice_p50_ms: percentile(slices, 0.5) ?? null,
      slice_p99_ms: percentile(slices, 0.99) ?? null,
      kb_per_second: figureOf(turns.map(({ kilobytesPerSecond }) => kilobytesPerSecond)).value,
    },
  };
}
