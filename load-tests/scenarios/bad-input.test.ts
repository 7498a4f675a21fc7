import { afterAll, beforeAll, expect, test } from 'vitest';
import { SOUP, TestCity } from './city.test-kit.ts';

let city: TestCity;
let customer: string;
beforeAll(async () => {
  city = await TestCity.start();
  customer = await city.token('customer', 'anna');
});
afterAll(() => city.stop());

interface Sent {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly path?: string;
}

/** POST /v1/orders with a customer's token and a key, but for what is said otherwise. */
async function send({ body, token = customer, headers, method = 'POST', path }: Sent) {
  const response = await fetch(new URL(path ?? '/v1/orders', city.url), {
    method,
    headers: {
      'Content-Type': 'application/json',
      'Idempotency-Key': 'key-1',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(method === 'GET' ? {} : { body: body ?? JSON.stringify(SOUP) }),
  });
  return { status: response.status, body: await response.json(), response };
}

const order = (facts: object): string => JSON.stringify({ ...SOUP, ...facts });

const REFUSED: readonly (readonly [string, Sent, number, string])[] = [
  ['malformed JSON', { body: '{"restaurantId": ' }, 400, 'invalid_json'],
  ['bytes that are no text', { body: Uint8Array.of(0x22, 0xff, 0x22) }, 400, 'invalid_json'],
  ['no object', { body: '[]' }, 400, 'invalid_request'],
  ['an unknown field', { body: order({ price: 1 }) }, 400, 'invalid_request'],
  ['a missing field', { body: order({ items: undefined }) }, 400, 'invalid_request'],
  ['no items', { body: order({ items: [] }) }, 400, 'invalid_request'],
  [
    'half a soup',
    { body: order({ items: [{ itemId: 'soup', quantity: 0.5 }] }) },
    400,
    'invalid_request',
  ],
  ['a restaurant that is not', { body: order({ restaurantId: 'x' }) }, 404, 'restaurant_not_found'],
  ['a closed restaurant', { body: order({ restaurantId: 'shut' }) }, 409, 'restaurant_closed'],
  [
    'what is not on the menu',
    { body: order({ items: [{ itemId: 'pizza', quantity: 1 }] }) },
    422,
    'item_not_on_menu',
  ],
  [
    'what is out',
    { body: order({ items: [{ itemId: 'cake', quantity: 1 }] }) },
    409,
    'item_unavailable',
  ],
  [
    'an address outside',
    { body: order({ dropoff: { place: { lat: 48, lng: 2 }, address: 'Far' } }) },
    422,
    'outside_delivery_zone',
  ],
  ['another price', { body: order({ expectedTotalMinor: 1 }) }, 422, 'total_mismatch'],
  ['no key', { headers: { 'Idempotency-Key': '' } }, 400, 'idempotency_key_required'],
  ['no token', { token: null }, 401, 'unauthorized'],
  ['a token of nobody', { token: 'eyJhbGciOiJub25lIn0.e30.' }, 401, 'unauthorized'],
  [
    'another media type',
    { headers: { 'Content-Type': 'text/plain' } },
    415,
    'unsupported_media_type',
  ],
  ['a body of 1 MB', { body: order({ reference: 'x'.repeat(1_000_000) }) }, 413, 'body_too_large'],
  ['another method', { method: 'DELETE' }, 405, 'method_not_allowed'],
  ['a path that is not', { path: '/v1/nothing' }, 404, 'not_found'],
  ['an id that is none', { method: 'GET', path: '/v1/orders/not-an-id' }, 404, 'not_found'],
];

test.each(REFUSED)('%s is refused, with a reason', async (_what, sent, status, code) => {
  const answer = await send(sent);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({
    error: {
      code,
      message: expect.any(String) as string,
      details: expect.any(Object) as object,
    },
  });
  expect(answer.response.headers.get('x-correlation-id')).toMatch(/^[\w-]{8,64}$/);
});

test.each(['restaurant', 'courier', 'operator', 'service'] as const)(
  'a %s cannot order',
  async (role) => {
    const answer = await send({ token: await city.token(role, 'someone') });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
  },
);

test('a customer cannot provision, and a service account of another city cannot order', async () => {
  const put = { method: 'PUT', path: '/v1/cities/c1', body: '{}' };
  expect(await send(put)).toMatchObject({ status: 403 });
  const stranger = await city.token('customer', 'anna', 'elsewhere');
  expect(await send({ token: stranger })).toMatchObject({
    status: 404,
    body: { error: { code: 'restaurant_not_found' } },
  });
});

test('an expired token is no token', async () => {
  const [head = '', , signature = ''] = customer.split('.');
  const claims = Buffer.from(JSON.stringify({ sub: 'anna', role: 'operator', city: 'c1' }));
  const forged = `${head}.${claims.toString('base64url')}.${signature}`;
  expect(await send({ token: forged })).toMatchObject({ status: 401 });
});

test('after all that nothing is stored, and the engine takes orders', async () => {
  const tables = ['orders', 'idempotency_keys', 'order_events', 'outbox', 'payments', 'timers'];
  for (const table of tables) {
    const count = { name: `test_count_${table}`, text: `SELECT count(*)::int AS n FROM ${table}` };
    expect(await city.database.query(count)).toEqual([{ n: 0 }]);
  }
  expect((await send({})).status).toBe(201);
  const again = await send({});
  expect(again.status).toBe(200);
  expect(again.response.headers.get('idempotent-replayed')).toBe('true');
  expect(await send({ body: order({ reference: 'other' }) })).toMatchObject({
    status: 422,
    body: { error: { code: 'idempotency_key_reused' } },
  });
});

test('the WebSocket is refused without a token, and without a protocol that is spoken', async () => {
  const upgrade = async (headers: Record<string, string>): Promise<number> => {
    const response = await fetch(new URL('/v1/ws', city.url), { headers }).catch(() => null);
    return response?.status ?? 0;
  };
  // fetch may not send `Upgrade`, so this asks as a plain request would.
  expect(await upgrade({})).toBe(401);
  expect(await upgrade({ Authorization: `Bearer ${customer}` })).toBe(404);
});

test('a customer who sends a courier its frames is cut off; a wrong message is only answered', async () => {
  const anna = await city.person('customer', 'anna', 'hexfleet.v1.json');
  const orderId = '0190f000-0000-7000-8000-000000000001';
  await expect(anna.socket.send({ type: 'pick_up', orderId })).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(anna.socket.subscribe(`order:${orderId}`)).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(anna.socket.subscribe('courier:near')).rejects.toMatchObject({ code: 'not_found' });
  anna.isAt(SOUP.dropoff.place);
  expect(await anna.closed.promise).toBe(4400);
});
