import type { Bench, BenchContext, BenchResult } from '../harness/index.ts';
import { measureGrowth } from './growth.ts';
import { FULL_LOAD, type IndexLoad } from './load.ts';
import { measureMemory } from './memory.ts';
import { measureMoves } from './moves.ts';
import { measureNearest } from './nearest.ts';
import { measureThreads } from './threads.ts';

type Part = (load: IndexLoad, context: BenchContext) => Promise<BenchResult>;

const PARTS: ReadonlyMap<string, Part> = new Map([
  ['memory', measureMemory],
  ['moves', measureMoves],
  ['nearest', measureNearest],
  ['threads', measureThreads],
  ['growth', measureGrowth],
]);

/** The courier index beside rbush and a real Redis. */
export const indexBench: Bench = {
  name: 'index',
  summary: 'moves and nearest searches in the courier index, beside rbush and Redis GEO',
  parts: [...PARTS.keys()],
  run: (context) => measureIndex(FULL_LOAD, context),
};

/** Every part that was asked for, one after the other. */
export async function measureIndex(load: IndexLoad, context: BenchContext): Promise<BenchResult> {
  const { parts: asked } = context.options;
  const parts = [...PARTS].filter(([name]) => asked.length === 0 || asked.includes(name));
  const all: BenchResult[] = [];
  for (const [, part] of parts) all.push(await part(load, context));
  return {
    rows: all.flatMap(({ rows }) => rows),
    results: Object.assign({}, ...all.map(({ results }) => results)) as BenchResult['results'],
    notes: all.flatMap(({ notes }) => notes),
  };
}
