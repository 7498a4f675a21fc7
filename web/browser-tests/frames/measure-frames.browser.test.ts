import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { BROWSER_TIMES } from '../browser.test-kit.ts';
import { measureFrames } from './measure-frames.ts';

vi.setConfig(BROWSER_TIMES);

test('a city moves on the console, and what that costs has its figures', async () => {
  const directory = join(tmpdir(), `hexfleet-frames-test-${process.pid}`);
  await mkdir(directory, { mode: 0o755 });
  try {
    const report = await measureFrames({
      couriers: 20,
      rate: 20,
      seconds: 4,
      directory,
      signal: new AbortController().signal,
      say: () => undefined,
    });
    expect(report.frames).toBeGreaterThan(0);
    expect(report.scriptMs.thread.p95).toBeGreaterThan(0);
    expect(report.scriptMs.wall.p95).toBeGreaterThan(0);
    expect(report.heapMegabytes.length).toBeGreaterThan(1);
    expect(report.heapMegabytes.every((megabytes) => megabytes > 1)).toBe(true);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
