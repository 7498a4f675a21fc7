import SwaggerParser from '@apidevtools/swagger-parser';
import { Parser } from '@asyncapi/parser';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCity } from './city.test-kit.ts';

/** The documents and pages that a running engine hands out, beside what it does. */
let city: TestCity;
let openApi: OpenApi;
let asyncApi: AsyncApi;
beforeAll(async () => {
  city = await TestCity.start();
  openApi = JSON.parse(await published('/openapi.json')) as OpenApi;
  asyncApi = JSON.parse(await published('/asyncapi.json')) as AsyncApi;
});
afterAll(() => city.stop());

interface Schema {
  readonly oneOf?: readonly Schema[];
  readonly properties: { readonly type: { readonly const: string } };
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly 'x-error-codes': Readonly<Record<string, unknown>>;
}
interface Operation {
  readonly security?: readonly unknown[];
  readonly 'x-roles': readonly string[];
}
interface AsyncApi {
  readonly operations: Readonly<Record<string, { readonly action: string }>>;
}
interface Refusal {
  readonly error: {
    readonly code: string;
    readonly details: {
      readonly problems: readonly { readonly path: string; readonly message: string }[];
    };
  };
}

/** What anybody may read. */
async function published(path: string): Promise<string> {
  const response = await fetch(new URL(path, city.url));
  expect(response.status).toBe(200);
  return await response.text();
}

async function send(
  method: string,
  path: string,
  role: 'customer' | 'restaurant' | 'service',
  body?: unknown,
): Promise<Response> {
  const token = await city.token(role, role === 'restaurant' ? 'soup-house' : 'anna');
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return await fetch(new URL(path, city.url), { method, headers, ...sent });
}

/** What a WebSocket that is refused is told; `fetch` may not ask for one. */
async function upgrade(subprotocol: string): Promise<{ status: number; body: string }> {
  const asked = request(new URL('/v1/ws', city.url), {
    headers: {
      Authorization: `Bearer ${await city.token('customer', 'anna')}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'x3JJHMbDL1EzLkh9GBhXDw==',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Protocol': subprotocol,
    },
  }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** The types that the engine names when it is sent one that it does not know. */
function typesNamed({ error }: Refusal): string[] {
  const problem = error.details.problems.find(({ path }) => path === 'type');
  return [...(problem?.message ?? '').matchAll(/'(\w+)'/g)].map(([, type = '']) => type);
}

test('the OpenAPI document is valid, and each of its references leads somewhere', async () => {
  const document = structuredClone(openApi) as unknown as Parameters<
    typeof SwaggerParser.validate
  >[0];
  await expect(SwaggerParser.validate(document)).resolves.toMatchObject({ openapi: '3.1.0' });
});

test('the AsyncAPI document is valid', async () => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApi));
  // That there is a newer AsyncAPI is no error.
  expect(diagnostics.map(({ code }) => code)).toEqual(['asyncapi-latest-version']);
  expect(document?.operations().all().length).toBe(Object.keys(asyncApi.operations).length);
});

test('every documented path takes exactly the documented methods', async () => {
  const withToken = Object.entries(openApi.paths).filter(([, methods]) =>
    Object.values(methods).every(({ security }) => security === undefined),
  );
  expect(withToken.length).toBeGreaterThan(10);
  for (const [path, methods] of withToken) {
    const response = await send('PATCH', path.replace(/\{\w+\}/g, 'x'), 'service');
    const taken = Object.keys(methods).map((method) => method.toUpperCase());
    const allowed = taken.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    const said = response.headers.get('Allow')?.split(', ').toSorted();
    expect({ path, status: response.status, said }).toEqual({
      path,
      status: 405,
      said: allowed.toSorted(),
    });
  }
});

test('every documented route is closed to roles that are not documented, and to no other', async () => {
  for (const [path, methods] of Object.entries(openApi.paths)) {
    for (const [method, { security, 'x-roles': roles }] of Object.entries(methods)) {
      if (security !== undefined) continue;
      const { status } = await send(method, path.replace(/\{\w+\}/g, 'x'), 'customer');
      const route = `${method} ${path}`;
      expect({ route, isClosed: status === 403 }).toEqual({
        route,
        isClosed: !roles.includes('customer'),
      });
    }
  }
});

test('the engine names every documented message, and no other, to who sends an unknown one', async () => {
  const anna = await city.person('customer', 'anna');
  const answer = await anna.socket
    .send({ type: 'dance' } as never)
    .catch((error: unknown) => error);
  const documented = Object.entries(asyncApi.operations)
    .filter(([, { action }]) => action === 'receive')
    .map(([name]) => name.replace('take_', ''));
  expect(answer).toMatchObject({ code: 'invalid_request' });
  const named = typesNamed({ error: answer as Refusal['error'] });
  // A binary frame has no type.
  expect([...named, 'fixes'].toSorted()).toEqual(documented.toSorted());
});

test.each([
  ['/v1/orders/01a1fd16-c99c-74ef-9076-906c5f8df201/commands', 'customer', 'OrderCommand'],
  ['/v1/restaurants/soup-house/commands', 'restaurant', 'RestaurantCommand'],
] as const)('%s names every documented command to who sends an unknown one', async (...of) => {
  const [path, role, schema] = of;
  const response = await send('POST', path, role, { type: 'dance' });
  expect(response.status).toBe(400);
  const documented = openApi.components.schemas[schema]?.oneOf?.map(
    ({ properties }) => properties.type.const,
  );
  expect(typesNamed((await response.json()) as Refusal)).toEqual(documented);
});

test('a field that is not known is named, and nothing is done', async () => {
  const path = '/v1/restaurants/soup-house/commands';
  const body = { type: 'pause_orders', forSeconds: 60, quietly: true };
  const response = await send('POST', path, 'restaurant', body);
  expect(response.status).toBe(400);
  expect(((await response.json()) as Refusal).error.details.problems).toEqual([
    { path: '', message: 'Unrecognized key: "quietly"' },
  ]);
  const shown = await send('GET', '/v1/restaurants/soup-house', 'restaurant');
  expect(await shown.json()).toMatchObject({ pausedUntilMs: null });
});

test('a field that a message does not have is named too', async () => {
  const anna = await city.person('customer', 'anna');
  const message = { type: 'subscribe', topic: 'order:x', loud: true };
  await expect(anna.socket.send(message as never)).rejects.toMatchObject({
    code: 'invalid_request',
    details: { problems: [{ path: '', message: 'Unrecognized key: "loud"' }] },
  });
});

test('a version that is not spoken is refused, with those that are', async () => {
  expect((await send('GET', '/v2/status', 'customer')).status).toBe(404);
  const { status, body } = await upgrade('hexfleet.v2.json');
  expect(status).toBe(400);
  expect(JSON.parse(body)).toMatchObject({
    error: {
      code: 'subprotocol_required',
      details: { spoken: ['hexfleet.v1.bin', 'hexfleet.v1.json'] },
    },
  });
});

test('the documents have exactly the error codes of the table', async () => {
  const table = await readFile(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
  const codes = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
  expect(Object.keys(openApi['x-error-codes']).toSorted()).toEqual(codes);
});

test.each(['/docs', '/docs/rest', '/docs/socket', '/docs/errors', '/docs/style.css'])(
  'anybody may read %s, and only read it',
  async (path) => {
    const url = new URL(path, city.url);
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    const { headers } = await fetch(url, { method: 'HEAD' });
    const bytes = Buffer.byteLength(await response.text());
    expect(headers.get('Content-Length')).toBe(String(bytes));
    expect((await fetch(url, { method: 'POST' })).status).toBe(401);
  },
);
