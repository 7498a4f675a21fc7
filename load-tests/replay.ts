import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Day } from './days/index.ts';
import { HELP, readOptions, type ReplayOptions } from './replay/options.ts';
import { isSound, renderComparison, renderResult, type ReplayResult } from './replay/report.ts';
import { readOptionsDay, runReplay } from './replay/run-replay.ts';
import { messageOf } from '../runtime/index.ts';

await main();

async function main(): Promise<void> {
  let options: ReplayOptions | null;
  let day: Day;
  try {
    options = readOptions();
    if (options === null) return console.log(HELP);
    // Before anything is made or removed.
    day = await readOptionsDay(options);
    await prepareOut(options);
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
    return;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  try {
    const result = await runReplay(options, day, interrupted.signal);
    console.log(renderResult(result));
    const versus = await playOther(options, day, interrupted.signal);
    const both = versus === null ? result : { ...result, versus };
    const json = `${JSON.stringify(both, null, 2)}\n`;
    await writeFile(join(options.out, 'replay.json'), json);
    if (options.json !== undefined) await writeFile(options.json, json);
    if (versus !== null) console.log(renderComparison(result, versus));
    const sound = isSound(result) && (versus === null || isSound(versus));
    process.exitCode = sound && !interrupted.signal.aborted ? 0 : 1;
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

/** The same day by the other strategy, in an engine of its own; null when none was asked for. */
async function playOther(
  { versus, out, ...options }: ReplayOptions,
  day: Day,
  signal: AbortSignal,
): Promise<ReplayResult | null> {
  if (versus === undefined) return null;
  const other = { ...options, strategy: versus, out: join(out, versus) };
  await mkdir(other.out);
  const result = await runReplay(other, day, signal);
  console.log(renderResult(result));
  return result;
}

/** A replay begins with an empty database: what is in the way is only removed when asked to. */
async function prepareOut({ out, force }: ReplayOptions): Promise<void> {
  if (existsSync(out) && (await readdir(out)).length > 0) {
    const isReplay = existsSync(join(out, 'data')) || existsSync(join(out, 'replay.json'));
    if (!force) throw new Error(`--out: ${out} is not empty; --force empties it`);
    if (!isReplay)
      throw new Error(`--out: ${out} holds something else than a replay; it is left alone`);
    await rm(out, { recursive: true });
  }
  await mkdir(out, { recursive: true });
}
