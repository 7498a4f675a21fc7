import { expect, test } from 'vitest';
import { createTestDatabase } from '../../testing/index.ts';
import { withOwnEngine } from '../engine-process/index.ts';
import { runReconnect } from './run-reconnect.ts';

const CLIENTS = 50;
const CUTS_MS = [2_000, 1_000];

test('R6: over stalled and cut links and a killed engine, each client knows what the database knows', async () => {
  const database = await createTestDatabase();
  try {
    const env = { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32) };
    await withOwnEngine('reconnect test', { env }, async (engine) => {
      const options = { clients: CLIENTS, cutsMs: CUTS_MS, heartbeatMs: 500 };
      const result = await runReconnect(engine, options);
      expect(result).toMatchObject({ clients: CLIENTS, repetitions: 0, differences: [] });
      // Each cut link is come back from, and each client begins anew with the new engine.
      expect(result.recovered).toBeGreaterThanOrEqual(CLIENTS);
      expect(result.reloaded).toBeGreaterThanOrEqual(CLIENTS);
      return true;
    });
  } finally {
    await database.close();
  }
}, 180_000);
