import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HexfleetApi } from '../../clients/ts/index.ts';
import type { RevocationInput, ServerMessage, WebSocketTicket } from '../../protocol/index.ts';
import { withDeadline } from '../../runtime/index.ts';
import { TestCity } from './city.test-kit.ts';

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
