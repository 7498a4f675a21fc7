import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interrupted, interrupted, runCommand, UsageError } from '../runtime/index.ts';
import { chaosOptions, HELP, type ChaosOptions } from './chaos/options.ts';
import { isSound, renderResult } from './chaos/report.ts';
import { runChaos } from './chaos/run-chaos.ts';

await runCommand({
  help: HELP,
  options: chaosOptions,
  async run(options) {
    const dir = await prepareDir(options.out);
    let isKept = false;
    try {
      isKept = await run(options, dir);
      return isKept;
    } finally {
      if (isKept && options.out === undefined) await rm(dir, { recursive: true });
      else console.error(`data and logs are in ${dir}`);
    }
  },
});

/** @returns whether every promise was kept. @throws Interrupted */
async function run(options: ChaosOptions, dir: string): Promise<boolean> {
  const { seconds, seed, json, 'orders-per-second': ordersPerSecond } = options;
  const result = await runChaos({ seconds, seed, ordersPerSecond, dir }, interrupted());
  if (result === null) throw new Interrupted('interrupted: nothing was checked');
  const text = `${JSON.stringify(result, null, 2)}\n`;
  await writeFile(join(dir, 'chaos.json'), text);
  if (json !== undefined) await writeFile(json, text);
  console.log(renderResult(result));
  return isSound(result);
}

/** @throws UsageError when something is there already */
async function prepareDir(out: string | undefined): Promise<string> {
  if (out === undefined) return await mkdtemp(join(tmpdir(), 'hexfleet-chaos-'));
  if (existsSync(out) && (await readdir(out)).length > 0)
    throw new UsageError(`${out} is not empty`);
  await mkdir(out, { recursive: true });
  return out;
}
