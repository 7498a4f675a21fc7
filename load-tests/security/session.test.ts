import { once } from 'node:events';
import { request } from 'node:http';
import { base64url, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HexfleetApi } from '../../clients/ts/index.ts';
import type { RevocationInput, ServerMessage, WebSocketTicket } from '../../protocol/index.ts';
import { systemClock, withDeadline } from '../../runtime/index.ts';
import { TestCity } from '../scenarios/city.test-kit.ts';
import { rawSocket } from '../scenarios/raw-socket.test-kit.ts';
import { upgradeRequest } from '../wire/web-socket.ts';
import { Wire } from '../wire/wire.ts';
import { ask } from './attacks.test-kit.ts';

/** Who comes in, and for how long, at a real engine. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterAll(() => city.stop());

async function post(path: string, token: string, body?: RevocationInput) {
  const response = await fetch(new URL(path, city.url), {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as unknown };
}

async function ticketOf(token: string): Promise<string> {
  const { status, body } = await post('/v1/ws-ticket', token);
  expect(status).toBe(201);
  return (body as WebSocketTicket).ticket;
}

/** Opens a WebSocket as a browser does: with sub-protocols and no other header. */
function browser(ticket: string): { welcome: Promise<ServerMessage>; closed: Promise<number> } {
  const url = new URL('/v1/ws', city.url.replace('http', 'ws'));
  const socket = new WebSocket(url, ['hexfleet.v1.json', `hexfleet.ticket.${ticket}`]);
  const closed = Promise.withResolvers<number>();
  socket.addEventListener('close', ({ code }) => closed.resolve(code));
  socket.addEventListener('error', () => closed.resolve(1006));
  const welcome = withDeadline(once(socket, 'message'), 10_000, 'welcome').then(
    ([event]) => JSON.parse(String((event as MessageEvent).data)) as ServerMessage,
  );
  welcome.catch(() => undefined);
  return { welcome, closed: withDeadline(closed.promise, 10_000, 'close') };
}

test('a browser opens one socket with a ticket, and not a second one', async () => {
  const ticket = await ticketOf(await city.token('customer', 'anna'));
  const { welcome } = browser(ticket);
  expect(await welcome).toMatchObject({ type: 'welcome', role: 'customer', subject: 'anna' });
  expect(await browser(ticket).closed).toBe(1006);
  expect(await browser('invented').closed).toBe(1006);
});

/** The status of an upgrade, as it stands on the wire. */
async function knock(headers: Readonly<Record<string, string>>, path?: string): Promise<string> {
  const wire = new Wire(city.url);
  wire.socket.write(upgradeRequest(headers, path));
  await expect.poll(() => wire.status, { timeout: 10_000 }).not.toBe('');
  wire.socket.destroy();
  return wire.status;
}

const CLAIMS = { sub: 'anna', role: 'customer', city: 'c1', iss: 'hexfleet', aud: 'hexfleet' };
const inSeconds = (seconds: number): number => Math.floor(systemClock.nowMs() / 1000) + seconds;

/** A token with this header and these claims, signed by the engine's key; a claim `undefined` is left out. */
async function forged(header: object, claims: object): Promise<string> {
  const key = new TextEncoder().encode(await city.engine.jwtSecret());
  const all = { ...CLAIMS, exp: inSeconds(60), ...claims };
  const token = await new SignJWT(JSON.parse(JSON.stringify(all)) as Record<string, unknown>)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key);
  const [, payload = ''] = token.split('.');
  const head = base64url.encode(JSON.stringify(header));
  const hmac = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  const signed = await crypto.subtle.sign('HMAC', hmac, Buffer.from(`${head}.${payload}`));
  return `${head}.${payload}.${base64url.encode(new Uint8Array(signed))}`;
}

const HS256 = { alg: 'HS256', typ: 'JWT' };
const KEYS_ELSEWHERE = 'https://evil.example/keys.json';

test('a forged token in which nothing is wrong is taken: the others are refused for what they say', async () => {
  const token = await forged(HS256, {});
  expect((await ask(city, '/v1/status', { token })).status).toBe(200);
  expect(await knock({ Authorization: `Bearer ${token}` })).toBe('101');
});

