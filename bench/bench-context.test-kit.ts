import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchContext, BenchOptions } from './harness/index.ts';

/** A bench at its smallest, with a folder of its own. @returns what `run` gives */
export async function smoke<Result>(
  name: string,
  options: Pick<BenchOptions, 'rate' | 'couriers' | 'seconds'>,
  run: (context: BenchContext) => Promise<Result>,
): Promise<Result> {
  const directory = join(tmpdir(), `hexfleet-${name}-test-${process.pid}`);
  await mkdir(directory, { mode: 0o755 });
  try {
    return await run({
      directory,
      signal: new AbortController().signal,
      say: () => undefined,
      options: {
        ...options,
        repetitions: 1,
        rateMax: 100,
        parts: [],
        pin: false,
        profile: undefined,
        file: undefined,
      },
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}
