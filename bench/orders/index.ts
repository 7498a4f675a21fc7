import type { Bench, BenchContext, BenchResult } from '../harness/index.ts';
import { BenchCity } from './bench-city.ts';
import { measureCeiling } from './ceiling.ts';
import { measurePlacements } from './placements.ts';
import { measureWholeLives } from './whole-lives.ts';

type Part = (city: BenchCity, context: BenchContext) => Promise<BenchResult>;

const PARTS: ReadonlyMap<string, Part> = new Map([
  ['placements', measurePlacements],
  ['lives', measureWholeLives],
  ['ceiling', measureCeiling],
]);

/** Orders through a real engine: placements beside bare SQL, whole lives, and how far it goes. */
export const ordersBench: Bench = {
  name: 'orders',
  summary:
    'orders through a real engine: placements beside bare SQL, whole lives, the highest rate',
  parts: [...PARTS.keys()],
  async run(context) {
    const { parts: asked } = context.options;
    const parts = [...PARTS].filter(([name]) => asked.length === 0 || asked.includes(name));
    const all: BenchResult[] = [];
    for (const [name, part] of parts) all.push(await withCity(name, part, context));
    return {
      rows: all.flatMap(({ rows }) => rows),
      results: Object.assign({}, ...all.map(({ results }) => results)) as BenchResult['results'],
      notes: all.flatMap(({ notes }) => notes),
    };
  },
};

/** Each part begins with an engine that has done nothing yet. */
async function withCity(name: string, part: Part, context: BenchContext): Promise<BenchResult> {
  const { options, directory, say } = context;
  say(`${name}: starting an engine`);
  const { couriers, profile } = options;
  const city = await BenchCity.start({ directory: `${directory}/${name}`, couriers, profile });
  try {
    return await part(city, context);
  } finally {
    await city.stop();
  }
}
