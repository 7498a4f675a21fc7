import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planFaults, type FaultPlan } from './faults.ts';
import { isSound } from './report.ts';
import { runChaos } from './run-chaos.ts';

const CHAOS = join(import.meta.dirname, '../chaos.ts');
let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hexfleet chaos '));
});
afterAll(() => rm(dir, { recursive: true }));

const SHORT_PLAN: FaultPlan = {
  engine: {
    first: [
      { kind: 'crash_point', point: 'order-stored', pass: 3 },
      { kind: 'crash_point', point: 'step-performed', pass: 2 },
      { kind: 'stop_postgres', ms: 200 },
      { kind: 'crash_point', point: 'relay-published', pass: 5 },
    ],
    rest: [],
  },
  provider: { first: [{ kind: 'kill_provider', ms: 500 }], rest: [] },
};

test('three crashes, a PostgreSQL and a provider that die: no promise is broken', async () => {
  const call = { seconds: 12, seed: 7, ordersPerSecond: 10, dir, plan: SHORT_PLAN };
  const result = await runChaos(call, new AbortController().signal);
  expect(result?.examples).toEqual({});
  expect(result?.injected).toEqual({
    'crash_at:order-stored': 1,
    'crash_at:step-performed': 1,
    'crash_at:relay-published': 1,
    stop_postgres: 1,
    kill_provider: 1,
  });
  expect(result?.complaints).toEqual([]);
  expect(result?.acknowledged).toBeGreaterThan(100);
  expect(result?.delivered).toBeGreaterThan(0);
  expect(result !== null && isSound(result)).toBe(true);
}, 180_000);

test('the same seed gives the same faults, another seed others', () => {
  const some = (seed: number): unknown[] => {
    const { engine, provider } = planFaults(seed);
    const first = <F>(faults: Iterable<F>): F[] => [...Iterator.from(faults).take(20)];
    return [...engine.first, ...first(engine.rest), ...first(provider.rest)];
  };
  expect(some(7)).toEqual(some(7));
  expect(some(7)).not.toEqual(some(8));
});

test('a wrong call is answered with what is wrong', async () => {
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [CHAOS, '--seed', 'x'], (error, _stdout, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(/seconds/);
  expect(stderr).toMatch(/seed/);
});
