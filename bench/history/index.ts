import { join } from 'node:path';
import { assert, systemClock } from '../../runtime/index.ts';
import {
  cpuSecondsOfTree,
  figureOf,
  goOn,
  postmasterOf,
  type Bench,
  type BenchContext,
  type BenchResult,
} from '../harness/index.ts';
import { startScratch, type Scratch } from './scratch.ts';
import { bareCopyWriter, insertWriter, storeWriter, type Writer } from './writers.ts';

const SECONDS = 3;

/** What storing fixes for one turn came to. */
interface Turn {
  readonly rowsPerSecond: number;
  /** Of this process, CPU microseconds. */
  readonly cpuUsPerRow: number;
  /** Of PostgreSQL; null where the system does not tell. */
  readonly postgresUsPerRow: number | null;
}

/** Fixes into history: the engine's store beside a bare COPY and beside one INSERT a row. */
export const historyBench: Bench = {
  name: 'history',
  summary: 'fixes into history: our store beside a bare COPY, and beside one INSERT a row',
  parts: ['store', 'copy', 'insert'],
  async run(context) {
    context.say('history: starting PostgreSQL');
    const scratch = await startScratch(join(context.directory, 'data'));
    try {
      return await measure(scratch, context);
    } finally {
      await scratch.stop();
    }
  },
};

async function measure(scratch: Scratch, context: BenchContext): Promise<BenchResult> {
  const { options, signal, say } = context;
  const all: readonly [name: string, writer: Writer][] = [
    ['store', storeWriter(scratch)],
    ['copy', await bareCopyWriter(scratch)],
    ['insert', insertWriter(scratch)],
  ];
  const asked = all.filter(([name]) => options.parts.length === 0 || options.parts.includes(name));
  const turns = new Map<string, Turn[]>(asked.map(([name]) => [name, []]));
  // The first round is to warm up.
  for (let repetition = 0; repetition <= options.repetitions; repetition++) {
    for (const [name, writer] of asked) {
      goOn(signal);
      const turn = await takeTurn(scratch, writer, options.seconds ?? SECONDS);
      if (repetition === 0) continue;
      turns.get(name)?.push(turn);
      say(`${name}: ${Math.round(turn.rowsPerSecond).toLocaleString('en-US')} rows/s`);
    }
  }
  return report(turns);
}

async function takeTurn(scratch: Scratch, writer: Writer, seconds: number): Promise<Turn> {
  await scratch.clear();
  const postmaster = await postmasterOf(scratch.dataDir);
  const postgresBefore = await cpuSecondsOfTree(postmaster);
  const before = process.cpuUsage();
  const beganMs = systemClock.monotonicMs();
  let rows = 0;
  while (systemClock.monotonicMs() - beganMs < seconds * 1000) rows += await writer();
  const tookSeconds = (systemClock.monotonicMs() - beganMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const postgresAfter = await cpuSecondsOfTree(postmaster);
  assert((await scratch.rows()) === rows, 'what was stored is what was counted');
  const isKnown = postgresBefore !== null && postgresAfter !== null;
  return {
    rowsPerSecond: rows / tookSeconds,
    cpuUsPerRow: (user + system) / rows,
    postgresUsPerRow: isKnown ? ((postgresAfter - postgresBefore) * 1e6) / rows : null,
  };
}

function report(turns: ReadonlyMap<string, readonly Turn[]>): BenchResult {
  const rows = [...turns].map(([name, all]) => ({
    what: name,
    figures: {
      rows_per_second: figureOf(all.map((turn) => turn.rowsPerSecond)).value,
      our_cpu_us_per_row: figureOf(all.map((turn) => turn.cpuUsPerRow)).value,
      postgres_cpu_us_per_row: figureOf(all.map((turn) => turn.postgresUsPerRow ?? 0)).value,
    },
  }));
  return {
    rows,
    results: resultsOf(turns),
    notes: [
      'store: the engine, from the fix to the commit; copy: the same bytes, made before; insert: a ' +
        'statement for each fix on all connections; all into the table of history with its index',
      'commits do not wait for the disk, as in the engine: history may lose its last second',
    ],
  };
}

function resultsOf(turns: ReadonlyMap<string, readonly Turn[]>): BenchResult['results'] {
  const store = turns.get('store') ?? [];
  if (store.length === 0) return {};
  const against = (name: string): BenchResult['results'] => {
    const other = turns.get(name) ?? [];
    const ratios = store.map(({ rowsPerSecond }, i) => rowsPerSecond / rateOf(other[i]));
    return other.length === 0 ? {} : { [`rows_vs_${name}`]: figureOf(ratios) };
  };
  return {
    rows_per_second: figureOf(store.map((turn) => turn.rowsPerSecond)),
    cpu_us_per_row: figureOf(store.map((turn) => turn.cpuUsPerRow)),
    ...against('copy'),
    ...against('insert'),
  };
}

function rateOf(turn: Turn | undefined): number {
  return turn?.rowsPerSecond ?? Number.NaN;
}
