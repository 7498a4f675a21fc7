import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, randomInteger, systemRandom } from '../runtime/index.ts';
import { Progress } from './chaos/progress.ts';
import { EngineProcess } from './engine-process/index.ts';
import { HELP, readArguments, type FuzzArguments } from './fuzz/options.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';

const SEED_MAX = 0x7fff_ffff;

await main();

async function main(): Promise<void> {
  let options: FuzzArguments | null;
  try {
    options = readArguments();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
    return;
  }
  if (options === null) return console.log(HELP);
  // Whatever happens before the end counts as a failure.
  process.exitCode = 1;
  const dir = await mkdtemp(join(tmpdir(), 'hexfleet-fuzz-'));
  try {
    const isSound = await run(options, dir);
    process.exitCode = isSound ? 0 : 1;
    if (isSound) await rm(dir, { recursive: true });
    else console.error(`data and logs are in ${dir}`);
  } catch (error) {
    console.error(`${messageOf(error)}\ndata and logs are in ${dir}`);
  }
}

/** @returns whether nothing happened that must not */
async function run({ seconds, json, ...options }: FuzzArguments, dir: string): Promise<boolean> {
  const seed = options.seed ?? randomInteger(systemRandom, 0, SEED_MAX);
  console.error(`seed ${seed}`);
  const logFile = join(dir, 'engine.log');
  // Nothing is refused for being too much: everything shall be looked at.
  const env = { OVERLOAD_STEPS: 'off', RATE_LIMITS: 'off' };
  const engine = await EngineProcess.start({ dataDir: dir, logFile, freePorts: true, env });
  const progress = new Progress(seconds, 'seconds');
  try {
    const told = (passed: number, note: string): void => progress.update(passed, note);
    const result = await runFuzz(engine, { seconds, seed, logFile }, told);
    progress.stop();
    const text = JSON.stringify(result, null, 2);
    console.log(text);
    if (json !== undefined) await writeFile(json, `${text}\n`);
    return result.faults.length === 0;
  } finally {
    progress.stop();
    await engine.stop();
  }
}
