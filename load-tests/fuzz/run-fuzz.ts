import fc from 'fast-check';
import { sleep, systemClock } from '../../runtime/index.ts';
import type { EngineProcess } from '../engine-process/index.ts';
import { Lane } from './deliver.ts';
import { EngineWatch } from './engine-watch.ts';
import { HonestClient } from './honest-client.ts';
import { inputsFor, KINDS, type Input } from './inputs.ts';
import { setStage, type Stage } from './stage.ts';

/** Inputs under way at once. */
const LANES = 12;
/** Made at a time: making one alone costs more. */
const BATCH = 50;
const SAMPLE_MS = 500;
/** Of the run, at its begin and at its end: between these memory is compared. */
const MEMORY_PARTS = { warmUp: 1 / 3, end: 1 / 6 };
/**
 * So much more memory an engine may have at the end than after its warm-up. A heap still grows for a
 * minute or two: 30 MB were seen in a run of one minute, 1 MB in one of five.
 */
const GROWTH_MB_MAX = 64;
const FAULTS_MAX = 10;
const SHOWN_MAX = 4_000;

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly logFile: string;
}

export interface FuzzResult {
  readonly seed: number;
  readonly seconds: number;
  readonly inputs: number;
  /** By kind of input, what they led to. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly honest: { readonly served: number; readonly slowestMs: number };
  /** Resident, MB: after the warm-up, at the end, and at the most. */
  readonly memory: { readonly warm: number; readonly end: number; readonly max: number };
  /** What must not have been; none is the promise. */
  readonly faults: readonly Fault[];
}

interface Fault {
  readonly what: string;
  /** As it was sent; of a fault of the whole engine, what was under way. */
  readonly inputs: readonly string[];
}

/** What all lanes share. */
interface Run {
  readonly stage: Stage;
  readonly draw: (kind: Input['kind']) => Input;
  readonly outcomes: Record<string, Record<string, number>>;
  readonly faults: Fault[];
  /** By lane, what is under way. */
  readonly current: (Input | null)[];
  readonly goesOn: () => boolean;
}

/**
 * Sends an engine inputs of a seed for so long.
 * @param told now and then: how far it is, s, and a word
 */
export async function runFuzz(
  engine: EngineProcess,
  options: FuzzOptions,
  told: (seconds: number, note: string) => void = () => undefined,
): Promise<FuzzResult> {
  const { seconds, seed, logFile } = options;
  const stage = await setStage(engine, LANES);
  const watch = new EngineWatch(engine, logFile);
  await watch.begin();
  const honest = new HonestClient(stage);
  const beganMs = systemClock.monotonicMs();
  const endsMs = beganMs + seconds * 1000;
  const run: Run = {
    stage,
    draw: inputsOf(stage, seed),
    outcomes: {},
    faults: [],
    current: [],
    goesOn: () =>
      systemClock.monotonicMs() < endsMs && watch.isAlive && run.faults.length < FAULTS_MAX,
  };
  const serving = honest.run();
  const lanes = Array.from({ length: LANES }, (_, lane) => fuzz(run, lane));
  while (run.goesOn()) {
    const megabytes = await watch.sample().catch(() => 0);
    const inputs = countOf(run.outcomes);
    const passed = (systemClock.monotonicMs() - beganMs) / 1000;
    told(passed, `${inputs} inputs, ${megabytes} MB, ${run.faults.length} faults`);
    await sleep(SAMPLE_MS);
  }
  await Promise.all(lanes);
  honest.stop();
  await serving;
  const memory = memoryOf(watch, beganMs, endsMs);
  const { served, slowestMs } = honest;
  return {
    seed,
    seconds,
    inputs: countOf(run.outcomes),
    outcomes: run.outcomes,
    honest: { served, slowestMs: Math.round(slowestMs) },
    memory,
    faults: [...run.faults, ...(await faultsOfAll(run, { watch, honest, memory }))],
  };
}

/** Of each kind a list that the seed determines, drawn from by whoever is next. */
function inputsOf(stage: Stage, seed: number): Run['draw'] {
  const arbitraries = inputsFor(stage);
  const waiting = new Map<string, Input[]>();
  let batches = 0;
  return (kind) => {
    let list = waiting.get(kind) ?? [];
    if (list.length === 0) {
      list = fc.sample(arbitraries[kind], { seed: seed + batches, numRuns: BATCH });
      batches += 1;
      waiting.set(kind, list);
    }
    return list.pop() ?? inputsOf(stage, seed + batches)(kind);
  };
}

async function fuzz(run: Run, number: number): Promise<void> {
  const lane = new Lane(run.stage, number);
  for (let i = number; run.goesOn(); i++) {
    const kind = KINDS[i % KINDS.length] ?? 'message';
    const input = run.draw(kind);
    run.current[number] = input;
    const { what, fault } = await lane.deliver(input);
    const counts = (run.outcomes[kind] ??= {});
    counts[what] = (counts[what] ?? 0) + 1;
    if (fault !== null) run.faults.push({ what: fault, inputs: [shown(input)] });
  }
  lane.close();
}

function countOf(outcomes: Run['outcomes']): number {
  return Object.values(outcomes)
    .flatMap((counts) => Object.values(counts))
    .reduce((sum, count) => sum + count, 0);
}

function memoryOf(watch: EngineWatch, beganMs: number, endsMs: number): FuzzResult['memory'] {
  const lengthMs = endsMs - beganMs;
  const warmMs = beganMs + lengthMs * MEMORY_PARTS.warmUp;
  const lastMs = endsMs - lengthMs * MEMORY_PARTS.end;
  return {
    warm: watch.memoryBetween(beganMs + (warmMs - beganMs) / 2, warmMs),
    end: watch.memoryBetween(lastMs, Number.POSITIVE_INFINITY),
    max: watch.memoryMax,
  };
}

async function faultsOfAll(
  { current }: Run,
  seen: {
    readonly watch: EngineWatch;
    readonly honest: HonestClient;
    readonly memory: FuzzResult['memory'];
  },
): Promise<readonly Fault[]> {
  const { watch, honest, memory } = seen;
  const inputs = current.flatMap((input) => (input === null ? [] : [shown(input)]));
  const growth = memory.end - memory.warm;
  const complaints = await watch.complaints();
  return [
    ...(watch.isAlive ? [] : ['the engine has died']),
    ...complaints.map((line) => `the log has: ${line.slice(0, SHOWN_MAX)}`),
    ...honest.complaints.map((text) => `the honest client: ${text}`),
    ...(honest.served > 0 ? [] : ['the honest client was never served']),
    ...(growth <= GROWTH_MB_MAX ? [] : [`memory has grown by ${growth} MB`]),
  ].map((what) => ({ what, inputs }));
}

/** As JSON; bytes as base64. */
function shown(input: Input): string {
  const text = JSON.stringify(input, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}...`;
}
