import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../runtime/index.ts';
import { RESTAURANT_PLACE, SOUP, TestCity } from '../scenarios/city.test-kit.ts';
import { rawSocket } from '../scenarios/raw-socket.test-kit.ts';
import { Wire } from '../wire/wire.ts';
import { ask, askAs, orderCarriedBy } from './attacks.test-kit.ts';

/** Text that wants to be more than text, at a real engine. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start({ LOG_LEVEL: 'trace' });
});
afterAll(() => city.stop());

const INJECTIONS = [
  "' OR '1'='1",
  "'; DROP TABLE orders; --",
  '1; SELECT pg_sleep(10)',
  "\\'; SELECT 1; --",
  'x" OR 1=1 --',
  '$1',
  '%',
  '_',
  '{"$gt":""}',
  '${7*7}',
  '{{7*7}}',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  '<script>alert(1)</script>',
];

/** Every path with something in it that a client writes. */
const PATHS = [
  '/v1/orders/X',
  '/v1/orders/X/track',
  '/v1/orders/X/cancellation',
  '/v1/orders/X/reorder',
  '/v1/orders/X/notifications',
  '/v1/restaurants/X',
  '/v1/restaurants/X/days',
  '/v1/couriers/X/days',
  '/v1/cities/X/heat',
  '/v1/cities/c1/heat?resolution=X',
  '/v1/orders?sort=X&filter=X&limit=X&offset=X',
  '/v1/restaurants?q=X&sort=X',
  '/v1/notifications?limit=X&order=X',
];

