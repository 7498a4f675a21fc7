import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { soak, type Look } from './soak.ts';

test('a soak looks again and again, and every fix is taken', async () => {
  const directory = join(tmpdir(), `hexfleet-soak-test-${process.pid}`);
  await mkdir(directory, { mode: 0o755 });
  const heard: Look[] = [];
  try {
    const result = await soak(
      { couriers: 20, rate: 400, seconds: 3, lookSeconds: 1, directory },
      new AbortController().signal,
      (look) => heard.push(look),
    );
    expect(heard.map(({ sent, taken }) => taken / sent)).toEqual([1, 1, 1]);
    expect(result.looks).toEqual(heard);
    expect(result.lost).toBe(0);
    expect(result.loopDelayP99Ms).toBeGreaterThan(0);
  } finally {
    await rm(directory, { recursive: true });
  }
});
