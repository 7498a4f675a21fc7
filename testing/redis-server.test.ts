import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isProcessAlive } from '../runtime/index.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';

let server: RedisServer;
beforeEach(async () => {
  server = await startRedisServer();
});
afterEach(() => server.stop());

test('a real Redis answers, keeps what it is told, and forgets it with its end', async () => {
  const redis = new Redis(server.url, { lazyConnect: true, maxRetriesPerRequest: 1 });
  await redis.connect();
  expect(await redis.set('key', 'value')).toBe('OK');
  expect(await redis.get('key')).toBe('value');
  expect(await redis.config('GET', 'save')).toEqual(['save', '']);
  redis.disconnect();
  const { pid } = server;
  await server.stop();
  await vi.waitUntil(() => !isProcessAlive(pid), { timeout: 5_000 });
});

test('two servers live side by side, each on its own port', async () => {
  const other = await startRedisServer();
  try {
    expect(other.port).not.toBe(server.port);
    expect([await answers(server.port), await answers(other.port)]).toEqual(['+PONG', '+PONG']);
  } finally {
    await other.stop();
  }
});

test('without the program it says what to do', async () => {
  vi.stubEnv('PATH', '/nowhere');
  try {
    await expect(startRedisServer()).rejects.toThrow('apt-get install redis-server');
  } finally {
    vi.unstubAllEnvs();
  }
});

async function answers(port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('error', reject).once('data', (text) => {
      resolve(text.toString().trim());
      socket.destroy();
    });
  });
}
