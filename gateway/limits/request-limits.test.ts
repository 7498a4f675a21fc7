import { expect, test } from 'vitest';
import { Metrics, readConfig, type CityId } from '../../runtime/index.ts';
import type { Role } from '../../protocol/index.ts';
import { limitTable } from './limit-table.ts';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';
import { RequestLimits } from './request-limits.ts';

function limitsBy(env: Readonly<Record<string, string>> = {}) {
  const config = readConfig(env);
  const refusals = new Metrics(false).counter('refusals', 'refusals', ['limit']);
  return new RequestLimits({
    table: limitTable(config),
    limiter: new MemoryRateLimiter({ monotonicMs: () => 0 }),
    refusals,
    enabled: config.RATE_LIMITS === 'on',
  });
}

function client(
  subject: string,
  role: Role = 'customer',
  tier: 'standard' | 'premium' = 'standard',
) {
  return { actor: { role, subject, cityId: 'c1' as CityId }, tier, expiresAtMs: 0 };
}

/** How many of `tries` are taken. */
async function taken(tries: number, attempt: () => Promise<unknown>): Promise<number> {
  let count = 0;
  for (let i = 0; i < tries; i++)
    count += await attempt().then(
      () => 1,
      () => 0,
    );
  return count;
}

test.each([
  ['search', 'customer', 'standard', 60],
  ['search', 'customer', 'premium', 200],
  ['orders', 'customer', 'standard', 10],
  ['orders', 'customer', 'premium', 30],
  ['requests', 'courier', 'standard', 300],
  ['search', 'operator', 'standard', 6_000],
] as const)('in a minute, %s of a %s (%s): %i', async (group, role, tier, quota) => {
  const limits = limitsBy();
  const anna = client('anna', role, tier);
  const ask = () => limits.client(limits.newTab(), anna, group);
  expect(await taken(quota + 5, ask)).toBe(quota);
  await limits.client(limits.newTab(), client('ben', role, tier), group);
});

test.each([
  ['search', 30],
  ['orders', 3],
  ['requests', 60],
] as const)('in a minute, %s from one address without a token: %i', async (group, quota) => {
  const limits = limitsBy();
  const ask = () => limits.stranger(limits.newTab(), '203.0.113.9', group);
  expect(await taken(quota + 5, ask)).toBe(quota);
  await limits.stranger(limits.newTab(), '203.0.113.10', group);
});

test('an address that guesses tokens does not lock out who has one', async () => {
  const limits = limitsBy();
  const guess = () => limits.stranger(limits.newTab(), '203.0.113.9', 'requests');
  await taken(100, guess);
  const tab = limits.newTab();
  await limits.anybody(tab, '203.0.113.9');
  await limits.client(tab, client('anna'), 'requests');
  expect(tab.headers()['RateLimit']).toBe('"requests";r=299;t=60');
});

test('all clients of an address together, and all clients together, have an end', async () => {
  const limits = limitsBy({ ADDRESS_REQUESTS_PER_MINUTE: '5', ALL_REQUESTS_PER_SECOND: '8' });
  const from = (address: string) => () => limits.anybody(limits.newTab(), address);
  expect(await taken(6, from('a'))).toBe(5);
  expect(await taken(6, from('b'))).toBe(2);
});

test('ten orders an hour are a customer’s, of those that were placed', async () => {
  const limits = limitsBy();
  const order = () => limits.order(limits.newTab(), client('anna'), 'r1');
  for (let i = 0; i < 20; i++) {
    const tab = limits.newTab();
    await limits.order(tab, client('anna'), 'r1');
    await limits.notPlaced(tab, client('anna'));
  }
  expect(await taken(15, order)).toBe(10);
});

test('a restaurant’s orders have an end that costs no customer one of theirs', async () => {
  const limits = limitsBy({ RESTAURANT_ORDERS_PER_HOUR: '2' });
  const order = (subject: string, restaurantId: string) => () =>
    limits.order(limits.newTab(), client(subject), restaurantId);
  expect(await taken(2, order('anna', 'r1'))).toBe(2);
  expect(await taken(20, order('ben', 'r1'))).toBe(0);
  expect(await taken(2, order('ben', 'r2'))).toBe(2);
  expect(await taken(20, order('ben', 'r3'))).toBe(2);
});

test('a refusal says which limit, how much it is, and when to come back', async () => {
  const limits = limitsBy({ ORDERS_PER_MINUTE: '1/1/1' });
  const anna = client('anna');
  await limits.client(limits.newTab(), anna, 'orders');
  const tab = limits.newTab();
  await expect(limits.client(tab, anna, 'orders')).rejects.toMatchObject({
    code: 'rate_limited',
    status: 429,
    retryAfterMs: 60_000,
    details: { limit: 'orders', quota: 1, windowSeconds: 60 },
  });
  expect(tab.headers()).toEqual({
    'RateLimit-Policy': '"orders";q=1;w=60',
    RateLimit: '"orders";r=0;t=60',
  });
});

test('turned off, there are no limits and nobody is told of any', async () => {
  const limits = limitsBy({ RATE_LIMITS: 'off', ORDERS_PER_MINUTE: '1/1/1' });
  const tab = limits.newTab();
  const ask = () => limits.client(tab, client('anna'), 'orders');
  expect(await taken(100, ask)).toBe(100);
  expect(tab.headers()).toEqual({});
});
