import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestCity } from '../scenarios/city.test-kit.ts';
import { Lane } from './deliver.ts';
import { inputsFor, KINDS } from './inputs.ts';
import { mutatedJson } from './mutations.ts';
import { runFuzz } from './run-fuzz.ts';
import type { Stage } from './stage.ts';

const FUZZ = join(import.meta.dirname, '../fuzz.ts');
const SEED = 20;

function stageAt(url: string): Stage {
  const token = 'token';
  const roles = ['customer', 'restaurant', 'courier', 'operator', 'service'];
  return {
    url,
    beganMs: 1_700_000_000_000,
    tokens: Object.fromEntries(roles.map((role) => [role, token])) as Stage['tokens'],
    couriers: [token],
    orderIds: ['0190f000-0000-7000-8000-000000000002'],
    honest: { token, orderId: '0190f000-0000-7000-8000-000000000003' },
  };
}

test('five seconds of what no client should send: nobody notices but who sent it', async () => {
  const city = await TestCity.start();
  try {
    const { engine, logFile } = city;
    const result = await runFuzz(engine, { seconds: 5, seed: SEED, logFile });
    expect(result.faults).toEqual([]);
    expect(Object.keys(result.outcomes).toSorted()).toEqual([...KINDS].toSorted());
    // It is not all refused at the door.
    expect(result.outcomes['message']).toMatchObject({
      ok: expect.any(Number) as number,
      invalid_request: expect.any(Number) as number,
    });
    expect(await city.broken()).toEqual([]);
  } finally {
    await city.stop();
  }
});

test('the same seed gives the same inputs, another seed others', () => {
  const drawn = (seed: number) => {
    const inputs = inputsFor(stageAt('http://x'));
    return KINDS.map((kind) => fc.sample(inputs[kind], { seed, numRuns: 20 }));
  };
  expect(drawn(SEED)).toEqual(drawn(SEED));
  expect(drawn(SEED)).not.toEqual(drawn(SEED + 1));
});

test('what is changed is sometimes still right, mostly still JSON, and not the base', () => {
  const base = { type: 'ping', requestId: 'r', list: [1, { deep: true }] };
  const texts = fc.sample(mutatedJson([base]), { seed: SEED, numRuns: 500 });
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  expect(texts).toContain(JSON.stringify(base));
  expect(new Set(texts).size).toBeGreaterThan(200);
  expect(texts.filter(isJson).length).toBeGreaterThan(400);
  expect(texts.some((text) => text.includes('"__proto__":'))).toBe(true);
});

test.each([
  [500, '{"error":{"code":"internal_error"}}', /500/],
  [503, '{"error":{"code":"database_busy"}}', /database_busy/],
  [503, '{"error":{"code":"overloaded"}}', /^none$/],
  [400, '{"error":{"code":"invalid_request"}}', /^none$/],
])('an answer of %i with %s', async (status, body, fault) => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'Content-Length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lane = new Lane(stageAt(`http://127.0.0.1:${port}`), 0);
  const bytes = Buffer.from('GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n');
  const outcome = await lane.deliver({ kind: 'request', bytes });
  expect(outcome.what).toBe(String(status));
  expect(outcome.fault ?? 'none').toMatch(fault);
  const upgrade = await lane.deliver({ kind: 'message', role: 'customer', text: '{}' });
  expect(upgrade.fault).toMatch(/no WebSocket/);
  lane.close();
  server.closeAllConnections();
  server.close();
});

test('a wrong call is answered with what is wrong', async () => {
  const call = promisify(execFile)(process.execPath, [FUZZ, '--seconds', '1']);
  const { code, stderr } = (await call.catch((error: unknown) => error)) as {
    code: number;
    stderr: string;
  };
  expect(code).toBe(2);
  expect(stderr).toContain('seconds');
  const help = await promisify(execFile)(process.execPath, [FUZZ, '--help']);
  expect(help.stdout).toContain('Usage: npm run fuzz');
});