test.each<[string, object, object]>([
  ['alg: none', { alg: 'none' }, {}],
  ['the algorithm of a public key', { alg: 'RS256' }, {}],
  ['a longer hash', { alg: 'HS512' }, {}],
  ['keys from elsewhere', { ...HS256, jku: KEYS_ELSEWHERE }, {}],
  ['a certificate from elsewhere', { ...HS256, x5u: KEYS_ELSEWHERE }, {}],
  ['a key of its own', { ...HS256, jwk: { kty: 'oct', k: 'AAAA' } }, {}],
  ['an extension', { ...HS256, crit: ['b64'], b64: false }, {}],
  ['another type', { alg: 'HS256', typ: 'at+jwt' }, {}],
  ['another audience', HS256, { aud: 'elsewhere' }],
  ['audiences', HS256, { aud: ['hexfleet', 'elsewhere'] }],
  ['another issuer', HS256, { iss: 'elsewhere' }],
  ['an expiry that is over', HS256, { exp: inSeconds(-1) }],
  ['no expiry', HS256, { exp: undefined }],
  ['an expiry that is text', HS256, { exp: '9999999999' }],
  ['a beginning that is to come', HS256, { nbf: inSeconds(60) }],
  ['a role that there is not', HS256, { role: 'admin' }],
  ['roles', HS256, { role: ['customer', 'operator'] }],
  ['no subject', HS256, { sub: undefined }],
])('a token with %s opens nothing, no route and no socket', async (_what, header, claims) => {
  const token = await forged(header, claims);
  expect(await ask(city, '/v1/status', { token })).toMatchObject({
    status: 401,
    body: { error: { code: 'unauthorized', details: {} } },
  });
  expect(await knock({ Authorization: `Bearer ${token}` })).toBe('401');
});

test('a `kid` names no other key than ours', async () => {
  const token = await forged({ ...HS256, kid: '../../dev/null' }, {});
  expect((await ask(city, '/v1/status', { token })).status).toBe(200);
  const [head = '', payload = ''] = token.split('.');
  const empty = await crypto.subtle.importKey(
    'raw',
    new Uint8Array(1),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const signed = await crypto.subtle.sign('HMAC', empty, Buffer.from(`${head}.${payload}`));
  const foreign = `${head}.${payload}.${base64url.encode(new Uint8Array(signed))}`;
  expect((await ask(city, '/v1/status', { token: foreign })).status).toBe(401);
});

test('a token in the address is none', async () => {
  const token = await city.token('customer', 'anna');
  for (const name of ['token', 'access_token', 'authorization', 'jwt', 'ticket']) {
    const query = `${name}=${token}&${name}=Bearer%20${token}`;
    expect((await ask(city, `/v1/status?${query}`, { token: null })).status).toBe(401);
    expect(await knock({}, `/v1/ws?${query}`)).toBe('401');
  }
  expect(await knock({ Cookie: `token=${token}` })).toBe('401');
});

test('a session whose token expires is asked for another, then closed, and hears no more', async () => {
  const token = await city.shortToken('customer', 'anna', 3);
  const { orderId } = await city.order();
  const { heard, closed, socket } = await rawSocket(city, 'customer', 'anna', token);
  await expect.poll(() => heard.map(({ type }) => type)).toContain('token_expires');
  socket.send(JSON.stringify({ type: 'subscribe', requestId: 's', topic: `order:${orderId}` }));
  await expect.poll(() => heard.map(({ type }) => type)).toContain('snapshot');
  expect(await closed).toBe(4401);
  const last = heard.length;
  const olga = await city.api('operator', 'olga');
  await olga.command(orderId, { type: 'operator_cancel', why: 'end of test' });
  expect(heard).toHaveLength(last);
});

test.each([
  ['another customer', 'customer', 'bert'],
  ['the same name in another role', 'operator', 'anna'],
] as const)('who refreshes with the token of %s is closed', async (_who, role, subject) => {
  const { socket, closed, heard } = await rawSocket(city, 'customer', 'anna');
  const garbage = await forged(HS256, { aud: 'elsewhere' });
  socket.send(JSON.stringify({ type: 'refresh', requestId: 'r', token: garbage }));
  await expect.poll(() => heard.at(-1)).toMatchObject({ error: { code: 'unauthorized' } });
  const token = await city.token(role, subject);
  socket.send(JSON.stringify({ type: 'refresh', requestId: 'r', token }));
  expect(await closed).toBe(4401);
});

/** How an upgrade from a page of this origin is answered. */
async function upgradeFrom(origin: string | null): Promise<number> {
  const { hostname, port, host } = new URL(city.url);
  const headers = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'hexfleet.v1.json',
    Authorization: `Bearer ${await city.token('customer', 'anna')}`,
    ...(origin === null ? {} : { Origin: origin }),
  };
  const asked = request({ hostname, port, path: '/v1/ws', headers });
  const status = Promise.withResolvers<number>();
  asked.once('response', ({ statusCode = 0 }) => status.resolve(statusCode));
  asked.once('upgrade', (_, socket) => {
    socket.destroy();
    status.resolve(101);
  });
  asked.once('error', (error) => status.reject(error));
  asked.end();
  try {
    return await withDeadline(status.promise, 10_000, 'upgrade');
  } finally {
    asked.destroy();
  }
}

