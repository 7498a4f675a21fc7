import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCity } from '../scenarios/city.test-kit.ts';
import { metric, rawSocket } from '../scenarios/raw-socket.test-kit.ts';
import {
  closeCodeIn,
  frame,
  framesIn,
  OPCODES,
  textFrame,
  upgradeRequest,
} from '../wire/web-socket.ts';
import { Wire } from '../wire/wire.ts';

/** Ten kilobytes that are ten megabytes. */
const BOMB = deflateRawSync(Buffer.alloc(10_000_000));

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

let visitors = 0;
/** What every client here would like. */
const COMPRESSION = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };

/** A client asks for a WebSocket, by hand; answered when this returns. */
async function knock(subject = `visitor-${(visitors += 1)}`): Promise<Wire> {
  const wire = new Wire(city.url);
  const token = await city.token('customer', subject);
  wire.socket.write(upgradeRequest({ Authorization: `Bearer ${token}`, ...COMPRESSION }));
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
  const piece = 'a'.repeat(60_000);
  wire.socket.write(frame(piece, { opcode: OPCODES.text, final: false }));
  wire.drip(() => frame(piece, { opcode: OPCODES.continuation, final: false }), 5);
  await wire.closed;
  expect((await memoryBytes()) - before).toBeLessThan(50_000_000);
  expect(await serves()).toBe(true);
});

/** Nothing that the library could say to a client that breaks the protocol reaches it. */
const BROKEN: readonly (readonly [string, Buffer])[] = [
  ...[1, 2, 3, 4, 5, 6, 7].map(
    (reserved) =>
      [`reserved bits ${reserved}`, frame('{}', { opcode: OPCODES.text, reserved })] as const,
  ),
  ...[0x3, 0x7, 0xb, 0xf].map(
    (opcode) => [`the opcode ${opcode}`, frame('{}', { opcode })] as const,
  ),
  ['text that is no UTF-8', frame(Uint8Array.of(0xff, 0xff), { opcode: OPCODES.text })],
  ['half a surrogate pair', frame(Uint8Array.of(0xed, 0xa0, 0x80), { opcode: OPCODES.text })],
  ['a letter that is cut short', frame(Uint8Array.of(0xe2, 0x82), { opcode: OPCODES.text })],
  ['a ping in fragments', frame('x', { opcode: OPCODES.ping, final: false })],
  ['a long ping', frame('x'.repeat(126), { opcode: OPCODES.ping })],
  ['the end of nothing', frame('x', { opcode: OPCODES.continuation })],
  [
    'a message within a message',
    Buffer.concat([frame('{', { opcode: OPCODES.text, final: false }), textFrame('{}')]),
  ],
  ['a length of 2^63', frame('', { opcode: OPCODES.binary, announcedBytes: 2n ** 63n - 1n })],
  ['a length of 2^64', frame('', { opcode: OPCODES.text, announcedBytes: 2n ** 64n - 1n })],
  ['a bomb of nothing, compressed', frame(BOMB, { opcode: OPCODES.text, reserved: 4 })],
];

test('nothing is decompressed that clients send', async () => {
  const wire = await knock();
  expect(wire.status).toBe('101');
  expect(wire.received.toLowerCase()).not.toContain('sec-websocket-extensions');
  wire.socket.destroy();
});

test.each(BROKEN)('%s: cut', async (_what, bytes) => {
  const wire = await knock();
  wire.socket.write(bytes);
  await wire.closed;
  expect(await serves()).toBe(true);
});

test('what stands without a mask is unmasked all the same, and is nothing', async () => {
  const wire = await knock();
  const command = '{"type":"ping","requestId":"bare"}';
  // Four bytes more: as many as are taken for the mask.
  wire.socket.write(
    Buffer.concat([frame(command, { opcode: OPCODES.text, masked: false }), Buffer.alloc(4, 1)]),
  );
  const outcome = () => (wire.socket.closed ? 'cut' : framesIn(wire.received).at(-1)?.payload);
  await expect.poll(() => String(outcome())).toMatch(/^cut$|invalid_json/);
  expect(wire.received).not.toContain('bare');
  wire.socket.destroy();
});

test.each(['customer', 'courier'] as const)(
  'lengths in MessagePack that promise gigabytes, from a %s: closed, for nobody reads it',
  async (role) => {
    const before = await memoryBytes();
    for (const [i, kind] of [0xdd, 0xdf, 0xc6, 0xdb, 0xc9].entries()) {
      const token = await city.token(role, role === 'courier' ? 'near' : `packer-${i}`);
      const wire = new Wire(city.url);
      wire.socket.write(upgradeRequest({ Authorization: `Bearer ${token}` }));
      await expect.poll(() => wire.received).toContain('welcome');
      const bytes = Uint8Array.of(kind, 0xff, 0xff, 0xff, 0xff, 0x01);
      wire.socket.write(frame(bytes, { opcode: OPCODES.binary }));
      await wire.closed;
      expect(closeCodeIn(wire.received)).toBe(4400);
    }
    expect((await memoryBytes()) - before).toBeLessThan(50_000_000);
  },
);

test('half a frame is waited for as long as any silent socket, and holds up nobody', async () => {
  const wire = await knock();
  const whole = textFrame('{"type":"ping","requestId":"r"}');
  wire.socket.write(whole.subarray(0, 9));
  expect(await serves()).toBe(true);
  wire.socket.write(whole.subarray(9));
  await expect.poll(() => framesIn(wire.received).at(-1)?.payload.toString()).toContain('"ok"');
  wire.socket.destroy();
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
  socket.send(
    `{"type":"subscribe","requestId":"made","topic":"order:x","constructor":{"prototype":{"role":"operator"}}}`,
  );
  socket.send(`{"type":"set_duty","requestId":"2^53","onDuty":true,"untilMs":9007199254740993}`);
  socket.send(
    `{"type":"unsubscribe","requestId":"twice","topic":"order:x","topic":${'9'.repeat(400)}}`,
  );
  await expect.poll(() => heard.filter(({ type }) => type === 'error').length).toBe(6);
  expect(heard.filter((m) => m.type === 'error').map(({ error }) => error.code)).toEqual([
    'invalid_json',
    ...Array.from({ length: 5 }, () => 'invalid_request'),
  ]);
  expect(await serves()).toBe(true);
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
