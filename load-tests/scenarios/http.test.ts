import { afterAll, beforeAll, expect, test } from 'vitest';
import { Wire } from '../wire/wire.ts';
import { SOUP, TestCity } from './city.test-kit.ts';

/** HTTP as it stands on the wire, at a real engine. */
let city: TestCity;
let customer: string;
beforeAll(async () => {
  city = await TestCity.start();
  customer = await city.token('customer', 'anna');
});
afterAll(() => city.stop());

function head(method: string, path: string, more: Readonly<Record<string, string>> = {}): string {
  const headers = { Host: 'x', Authorization: `Bearer ${customer}`, ...more };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

function placing(key: string): string {
  const body = JSON.stringify(SOUP);
  const headers = { 'Idempotency-Key': key, 'Content-Type': 'application/json' };
  return `${head('POST', '/v1/orders', { ...headers, 'Content-Length': String(body.length) })}${body}`;
}

async function ordersStored(): Promise<unknown> {
  const count = { name: 'test_orders', text: 'SELECT count(*)::int AS n FROM orders' };
  const [row] = await city.database.query<{ n: number }>(count);
  return row?.n;
}

test('two requests in one write: the connection is closed, and nothing was carried out', async () => {
  const before = await ordersStored();
  const wire = new Wire(city.url);
  wire.socket.write(placing('pipe-1') + placing('pipe-2'));
  await wire.closed;
  expect(wire.statuses).toEqual([]);
  // An answered request on another connection: what the first ones began would be done by now.
  const alone = new Wire(city.url);
  alone.socket.write(placing('pipe-1'));
  await expect.poll(() => alone.statuses, { timeout: 10_000 }).toEqual(['201']);
  alone.socket.destroy();
  expect(await ordersStored()).toBe(Number(before) + 1);
});

test('a request that comes while another is under way waits for its answer', async () => {
  const wire = new Wire(city.url);
  await city.database.transaction(async (transaction) => {
    await transaction.query({ name: 'test_lock', text: 'LOCK TABLE orders IN EXCLUSIVE MODE' });
    wire.socket.write(placing('slow-1'));
    const waiting = {
      name: 'test_waiting',
      text: `SELECT count(*) > 0 AS held FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
          AND query LIKE '%idempotency_keys%'`,
    };
    await expect.poll(() => city.database.query(waiting)).toEqual([{ held: true }]);
    wire.socket.write(head('GET', '/v1/restaurants/shut'));
    // It has come as far as the kernel when a later request on another connection is answered.
    const other = new Wire(city.url);
    other.socket.write(head('GET', '/v1/status'));
    await expect.poll(() => other.statuses).toEqual(['200']);
    other.socket.destroy();
  });
  await expect.poll(() => wire.statuses[0], { timeout: 10_000 }).toBe('201');
  await expect.poll(() => wire.statuses, { timeout: 10_000 }).toEqual(['201', '200']);
  wire.socket.destroy();
});

test('request after request on one connection are all answered', async () => {
  const wire = new Wire(city.url);
  for (let i = 1; i <= 20; i++) {
    wire.socket.write(i % 2 === 0 ? placing(`turn-${i}`) : head('GET', '/v1/status'));
    await expect.poll(() => wire.statuses.length, { interval: 2 }).toBe(i);
  }
  wire.socket.destroy();
});

test.each([
  ['/v1/status', '200'],
  ['/v1/restaurants', '200'],
  ['/v1/nothing', '404'],
  ['/v1/cities/c1', '200'],
  ['/v1/cities/c1/couriers/near', '405'],
])('HEAD %s has the head of its GET, and no body', async (path, status) => {
  const answers = { HEAD: '', GET: '' };
  for (const method of ['HEAD', 'GET'] as const) {
    const wire = new Wire(city.url);
    wire.socket.write(
      head(method, path, { 'X-Correlation-Id': 'a-correlation', Connection: 'close' }),
    );
    await wire.closed;
    answers[method] = wire.received;
  }
  const [ofHead = '', bodyOfHead] = answers.HEAD.split('\r\n\r\n');
  const [ofGet = '', bodyOfGet = ''] = answers.GET.split('\r\n\r\n');
  expect(ofHead).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(bodyOfHead).toBe('');
  // The time in the body of /v1/status does not change its length.
  const lines = (text: string) => text.split('\r\n').filter((line) => !line.startsWith('Date:'));
  expect(lines(ofHead).toSorted()).toEqual(lines(ofGet).toSorted());
  expect(ofGet).toContain(`Content-Length: ${Buffer.byteLength(bodyOfGet)}`);
});

test('after the answer to HEAD the connection takes the next request', async () => {
  const wire = new Wire(city.url);
  for (const [i, method] of ['HEAD', 'GET', 'HEAD', 'GET'].entries()) {
    wire.socket.write(head(method, '/v1/restaurants'));
    await expect.poll(() => wire.statuses.length, { interval: 2 }).toBe(i + 1);
  }
  wire.socket.destroy();
});

test('where GET is allowed HEAD is too, and says so', async () => {
  const headers = { Authorization: `Bearer ${customer}` };
  const url = new URL('/v1/restaurants', city.url);
  const answer = await fetch(url, { method: 'DELETE', headers });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
});

test('an answer without content announces no length', async () => {
  const token = await city.token('service', 'setup');
  const courier = JSON.stringify({ name: 'Kim', vehicle: 'foot', capacity: 1 });
  const wire = new Wire(city.url);
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(courier.length) };
  const auth = { Authorization: `Bearer ${token}`, Connection: 'close' };
  wire.socket.write(head('PUT', '/v1/cities/c1/couriers/kim', { ...headers, ...auth }) + courier);
  await wire.closed;
  expect(wire.statuses).toEqual(['204']);
  expect(wire.received.toLowerCase()).not.toContain('content-length');
});