test('only pages of the engine itself, and apps that are no pages, open sockets', async () => {
  expect(await upgradeFrom(null)).toBe(101);
  expect(await upgradeFrom(city.url)).toBe(101);
  const lookalikes = [`${city.url}.evil.example`, `${city.url}/`, city.url.replace('127', '128')];
  for (const origin of ['null', 'https://evil.example', 'file://', ...lookalikes]) {
    expect({ origin, status: await upgradeFrom(origin) }).toEqual({ origin, status: 403 });
  }
});

test('a revoked courier is cut off with a code, and its token and its ticket are no good', async () => {
  const olga = await city.token('operator', 'olga');
  const token = await city.token('courier', 'near');
  const ticket = await ticketOf(token);
  const near = await city.person('courier', 'near');
  const bystander = await city.person('courier', 'far');
  await near.hears('snapshot');
  const revocation = { role: 'courier', subject: 'near' } as const;
  expect((await post('/v1/revocations', olga, revocation)).status).toBe(204);
  expect(await near.closed.promise).toBe(4403);
  expect((await post('/v1/ws-ticket', token)).status).toBe(401);
  expect(await browser(ticket).closed).toBe(1006);
  expect(bystander.socket.connected).toBe(true);
  const rows = await city.database.query(
    { name: 'revoked', text: 'SELECT kind, name FROM revocations' },
    [],
  );
  expect(rows).toEqual([{ kind: 'subject', name: 'courier:near' }]);
  await city.engine.kill();
  await city.engine.restart();
  const api = new HexfleetApi({ url: city.url, token, tries: 1 });
  await expect(api.status()).rejects.toMatchObject({ status: 401 });
});

test('customers may not revoke, and what names nobody is refused', async () => {
  const [anna, olga] = [await city.token('customer', 'anna'), await city.token('operator', 'olga')];
  const revocation = { role: 'customer', subject: 'bert' } as const;
  expect((await post('/v1/revocations', anna, revocation)).status).toBe(403);
  expect((await post('/v1/revocations', olga, { role: 'customer' } as never)).status).toBe(400);
});

test('of two apps of one courier the older is told that the newer took over', async () => {
  const older = await city.person('courier', 'far');
  await older.hears('snapshot');
  const newer = await city.person('courier', 'far');
  await newer.hears('snapshot');
  expect(await older.closed.promise).toBe(4409);
  expect(newer.socket.connected).toBe(true);
});

test('an engine that stops tells each client when to come back, and then closes', async () => {
  const stopping = await TestCity.start();
  const people = await Promise.all(
    ['anna', 'bert'].map((name) => stopping.person('customer', name)),
  );
  await Promise.all(people.map((person) => person.hears('welcome')));
  const stopped = stopping.engine.stop();
  for (const person of people) {
    const { reconnectInMs } = await person.hears('going_away');
    expect(reconnectInMs).toBeGreaterThanOrEqual(1_000);
    expect(reconnectInMs).toBeLessThanOrEqual(2_000);
    expect(await person.closed.promise).toBe(1001);
  }
  await stopped;
  await stopping.stop();
});
