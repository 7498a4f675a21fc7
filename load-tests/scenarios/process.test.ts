import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HexfleetApi } from '../../clients/ts/index.ts';
import { withDeadline } from '../../runtime/index.ts';
import { EngineProcess } from '../engine-process/index.ts';
import { TestCity } from './city.test-kit.ts';

const ROOT = join(import.meta.dirname, '../..');
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hexfleet process '));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs one of the command line's programs to its end. */
function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const options = { env: { ...process.env, HEXFLEET_DATA_DIR: directory, ...env } };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [join(ROOT, program), ...args], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

test('a start from nothing, a stop, and a second start that finds the data again', async () => {
  const options = {
    dataDir: join(directory, 'kept'),
    logFile: join(directory, 'kept.log'),
    freePorts: true,
    env: {},
  };
  const putCity = {
    name: 'Kept',
    currency: 'eur',
    deliveryZone: [
      {
        outer: [
          { lat: 0, lng: 0 },
          { lat: 1, lng: 0 },
          { lat: 1, lng: 1 },
        ],
        holes: [],
      },
    ],
    deliveryFeeMinor: 0,
    taxRate: 0,
    courierSpeedMps: 5,
    detourFactor: 1,
  };
  const menu = [{ itemId: 'a', name: 'A', priceMinor: 1, available: true }];
  const restaurant = { name: 'R', place: { lat: 0.1, lng: 0.1 }, open: true, menu };
  const env = { HEXFLEET_DATA_DIR: options.dataDir };
  const args = ['--role', 'service', '--subject', 's', '--city', 'kept'];

  const first = await EngineProcess.start(options);
  const token = (await run('tools/token.ts', args, env)).stdout.trim();
  const api = new HexfleetApi({ url: first.facts.url, token });
  await api.putCity('kept', putCity);
  await api.putRestaurant('kept', 'r1', restaurant);
  const second = EngineProcess.start({ ...options, logFile: join(directory, 'second.log') });
  await expect(second).rejects.toThrow('Another engine works on this data');
  expect(await first.stop()).toBe(0);

  const again = await EngineProcess.start(options);
  const reading = new HexfleetApi({ url: again.facts.url, token });
  expect(await reading.restaurants()).toEqual([
    { restaurantId: 'r1', ...restaurant, menu: [{ ...menu[0], stock: null }], pausedUntilMs: null },
  ]);
  await again.kill();
  // What the killed engine has left is taken over.
  await again.restart();
  expect(await again.stop()).toBe(0);
  const check = await run('tools/check-invariants.ts', [], env);
  expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining('holds') as string });
});

test('a port that is taken: a message that says so, and nothing is left running', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const ended = await run('main.ts', [], { PORT: port, OPS_PORT: '0', LOG_LEVEL: 'silent' });
  taken.close();
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain(`Cannot listen on 127.0.0.1:${port}`);
});

test('a host that does not resolve is not taken for a port that is taken', async () => {
  for (const name of ['HOST', 'OPS_HOST']) {
    const env = { [name]: 'nowhere.invalid', PORT: '0', OPS_PORT: '0', LOG_LEVEL: 'silent' };
    const ended = await run('main.ts', [], env);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('nowhere.invalid:0: no address is known for this name');
  }
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a start that hangs', async (signal) => {
  const silent = createServer();
  const asked = once(silent, 'connection');
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const child = fork(join(ROOT, 'main.ts'), {
    env: {
      ...process.env,
      HEXFLEET_DATA_DIR: directory,
      DATABASE_URL: `postgres://x:y@127.0.0.1:${port}/z`,
      JWT_SECRET: 'x'.repeat(32),
      DRAIN_MS: '500',
      PORT: '0',
      OPS_PORT: '0',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await asked;
  const ended = once(child, 'exit');
  child.kill(signal);
  expect(await withDeadline(ended, 10_000, 'end')).toEqual([0, null]);
  silent.close();
});

test('a wrong configuration: a message that names the variable and what it should be', async () => {
  const ended = await run('main.ts', [], { PORT: 'eighty', DATABASE_POOL_SIZE: '1' });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/PORT: .*Public port/);
  expect(ended.stderr).toContain('DATABASE_POOL_SIZE');
});

test('a database that does not answer: a message that says why', async () => {
  const env = { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/z', JWT_SECRET: 'x'.repeat(32) };
  const ended = await run('main.ts', [], { ...env, PORT: '0', OPS_PORT: '0' });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain(
    'The database does not answer. (connect ECONNREFUSED 127.0.0.1:1)',
  );
});

test('there is nothing to check in a folder that does not exist, and it is not made', async () => {
  const missing = join(directory, 'missing');
  const check = await run('tools/check-invariants.ts', [], { HEXFLEET_DATA_DIR: missing });
  expect(check).toMatchObject({ code: 2, stdout: '' });
  expect(check.stderr).toContain(`${missing} holds no database`);
  expect(existsSync(missing)).toBe(false);
});

test('a token that is good for less than a second is none', async () => {
  const who = ['--role', 'customer', '--subject', 'anna', '--city', 'c1'];
  for (const hours of ['0.0001', '0', '0x1', ' ', '1e-9']) {
    const made = await run('tools/token.ts', [...who, '--hours', hours]);
    expect(made).toMatchObject({ code: 2, stdout: '' });
    expect(made.stderr).toContain('hours');
  }
  const { code, stdout } = await run('tools/token.ts', [...who, '--hours', '0.0003']);
  expect(code).toBe(0);
  const claims = Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString();
  const { exp, iat } = JSON.parse(claims) as { exp: number; iat: number };
  expect(exp - iat).toBe(1);
});

test('a wrong call of the demo starts nothing', async () => {
  const called = await run('load-tests/demo.ts', ['--bogus']);
  expect(called).toMatchObject({ code: 2, stdout: '' });
  expect(called.stderr).toContain("'--bogus'");
  const configured = await run('load-tests/demo.ts', [], { PORT: 'eighty' });
  expect(configured).toMatchObject({ code: 2, stdout: '' });
  expect(configured.stderr).toContain('PORT');
});

test('an engine whose parent is gone stops in order', async () => {
  const dataDir = join(directory, 'orphan');
  const child = fork(join(ROOT, 'main.ts'), {
    env: { ...process.env, HEXFLEET_DATA_DIR: dataDir, PORT: '0', OPS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  let log = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (text.includes('engine.ready') && child.connected) child.disconnect();
  });
  expect(await ended).toEqual([0, null]);
  expect(log).toContain('engine.stopped');
});

test.each(['main.ts', 'tools/token.ts', 'tools/check-invariants.ts', 'load-tests/replay.ts'])(
  '%s has --help',
  async (program) => {
    const { code, stdout } = await run(program, ['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: npm ');
  },
);

test('asked to stop: sockets are closed with a code, and the exit is clean', async () => {
  const city = await TestCity.start();
  const restaurant = await city.person('restaurant', 'soup-house');
  const health = await fetch(`${city.engine.facts.opsUrl}/health/ready`);
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({
    status: 'ready',
    overload: { step: expect.any(Number) as number },
    parts: [
      { name: 'database', status: 'up' },
      { name: 'outbox', status: 'up' },
    ],
  });
  const stopped = city.engine.stop();
  expect(await restaurant.closed.promise).toBe(1001);
  const status = await stopped;
  const log = await readFile(city.logFile, 'utf8');
  // Both at once: an engine that ended otherwise has said why.
  expect({ status, log }).toEqual({
    status: 0,
    log: expect.stringContaining('"engine.stopped"') as string,
  });
  await city.stop();
});
