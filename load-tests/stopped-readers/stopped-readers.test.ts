import { expect, test } from 'vitest';
import { createTestDatabase } from '../../testing/index.ts';
import { withOwnEngine } from '../engine-process/index.ts';
import { runStoppedReaders } from './run-stopped-readers.ts';

const STOPPED = 20;

test('R9: beside readers who have stopped, who reads misses nothing', async () => {
  const database = await createTestDatabase();
  try {
    const env = { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32) };
    await withOwnEngine('stopped test', { env }, async (engine) => {
      const options = { stopped: STOPPED, events: 100, closedMsMax: 0 };
      const result = await runStoppedReaders(engine, options);
      expect(result).toMatchObject({ missed: 0 });
      expect(result.beside.p99Ms).toBeGreaterThan(0);
      return true;
    });
  } finally {
    await database.close();
  }
}, 120_000);
