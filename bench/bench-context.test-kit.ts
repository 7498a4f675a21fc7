import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchContext, BenchOptions } from './harness/index.ts';

/** A bench at its smallest: that figures come out, not which. */
export function smokeContext(directory: string, options: Partial<BenchOptions> = {}): BenchContext {
  return {
    directory,
    signal: new AbortController().signal,
    say: () => undefined,
    options: {
      repetitions: 1,
      seconds: undefined,
      rate: 1,
      rateMax: 100,
      couriers: 1,
      parts: [],
      pin: false,
      profile: undefined,
      file: undefined,
      ...options,
    },
  };
}

/** The same with a folder of its own. @returns what `run` gives */
export async function smoke<Result>(
  name: string,
  options: Partial<BenchOptions>,
  run: (context: BenchContext) => Promise<Result>,
): Promise<Result> {
  const directory = join(tmpdir(), `hexfleet-${name}-test-${process.pid}`);
  await mkdir(directory, { mode: 0o755 });
  try {
    return await run(smokeContext(directory, options));
  } finally {
    await rm(directory, { recursive: true });
  }
}
