import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Interrupted, interrupted, runCommand, UsageError } from '../runtime/index.ts';
import type { Day } from './days/index.ts';
import { HELP, replayOptions, type ReplayOptions } from './replay/options.ts';
import { isSound, renderComparison, renderResult, type ReplayResult } from './replay/report.ts';
import { readOptionsDay, runReplay } from './replay/run-replay.ts';

await runCommand({
  help: HELP,
  options: replayOptions,
  async run(options) {
    // Before anything is made or removed.
    const day = await readOptionsDay(options);
    await prepareOut(options);
    const result = await runReplay(options, day, interrupted());
    console.log(renderResult(result));
    const versus = await playOther(options, day);
    const both = versus === null ? result : { ...result, versus };
    const json = `${JSON.stringify(both, null, 2)}\n`;
    await writeFile(join(options.out, 'replay.json'), json);
    if (options.json !== undefined) await writeFile(options.json, json);
    if (versus !== null) console.log(renderComparison(result, versus));
    if (interrupted().aborted)
      throw new Interrupted('interrupted: the day was not played to its end');
    return isSound(result) && (versus === null || isSound(versus));
  },
});

/** The same day by the other strategy, in an engine of its own; null when none was asked for. */
async function playOther(
  { versus, out, ...options }: ReplayOptions,
  day: Day,
): Promise<ReplayResult | null> {
  if (versus === undefined) return null;
  const other = { ...options, strategy: versus, out: join(out, versus) };
  await mkdir(other.out);
  const result = await runReplay(other, day, interrupted());
  console.log(renderResult(result));
  return result;
}

/**
 * A replay begins with an empty database: what is in the way is only removed when asked to.
 * @throws UsageError
 */
async function prepareOut({ out, force }: ReplayOptions): Promise<void> {
  if (existsSync(out) && (await readdir(out)).length > 0) {
    const isReplay = existsSync(join(out, 'data')) || existsSync(join(out, 'replay.json'));
    if (!force) throw new UsageError(`--out: ${out} is not empty; --force empties it`);
    if (!isReplay)
      throw new UsageError(`--out: ${out} holds something else than a replay; it is left alone`);
    await rm(out, { recursive: true });
  }
  await mkdir(out, { recursive: true });
}
