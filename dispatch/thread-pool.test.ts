import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { required, sleep, systemClock } from '../runtime/index.ts';
import { threadPool } from './thread-pool.ts';

const NAMES = 5_000;
const FILES = 30;
const ENDS = 10;

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hexfleet-threads-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** A module that does little, and that takes long to be joined with what it imports. */
async function slowModule(): Promise<URL> {
  const names = Array.from({ length: NAMES }, (_, i) => `x${i}`);
  const file = (i: number): string => join(directory, `part${i}.mjs`);
  await writeFile(file(0), names.map((name) => `export let ${name};`).join(''));
  for (let i = 1; i < FILES; i++) {
    await writeFile(file(i), `export * from './part${i - 1}.mjs';`);
  }
  const worker = join(directory, 'slow.worker.mjs');
  const imports = `import { ${names.join()} } from './part${FILES - 1}.mjs';`;
  await writeFile(worker, `${imports}\nexport default (n) => n + 1;`);
  return pathToFileURL(worker);
}

test('threads that are ended at any moment of their start end alone', async () => {
  const file = await slowModule();
  const startedAtMs = systemClock.monotonicMs();
  const whole = threadPool<number, number>({ file, threads: 1, tasksWaitingMax: 1 });
  expect(await whole.run(1)).toBe(2);
  await whole.destroy();
  const tookMs = systemClock.monotonicMs() - startedAtMs;

  for (let end = 0; end < ENDS; end++) {
    const pool = threadPool<number, number>({ file, threads: 1, tasksWaitingMax: 1 });
    await once(required(pool.threads[0], 'a thread'), 'online');
    await sleep((tookMs * end) / ENDS);
    await pool.destroy();
    expect(pool.threads).toHaveLength(0);
  }
});
