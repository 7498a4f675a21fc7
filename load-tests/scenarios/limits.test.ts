import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeFixes } from '../../protocol/index.ts';
import { systemClock } from '../../runtime/index.ts';
import { SOUP, TestCity } from './city.test-kit.ts';
import { metric, rawSocket } from './raw-socket.test-kit.ts';

/** Limits at a real engine, as `npm start` has them but for some that are small enough to reach. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start({
    RATE_LIMITS: 'on',
    TRUSTED_PROXIES: '127.0.0.1',
    RESTAURANT_ORDERS_PER_HOUR: '13',
    SOCKETS_PER_CLIENT: '3',
  });
});
afterAll(() => city.stop());

interface Asked {
  readonly token?: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: object;
  /** What a proxy says who asks. */
  readonly forwardedFor?: string;
}

async function ask(path: string, { token, method = 'GET', body, forwardedFor }: Asked) {
  const response = await fetch(new URL(path, city.url), {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      'Idempotency-Key': randomUUID(),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { error?: { code: string; details: object } };
  return { status: response.status, headers: response.headers, error: answer.error };
}

/** The statuses of `n` requests, one after the other, each with how often it came. */
async function statuses(n: number, path: string, asked: Asked): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (let i = 0; i < n; i++) {
    const { status } = await ask(path, asked);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const ON_DUTY = JSON.stringify({ type: 'set_duty', requestId: 'duty', onDuty: true });
const order = (facts: object = {}) => ({ method: 'POST', body: { ...SOUP, ...facts } }) as const;

test('every answer says what is left, and the refusal when to come back', async () => {
  const token = await city.token('customer', 'reader');
  const { headers } = await ask('/v1/restaurants', { token });
  expect(headers.get('ratelimit-policy')).toBe('"search";q=60;w=60');
  expect(headers.get('ratelimit')).toMatch(/^"search";r=59;t=(60|59)$/);
  expect(await statuses(59, '/v1/restaurants', { token })).toEqual({ 200: 59 });
  const refused = await ask('/v1/restaurants', { token });
  expect(refused.status).toBe(429);
  expect(refused.error).toMatchObject({
    code: 'rate_limited',
    details: { limit: 'search', quota: 60, windowSeconds: 60 },
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(refused.headers.get('ratelimit')).toMatch(/^"search";r=0;t=\d+$/);
});

test('who pays for more may search more', async () => {
  const token = await city.premiumToken('rich');
  const { headers } = await ask('/v1/restaurants', { token });
  expect(headers.get('ratelimit-policy')).toBe('"search";q=200;w=60');
});

test('guessed tokens are soon not even looked at, by address, and others are not held up', async () => {
  const stranger = { token: 'guess', forwardedFor: '203.0.113.1' };
  expect(await statuses(40, '/v1/restaurants', stranger)).toEqual({ 401: 30, 429: 10 });
  expect(await statuses(5, '/v1/orders', { ...stranger, ...order() })).toEqual({ 401: 3, 429: 2 });
  // The same proxy, another client; and a client with a token behind the guesser's address.
  const other = { token: 'guess', forwardedFor: '203.0.113.2' };
  expect(await statuses(1, '/v1/restaurants', other)).toEqual({ 401: 1 });
  const token = await city.token('customer', 'neighbour');
  const neighbour = { token, forwardedFor: '203.0.113.1' };
  expect(await statuses(1, '/v1/restaurants', neighbour)).toEqual({ 200: 1 });
});

test('an address that the client invents before the proxy’s own does not help', async () => {
  const guess = async (i: number): Promise<number> => {
    const forwardedFor = `198.51.100.${i}, 203.0.113.3`;
    return (await ask('/v1/restaurants', { token: 'guess', forwardedFor })).status;
  };
  const seen: number[] = [];
  for (let i = 0; i < 31; i++) seen.push(await guess(i));
  expect(seen.filter((status) => status === 401)).toHaveLength(30);
  expect(seen.at(-1)).toBe(429);
});

test('ten orders a minute, counted when asked; ten an hour, counted when placed', async () => {
  const anna = await city.token('customer', 'hungry');
  const wrong = order({ restaurantId: 'shut' });
  expect(await statuses(4, '/v1/orders', { token: anna, ...wrong })).toEqual({ 409: 4 });
  expect(await statuses(8, '/v1/orders', { token: anna, ...order() })).toEqual({ 201: 6, 429: 2 });
  const rich = await city.premiumToken('hungrier');
  // The restaurant has its thirteen then, whoever asks; what it refuses is not counted as placed.
  expect(await statuses(9, '/v1/orders', { token: rich, ...order() })).toEqual({ 201: 7, 429: 2 });
  const last = await ask('/v1/orders', { token: await city.premiumToken('late'), ...order() });
  expect(last.error).toMatchObject({ code: 'rate_limited', details: { limit: 'restaurant-hour' } });
  expect(last.headers.get('ratelimit')).not.toContain('restaurant');
  const stored = { name: 'test_orders', text: 'SELECT count(*)::int AS n FROM orders' };
  expect(await city.database.query(stored)).toEqual([{ n: 13 }]);
});

test('a customer has so many sockets, and one that is closed makes room', async () => {
  const sockets = await Promise.all([1, 2, 3].map(() => rawSocket(city, 'customer', 'many')));
  await expect(rawSocket(city, 'customer', 'many')).rejects.toMatchObject({
    code: 'deadline_exceeded',
  });
  expect(await metric(city, 'hexfleet_rate_limited_total{limit="sockets-client"}')).toBe(1);
  sockets[0]?.socket.close();
  await sockets[0]?.closed;
  const again = await rawSocket(city, 'customer', 'many');
  for (const { socket } of [...sockets, again]) socket.close();
});

test('a socket that commands too much is refused, then closed; the others never notice', async () => {
  const { socket, heard, closed } = await rawSocket(city, 'customer', 'shouter');
  const topic = 'order:0190f000-0000-7000-8000-000000000001';
  for (let i = 0; i < 1_000; i++) {
    socket.send(JSON.stringify({ type: 'unsubscribe', requestId: String(i), topic }));
  }
  expect(await closed).toBe(4429);
  const refusals = heard.flatMap((m) => (m.type === 'error' ? [m.error] : []));
  expect(refusals.find(({ code }) => code === 'rate_limited')).toMatchObject({
    details: { limit: 'commands', quota: 120 },
  });
  expect(refusals.find(({ code }) => code === 'rate_limited')?.retryAfterMs).toBeGreaterThan(0);
  const quiet = await city.person('customer', 'quiet');
  await expect(quiet.socket.subscribe(topic)).rejects.toMatchObject({ code: 'not_found' });
});

test('a courier who floods is thinned out, warned and closed, and is where its fixes said', async () => {
  const { socket, heard, closed } = await rawSocket(city, 'courier', 'near');
  // Before the courier was looked up only its newest frame is kept.
  await expect.poll(() => heard.some(({ type }) => type === 'snapshot')).toBe(true);
  socket.send(ON_DUTY);
  const begunMs = systemClock.nowMs() - 60_000;
  const still = { speedMps: 0, headingDegrees: 0, accuracyMeters: 5, ...SOUP.dropoff.place };
  for (let i = 0; i < 6_000; i++) {
    socket.send(encodeFixes([{ ...still, sequence: i + 1, atMs: begunMs + i }]));
  }
  expect(await closed).toBe(4429);
  expect(heard.filter((m) => m.type === 'error').map(({ error }) => error)).toEqual([
    expect.objectContaining({ code: 'rate_limited' }),
  ]);
  const dropped = await metric(city, 'hexfleet_fixes_total{outcome="flood"}');
  const taken = await metric(city, 'hexfleet_fixes_total{outcome="taken"}');
  expect(taken).toBeGreaterThanOrEqual(300);
  expect(taken).toBeLessThan(500);
  expect(dropped).toBeGreaterThan(1_000);
});

test('fixes as JSON: sixty in a moment, and no more', async () => {
  const { socket, heard } = await rawSocket(city, 'courier', 'far');
  socket.send(ON_DUTY);
  const begunMs = systemClock.nowMs() - 60_000;
  const still = { speedMps: 0, headingDegrees: 0, accuracyMeters: 5, ...SOUP.dropoff.place };
  for (let i = 0; i < 80; i++) {
    const fix = { ...still, sequence: i + 1, atMs: begunMs + i * 100 };
    socket.send(JSON.stringify({ type: 'fix', requestId: `fix ${i}`, fix }));
  }
  const refused = () => heard.filter((m) => m.type === 'error');
  await expect.poll(() => refused().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(16);
  socket.close();
});
