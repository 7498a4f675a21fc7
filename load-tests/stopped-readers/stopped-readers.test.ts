import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../testing/index.ts';
import { EngineProcess } from '../engine-process/index.ts';
import { runStoppedReaders } from './run-stopped-readers.ts';

const STOPPED = 20;

test('R9: beside readers who have stopped, who reads misses nothing', async () => {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'hexfleet stopped '));
  const engine = await EngineProcess.start({
    dataDir,
    logFile: join(dataDir, 'engine.log'),
    freePorts: true,
    env: { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32) },
  });
  try {
    const result = await runStoppedReaders(engine, {
      stopped: STOPPED,
      events: 100,
      closedMsMax: 0,
    });
    expect(result).toMatchObject({ missed: 0 });
    expect(result.beside.p99Ms).toBeGreaterThan(0);
  } finally {
    await engine.stop();
    await database.close();
    await rm(dataDir, { recursive: true });
  }
}, 120_000);
