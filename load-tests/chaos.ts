import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HELP, readOptions, type ChaosOptions } from './chaos/options.ts';
import { isSound, renderResult } from './chaos/report.ts';
import { runChaos } from './chaos/run-chaos.ts';
import { messageOf } from '../runtime/index.ts';

await main();

async function main(): Promise<void> {
  let options: ChaosOptions | null;
  let dir: string;
  try {
    options = readOptions();
    if (options === null) return console.log(HELP);
    dir = await prepareDir(options.out);
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
    return;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  // Whatever happens before the end counts as a failure.
  process.exitCode = 1;
  try {
    const isKept = await run(options, dir, interrupted.signal);
    process.exitCode = isKept ? 0 : 1;
    if (!isKept || options.out !== undefined) console.error(`data and logs are in ${dir}`);
    else await rm(dir, { recursive: true });
  } catch (error) {
    console.error(`${messageOf(error)}\ndata and logs are in ${dir}`);
  }
}

/** @returns whether every promise was kept */
async function run(options: ChaosOptions, dir: string, signal: AbortSignal): Promise<boolean> {
  const { seconds, seed, json, 'orders-per-second': ordersPerSecond } = options;
  const result = await runChaos({ seconds, seed, ordersPerSecond, dir }, signal);
  if (result === null) {
    console.error('interrupted: nothing was checked');
    return false;
  }
  const text = `${JSON.stringify(result, null, 2)}\n`;
  await writeFile(join(dir, 'chaos.json'), text);
  if (json !== undefined) await writeFile(json, text);
  console.log(renderResult(result));
  return isSound(result);
}

async function prepareDir(out: string | undefined): Promise<string> {
  if (out === undefined) return await mkdtemp(join(tmpdir(), 'hexfleet-chaos-'));
  if (existsSync(out) && (await readdir(out)).length > 0) throw new Error(`${out} is not empty`);
  await mkdir(out, { recursive: true });
  return out;
}