test('what is written into ids, filters and sorts is refused or ignored, never carried out', async () => {
  const olga = await city.token('operator', 'olga');
  const anna = await city.token('customer', 'anna');
  for (const path of PATHS) {
    const asked = async (text: string) => {
      const url = path.replaceAll('X', encodeURIComponent(text));
      const answers = [olga, anna].map((token) => ask(city, url, { token }));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    const plain = await asked('nothing');
    for (const text of INJECTIONS) {
      const statuses = await asked(text);
      // As for anything else that is not there or not looked at; no id is written so.
      const expected = statuses.map((status, i) => (status === 404 ? 404 : plain[i]));
      expect({ path, text, statuses }).toEqual({ path, text, statuses: expected });
    }
  }
});

test('text is stored as it was written, whatever it looks like', async () => {
  const api = await city.api('customer', 'anna');
  for (const text of INJECTIONS) {
    const address = `Door ${text}`;
    const dropoff = { ...SOUP.dropoff, address };
    const { orderId } = await api.placeOrder({ ...SOUP, dropoff, reference: text }, text);
    expect(await api.order(orderId)).toMatchObject({ dropoff: { address }, reference: text });
  }
  for (const control of ['a\nb', 'a\0b', '\u001b[31mred', 'a\u0085b', '\ud800']) {
    const order = { ...SOUP, reference: control };
    const answer = await ask(city, '/v1/orders', {
      token: await city.token('customer', 'anna'),
      body: order,
      headers: { 'Idempotency-Key': newId() },
    });
    expect(answer.status).toBe(400);
  }
});

test('no id, topic or subject is anything but letters, digits and marks', async () => {
  const anna = await city.person('customer', 'anna');
  for (const text of INJECTIONS) {
    await expect(anna.socket.subscribe(`order:${text}`)).rejects.toMatchObject({
      code: 'not_found',
    });
    const answer = await askAs(
      city,
      ['service', 'setup'],
      `/v1/cities/${encodeURIComponent(text)}`,
    );
    expect([404, 405]).toContain(answer.status);
    const item = { ...SOUP, items: [{ itemId: text, quantity: 1 }] };
    const placed = await ask(city, '/v1/orders', {
      token: await city.token('customer', 'anna'),
      body: item,
      headers: { 'Idempotency-Key': newId() },
    });
    expect([400, 422]).toContain(placed.status);
    // Whoever signs tokens may name no such subject either.
    const token = await city.token('customer', text);
    expect((await ask(city, '/v1/orders', { token })).status).toBe(401);
  }
});

test('lists have an end, however long what they list is', async () => {
  await city.database.query({
    name: 'test_many',
    text: `INSERT INTO order_list (city_id, order_id, customer_id, restaurant_id, state, total_minor,
        captured_minor, refunded_minor, placed_at, sequence)
      SELECT 'c1', gen_random_uuid(), 'hoarder', 'soup-house', 'COMPLETED', 1, 1, 0,
        now() - i * interval '1 minute', 1
      FROM generate_series(1, 500) i`,
  });
  const hoarder = await city.api('customer', 'hoarder');
  expect(await hoarder.orders()).toHaveLength(50);
  const reference = { ...SOUP, reference: 'x'.repeat(65) };
  const token = await city.token('customer', 'anna');
  const headers = { 'Idempotency-Key': newId() };
  expect((await ask(city, '/v1/orders', { token, body: reference, headers })).status).toBe(400);
});

test('nobody writes lines into the log, and nothing in it opens a door', async () => {
  await city.setTerms({ deliveryCode: true, dispatch: { strategy: 'nearest' } });
  const token = await city.token('customer', 'anna');
  const evil = '{"level":"error","msg":"all is lost"}';
  const correlation = { 'X-Correlation-Id': 'abc def"}{' };
  await ask(city, `/v1/${encodeURIComponent(`\n${evil}\n`)}`, { token, headers: correlation });
  const wire = new Wire(city.url);
  const lines = [
    `X-Correlation-Id: ${evil}`,
    `User-Agent: ${evil}`,
    `Authorization: Bearer ${token}`,
  ];
  wire.socket.write(
    `GET /v1/orders?q=%0a${evil} HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n`,
  );
  await expect.poll(() => wire.status).not.toBe('');
  wire.socket.destroy();

  const preferences = { email: 'anna@mail.example', phone: '+4915112345678', language: 'en' };
  const path = '/v1/notifications/preferences';
  const put = await ask(city, path, { method: 'PUT', token, body: preferences });
  expect(put).toEqual({ status: 204, body: '' });
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const { orderId } = await orderCarriedBy(city, near);
  const { deliveryCode } = await (await city.api('customer', 'anna')).order(orderId);
  const webhook = { url: 'https://user:secret@example.com/hook' };
  const kitchen = ['restaurant', 'soup-house'] as const;
  const hook = await city.token(...kitchen);
  await ask(city, '/v1/notifications/webhook', { method: 'PUT', token: hook, body: webhook });
  const ticket = await askAs(city, kitchen, '/v1/ws-ticket', {});
  const anna = await rawSocket(city, 'customer', 'anna');
  anna.socket.send(JSON.stringify({ type: 'refresh', requestId: 'newer', token }));
  await expect.poll(() => JSON.stringify(anna.heard.at(-1))).toContain('newer');
  anna.socket.close();
  const forged = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ.';
  expect((await ask(city, '/v1/orders', { token: forged })).status).toBe(401);

  const log = await readFile(city.logFile, 'utf8');
  const entries = log.trim().split('\n');
  expect(entries.length).toBeGreaterThan(5);
  for (const entry of entries) {
    expect(() => JSON.parse(entry) as unknown).not.toThrow();
    expect((JSON.parse(entry) as { msg?: string }).msg).not.toBe('all is lost');
  }
  const secrets = {
    token,
    forged,
    ticket: (ticket.body as { ticket: string }).ticket,
    deliveryCode,
    phone: preferences.phone,
    email: preferences.email,
    password: 'secret@',
    paymentToken: SOUP.paymentToken,
    key: await city.engine.jwtSecret(),
  };
  const found = Object.entries(secrets).filter(([, secret]) => log.includes(String(secret)));
  expect(found).toEqual([]);
});
