import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCity } from './city.test-kit.ts';
import { metric, rawSocket, Wire } from './raw-socket.test-kit.ts';

/** Clients that hold on to things, at a real engine with the limits that `npm start` has. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start({ RATE_LIMITS: 'on' });
});
afterAll(() => city.stop());

/** The engine answers a client that means well. */
async function serves(): Promise<boolean> {
  const token = await city.token('customer', 'well-meaning');
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetch(new URL('/v1/status', city.url), { headers })).ok;
}

const memoryBytes = (): Promise<number> => metric(city, 'process_resident_memory_bytes');

/** A client asks for a WebSocket, by hand; answered when this returns. */
async function knock(subject: string): Promise<Wire> {
  const wire = new Wire(city.url);
  const token = await city.token('customer', subject);
  wire.socket.write(
    `GET /v1/ws HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      'Sec-WebSocket-Protocol: hexfleet.v1.json\r\n\r\n',
  );
  await expect.poll(() => wire.status, { interval: 2 }).not.toBe('');
  return wire;
}

const REQUEST = 'GET /v1/status HTTP/1.1\r\nHost: x\r\n';

// These wait for the engine's patience, all at once.
test.concurrent('a WebSocket that answers no ping is closed', { timeout: 60_000 }, async () => {
  const wire = await knock('mute');
  const closed = new Promise((resolve) => wire.socket.on('close', resolve));
  // It reads, and says nothing: no pong either.
  await closed;
  expect(wire.socket.destroyed).toBe(true);
});

test.concurrent.each([
  ['says nothing', '', null],
  ['sends a header byte by byte', `${REQUEST}X-Slow: `, () => 'a'],
  ['sends header after header', REQUEST, () => 'X-More: a\r\n'],
  [
    'sends a body byte by byte',
    'POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n',
    () => 'a',
  ],
])('a connection that %s is cut', async (_what, begin, drip) => {
  const wire = new Wire(city.url);
  wire.socket.write(begin);
  if (drip !== null) wire.drip(drip, 1_000);
  await wire.closed;
  expect(await serves()).toBe(true);
});

test.concurrent(
  'a thousand idle connections hold up nobody, and are gone after a while',
  async () => {
    const before = await memoryBytes();
    const wires = Array.from({ length: 1_000 }, () => new Wire(city.url));
    await Promise.all(wires.slice(0, 20).map(() => serves()));
    expect((await memoryBytes()) - before).toBeLessThan(50_000_000);
    await Promise.all(wires.map(({ closed }) => closed));
  },
);

test.each([
  ['one header of 20 KB', `X-Long: ${'a'.repeat(20_000)}\r\n`],
  ['500 headers', 'X-More: a\r\n'.repeat(500)],
])('%s: refused and cut at once', async (_what, headers) => {
  const wire = new Wire(city.url);
  wire.socket.write(`${REQUEST}${headers}\r\n`);
  await wire.closed;
  expect(wire.status).toBe('431');
});

test('fragments without end are cut, and do not stay in memory', async () => {
  const before = await memoryBytes();
  const wire = await knock('fragments');
  const piece = Buffer.alloc(4 + 4 + 60_000, 0x61);
  // FIN is not set: text first, then continuations; masked with zeros.
  const header = (opcode: number) =>
    Buffer.from([opcode, 0xfe, 60_000 >> 8, 60_000 & 0xff, 0, 0, 0, 0]);
  let opcode = 0x01;
  const timer = setInterval(() => {
    wire.socket.write(Buffer.concat([header(opcode), piece.subarray(0, 60_000)]));
    opcode = 0x00;
  }, 5);
  await wire.closed;
  clearInterval(timer);
  expect((await memoryBytes()) - before).toBeLessThan(50_000_000);
  expect(await serves()).toBe(true);
});

test.each([
  ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
  [
    'a length of 2^63',
    Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]),
  ],
  ['text that is no UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff])],
])('%s: cut', async (_what, frame) => {
  const wire = await knock('frames');
  wire.socket.write(frame);
  await wire.closed;
  expect(await serves()).toBe(true);
});

test('a flood of subscriptions ends at the limits, and the database answers the others', async () => {
  const { socket, heard, closed } = await rawSocket(city, 'customer', 'nosy');
  for (let i = 0; i < 2_000; i++) {
    const topic = `order:0190f000-0000-7000-8000-${String(i).padStart(12, '0')}`;
    socket.send(JSON.stringify({ type: 'subscribe', requestId: String(i), topic }));
  }
  expect(await closed).toBe(4429);
  const codes = new Set(heard.flatMap((m) => (m.type === 'error' ? [m.error.code] : [])));
  expect(codes).toContain('too_many_commands');
  expect(codes).toContain('rate_limited');
  expect(await serves()).toBe(true);
});

test('nested 60,000 deep, and 64 KB of anything: refused, and the engine lives', async () => {
  const { socket, heard } = await rawSocket(city, 'customer', 'deep');
  socket.send('['.repeat(60_000));
  socket.send(`{"type":${'['.repeat(30_000)}${']'.repeat(30_000)},"requestId":"deep"}`);
  socket.send(
    `{"__proto__":{"role":"operator"},"type":"subscribe","requestId":"proto","topic":"order:x"}`,
  );
  await expect.poll(() => heard.filter(({ type }) => type === 'error').length).toBe(3);
  expect(heard.filter((m) => m.type === 'error').map(({ error }) => error.code)).toEqual([
    'invalid_json',
    'invalid_request',
    expect.stringMatching(/invalid_request|not_found/),
  ]);
  socket.close();
});

test('who opens sockets again and again has to wait', async () => {
  const statuses: string[] = [];
  for (let i = 0; i < 70; i++) {
    const wire = await knock('restless');
    statuses.push(wire.status);
    wire.socket.destroy();
  }
  expect(statuses.filter((status) => status === '101').length).toBeLessThanOrEqual(60);
  expect(statuses.at(-1)).toBe('429');
});