/** PUT with a service account's token, but for what is said otherwise. */
async function put(path: string, body: unknown, role: 'service' | 'customer' = 'service') {
  const token = await city.token(role, 'setup');
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const url = new URL(path, city.url);
  const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  const refusal = text === '' ? null : (JSON.parse(text) as { error: { code: string } });
  return { status: answer.status, code: refusal?.error.code ?? null };
}

const MENU_ITEM = { itemId: 'a', name: 'A', priceMinor: 1 };
const RESTAURANT = { name: 'R', place: SOUP.dropoff.place, open: true, menu: [MENU_ITEM] };

test('a menu that names an item twice is refused', async () => {
  const menu = [MENU_ITEM, { ...MENU_ITEM, name: 'B' }];
  const path = '/v1/cities/c1/restaurants/twice';
  expect(await put(path, { ...RESTAURANT, menu })).toEqual({
    status: 400,
    code: 'invalid_request',
  });
});

test('the largest menu and the longest ring there may be are taken', async () => {
  // A letter of four bytes: the limit of a name counts UTF-16 units, so fifty of them.
  const menu = Array.from({ length: 500 }, (_, i) => ({
    itemId: `${i}`.padEnd(64, 'x'),
    name: '\u{1F35C}'.repeat(50),
    priceMinor: 1_000_000_000,
    available: true,
  }));
  const name = '\u{1F35C}'.repeat(50);
  expect(await put('/v1/cities/c1/restaurants/large', { ...RESTAURANT, name, menu })).toEqual({
    status: 204,
    code: null,
  });
  const outer = Array.from({ length: 2_000 }, (_, i) => {
    const angle = (i / 2_000) * 2 * Math.PI;
    return { lat: 52.5 + Math.sin(angle) / 2, lng: 13.5 + Math.cos(angle) / 2 };
  });
  const terms = { deliveryFeeMinor: 0, taxRate: 0, courierSpeedMps: 5, detourFactor: 1 };
  const round = { name, currency: 'eur', deliveryZone: [{ outer }], ...terms };
  expect(await put('/v1/cities/round', round)).toEqual({ status: 204, code: null });
});

test('so much is only for those who provision, and has an end', async () => {
  const path = '/v1/cities/c1/restaurants/huge';
  const menu = (bytes: number) => [{ ...MENU_ITEM, name: 'x'.repeat(bytes) }];
  const large = { ...RESTAURANT, menu: menu(200_000) };
  expect(await put(path, large, 'customer')).toEqual({ status: 403, code: 'forbidden' });
  expect(await put(path, large)).toEqual({ status: 400, code: 'invalid_request' });
  const over = { ...RESTAURANT, menu: menu(600_000) };
  expect(await put(path, over)).toEqual({ status: 413, code: 'body_too_large' });
  const order = await fetch(new URL('/v1/orders', city.url), {
    method: 'POST',
    headers: { Authorization: `Bearer ${customer}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...SOUP, reference: 'x'.repeat(70_000) }),
  });
  expect(order.status).toBe(413);
  expect(await put('/v1/cities/c1/couriers/huge', { name: 'x'.repeat(70_000) })).toEqual({
    status: 400,
    code: 'invalid_request',
  });
});
