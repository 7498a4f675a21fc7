import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../testing/index.ts';
import { EngineProcess } from '../engine-process/index.ts';
import { runReconnect } from './run-reconnect.ts';

const CLIENTS = 50;
const CUTS_MS = [2_000, 1_000];

test('R6: over stalled and cut links and a killed engine, each client knows what the database knows', async () => {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'hexfleet reconnect '));
  const engine = await EngineProcess.start({
    dataDir,
    logFile: join(dataDir, 'engine.log'),
    freePorts: true,
    env: { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32) },
  });
  const options = { clients: CLIENTS, cutsMs: CUTS_MS, heartbeatMs: 500 };
  try {
    const result = await runReconnect(engine, options);
    expect(result).toMatchObject({ clients: CLIENTS, repetitions: 0, differences: [] });
    // Each cut link is come back from, and each client begins anew with the new engine.
    expect(result.recovered).toBeGreaterThanOrEqual(CLIENTS);
    expect(result.reloaded).toBeGreaterThanOrEqual(CLIENTS);
  } finally {
    await engine.stop();
    await database.close();
    await rm(dataDir, { recursive: true });
  }
}, 180_000);
