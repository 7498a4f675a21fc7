import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESTAURANT_PLACE, SOUP, TestCity } from '../scenarios/city.test-kit.ts';
import { ask, askAs, bringToDoor, orderCarriedBy } from './attacks.test-kit.ts';

/** Whoever tries to get food or money that is not theirs, at a real engine. */
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

const keyed = (key: string): Sent => ({ headers: { 'Idempotency-Key': key } });
const order = (facts: object): string => JSON.stringify({ ...SOUP, ...facts });

const REFUSED: readonly (readonly [string, Sent, number, string])[] = [
  ['malformed JSON', { body: '{"restaurantId": ' }, 400, 'invalid_json'],
  ['bytes that are no text', { body: Uint8Array.of(0x22, 0xff, 0x22) }, 400, 'invalid_json'],
  ['no object', { body: '[]' }, 400, 'invalid_request'],
  ['an unknown field', { body: order({ price: 1 }) }, 400, 'invalid_request'],
  ['a missing field', { body: order({ items: undefined }) }, 400, 'invalid_request'],
  ['no items', { body: order({ items: [] }) }, 400, 'invalid_request'],
  ...['-1', '0', '0.5', '51', '1e9', '1e999', '9007199254740993', '"2"', 'null', 'true'].map(
    (quantity) =>
      [
        `a quantity of ${quantity}`,
        { body: order({}).replace('"quantity":2', `"quantity":${quantity}`) },
        400,
        'invalid_request',
      ] as const,
  ),
  [
    'the same soup twice',
    { body: order({ items: [...SOUP.items, ...SOUP.items] }) },
    400,
    'invalid_request',
  ],
  ['a key of 256 letters', keyed('k'.repeat(256)), 400, 'idempotency_key_required'],
  ['a key that cannot be printed', keyed('k\u00e9k'), 400, 'idempotency_key_required'],
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

test('claims under the signature of others are none', async () => {
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

test('a total that differs is refused with both, and nothing else sets a price', async () => {
  const total = { expectedTotalMinor: 1 };
  const anna = await city.api('customer', 'anna');
  const { totalMinor } = await anna.order((await city.order()).orderId);
  expect(await send({ body: order(total), headers: { 'Idempotency-Key': 'total' } })).toMatchObject(
    {
      status: 422,
      body: { error: { code: 'total_mismatch', details: { totalMinor, ...total } } },
    },
  );
  for (const priced of [
    { totalMinor: 1 },
    { deliveryFeeMinor: 0 },
    { taxMinor: 0 },
    { discountMinor: 100 },
    { items: [{ itemId: 'soup', quantity: 2, unitPriceMinor: 1 }] },
    { payment: { state: 'captured' } },
  ]) {
    expect(await send({ body: order(priced) })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  }
});

test('one key of two customers is two orders; of one, sent at once, it is one', async () => {
  const key = { 'Idempotency-Key': 'k'.repeat(255) };
  const bert = await city.token('customer', 'bert');
  const [ofAnna, ofBert] = [
    await send({ headers: key }),
    await send({ headers: key, token: bert }),
  ];
  expect([ofAnna.status, ofBert.status]).toEqual([201, 201]);
  const many = await Promise.all(
    Array.from({ length: 20 }, () => send({ headers: { 'Idempotency-Key': 'at-once' } })),
  );
  expect(many.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(many.filter(({ status }) => status === 200)).toHaveLength(19);
  const ids = new Set(many.map(({ body }) => (body as { orderId: string }).orderId));
  expect(ids.size).toBe(1);
});

test('no step is skipped or taken twice', async () => {
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const { orderId } = await orderCarriedBy(city, near);
  const path = `/v1/orders/${orderId}/commands`;
  const conflict = { status: 409, body: { error: { code: 'state_conflict' } } };
  for (const type of ['deliver', 'depart']) {
    expect(await askAs(city, ['courier', 'near'], path, { type })).toMatchObject(conflict);
  }
  const kitchen = ['restaurant', 'soup-house'] as const;
  const accept = { type: 'accept_order', preparationSeconds: 0 };
  expect(await askAs(city, kitchen, path, accept)).toMatchObject(conflict);
  const rated = { type: 'rate_order', courierStars: 5 };
  expect(await askAs(city, ['customer', 'anna'], path, rated)).toMatchObject(conflict);
  await bringToDoor(city, near, orderId);
  const cancel = { type: 'cancel_order' };
  expect(await askAs(city, ['customer', 'anna'], path, cancel)).toMatchObject(conflict);
  await near.socket.send({ type: 'deliver', orderId });
  expect(await askAs(city, ['courier', 'near'], path, { type: 'deliver' })).toMatchObject(conflict);

  const refund = (amountMinor: number) =>
    askAs(city, ['operator', 'olga'], path, { type: 'refund_order', amountMinor, why: 'cold' });
  await expect
    .poll(async () => (await city.view(orderId)).payment.state, { timeout: 10_000 })
    .toBe('captured');
  const { totalMinor } = await city.view(orderId);
  const tooMuch = { status: 409, body: { error: { code: 'refund_too_large' } } };
  expect(await refund(totalMinor + 1)).toMatchObject(tooMuch);
  for (const amount of [0, -1, 0.5]) expect((await refund(amount)).status).toBe(400);
  expect((await refund(totalMinor)).status).toBe(200);
  expect(await refund(1)).toMatchObject(tooMuch);
  city.empty();
});

test('the database holds the same by itself', async () => {
  const { orderId } = await city.order();
  const wrong = [
    ['payments', 'refunded_minor = captured_minor + 1'],
    ['payments', 'captured_minor = -1'],
    ['orders', 'total_minor = total_minor - 1'],
    ['orders', 'subtotal_minor = -1'],
    ['orders', "delivery_code = '12345'"],
  ] as const;
  for (const [i, [table, assignment]] of wrong.entries()) {
    const text = `UPDATE ${table} SET ${assignment} WHERE order_id = $1`;
    const update = city.database.query({ name: `wrong_${i}`, text }, [orderId]);
    await expect(update).rejects.toMatchObject({ code: 'check_violation' });
  }
  const menu = { name: 'wrong_stock', text: 'UPDATE menu_items SET stock = -1' };
  await expect(city.database.query(menu)).rejects.toMatchObject({ code: 'check_violation' });
});

test('the code at the door: five tries, then a person; who carries the food never sees it', async () => {
  await city.setTerms({ deliveryCode: true, dispatch: { strategy: 'nearest' } });
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const { orderId } = await orderCarriedBy(city, near);
  const [anna, olga] = [await city.api('customer', 'anna'), await city.api('operator', 'olga')];
  const { deliveryCode } = await anna.order(orderId);
  expect(deliveryCode).toMatch(/^\d{6}$/);
  const code = String(deliveryCode);
  await near.socket.subscribe(`order:${orderId}`);
  await bringToDoor(city, near, orderId);
  const path = `/v1/orders/${orderId}/commands`;
  const deliver = (said?: string) =>
    askAs(city, ['courier', 'near'], path, { type: 'deliver', ...(said && { code: said }) });
  for (const said of ['12345', '1234567', '12345a', '١٢٣٤٥٦']) {
    expect((await deliver(said)).status).toBe(400);
  }
  const wrong = code === '000000' ? '000001' : '000000';
  for (let left = 4; left >= 0; left--) {
    expect(await deliver(wrong)).toMatchObject({
      status: 422,
      body: { error: { code: 'wrong_code', details: { attemptsLeft: left } } },
    });
  }
  // The right one is too late.
  for (const said of [code, wrong]) {
    expect(await deliver(said)).toMatchObject({
      status: 409,
      body: { error: { code: 'code_locked' } },
    });
  }
  expect((await olga.attention()).map((waiting) => waiting.orderId)).toContain(orderId);

  const token = await city.token('courier', 'near');
  const seen = await ask(city, `/v1/orders/${orderId}`, { token });
  expect(seen).toMatchObject({ status: 200, body: { deliveryCode: null } });
  expect(JSON.stringify([seen.body, near.messages])).not.toContain(code);
  expect(await readFile(city.logFile, 'utf8')).not.toContain(code);
  const events = {
    name: 'test_code_in_events',
    text: 'SELECT count(*)::int AS n FROM order_events WHERE data::text LIKE $1',
  };
  expect(await city.database.query(events, [`%${code}%`])).toEqual([{ n: 0 }]);
  const confirm = { type: 'confirm_delivery', why: 'she showed her face' } as const;
  await olga.command(orderId, confirm);
  city.empty();
});
