import { afterEach, expect, test, vi } from 'vitest';
import {
  decodeFix,
  emptyFix,
  encodeServerMessage,
  FIX_AGE_MS_MAX,
  fixCount,
  type ServerMessage,
} from '../../protocol/index.ts';
import { systemClock } from '../../runtime/portable.ts';
import { HexfleetSocket, type ConnectionState, type SocketOptions } from './socket.ts';

/** What Node's WebSocket looks like from inside the SDK, without a network. */
class FakeWebSocket extends EventTarget {
  static newest: FakeWebSocket | null = null;
  readonly sent: (string | Uint8Array<ArrayBuffer>)[] = [];

  readonly url: URL;
  readonly protocols: unknown;
  closed = false;

  constructor(url: URL, protocols: unknown) {
    super();
    this.url = url;
    this.protocols = protocols;
    FakeWebSocket.newest = this;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.sent.push(data);
  }

  close(): void {
    this.closed = true;
  }

  lost(code = 1006): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }

  says(message: ServerMessage): void {
    const data = encodeServerMessage('hexfleet.v1.json', message);
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function connect(
  onMessage: (message: ServerMessage) => void = () => undefined,
  options: Partial<SocketOptions> = {},
): { socket: HexfleetSocket; wire: FakeWebSocket } {
  vi.stubGlobal('WebSocket', FakeWebSocket);
  const socket = new HexfleetSocket({ url: 'http://x', token: 't', onMessage, ...options });
  const wire = FakeWebSocket.newest;
  if (wire === null) throw new Error('the SDK has opened no socket');
  return { socket, wire };
}

const welcome = {
  type: 'welcome',
  role: 'courier',
  subject: 'k1',
  cityId: 'c1',
  serverTimeMs: systemClock.nowMs(),
  timeScale: 1,
} as const;

function sequencesIn(frame: unknown): number[] {
  const view = new DataView((frame as Uint8Array<ArrayBuffer>).buffer);
  return Array.from({ length: fixCount(view) }, (_, i) => {
    const fix = emptyFix();
    decodeFix(view, i, fix);
    return fix.sequence;
  });
}

test('of the fixes kept offline only those are sent that the engine would take', () => {
  const { socket, wire } = connect();
  const nowMs = systemClock.nowMs();
  const ages = [2 * FIX_AGE_MS_MAX, FIX_AGE_MS_MAX + 1_000, FIX_AGE_MS_MAX - 60_000, 1_000];
  const still = { ...emptyFix(), lat: 52, lng: 13 };
  socket.sendFixes(ages.map((ageMs, i) => ({ ...still, sequence: i, atMs: nowMs - ageMs })));
  wire.says(welcome);
  expect(sequencesIn(wire.sent[0])).toEqual([2, 3]);
  socket.close();
});

test('fixes are sent again by the next connection until the engine has acknowledged them', async () => {
  const { socket, wire } = connect();
  wire.says(welcome);
  const still = { ...emptyFix(), lat: 52, lng: 13, atMs: systemClock.nowMs() };
  socket.sendFixes([1, 2, 3].map((sequence) => ({ ...still, sequence })));
  wire.says({ type: 'fixes_ack', sequence: 2 });
  wire.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
  socket.sendFixes([{ ...still, sequence: 4 }]);
  await expect.poll(() => FakeWebSocket.newest).not.toBe(wire);
  FakeWebSocket.newest?.says(welcome);
  expect(sequencesIn(wire.sent[0])).toEqual([1, 2, 3]);
  expect(sequencesIn(FakeWebSocket.newest?.sent[0])).toEqual([3, 4]);
  socket.close();
});

test('a topic that the engine takes later is asked for again; one that it does not is given up', async () => {
  const { socket, wire } = connect();
  wire.says(welcome);
  const asked = (i: number) =>
    JSON.parse(String(wire.sent[i])) as { type: string; topic: string; requestId: string };
  const listening = socket.subscribe('order:x');
  const error = { code: 'overloaded', message: '', details: {}, retryAfterMs: 1 };
  wire.says({ type: 'error', requestId: asked(0).requestId, error });
  await vi.waitFor(() => expect(wire.sent).toHaveLength(2));
  expect(asked(1)).toMatchObject({ type: 'subscribe', topic: 'order:x' });
  wire.says({ type: 'ok', requestId: asked(1).requestId });
  await listening;
  const refused = socket.subscribe('order:y');
  const { retryAfterMs: _never, ...final } = { ...error, code: 'not_found' };
  wire.says({ type: 'error', requestId: asked(2).requestId, error: final });
  await expect(refused).rejects.toMatchObject({ code: 'not_found' });
  expect(wire.sent).toHaveLength(3);
  socket.close();
});

test('a refusal under its request id rejects that command at once', async () => {
  const { socket, wire } = connect();
  wire.says(welcome);
  const refused = socket.send({ type: 'set_duty', onDuty: true });
  const { requestId } = JSON.parse(String(wire.sent[0])) as { requestId: string };
  const error = { code: 'invalid_request', message: '', details: {} };
  wire.says({ type: 'error', requestId, error });
  await expect(refused).rejects.toMatchObject({ name: 'ApiError', code: 'invalid_request' });
  socket.close();
});

test('an area is watched again by the next connection, until it is not any more', async () => {
  const { socket, wire } = connect();
  const area = { south: 52, west: 13, north: 53, east: 14 };
  const said = (from: FakeWebSocket | null): unknown[] =>
    (from?.sent ?? []).map((sent) => (JSON.parse(String(sent)) as { area: unknown }).area);
  wire.says(welcome);
  void socket.watchArea(area).catch(() => undefined);
  wire.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
  await expect.poll(() => FakeWebSocket.newest).not.toBe(wire);
  const second = FakeWebSocket.newest;
  second?.says(welcome);
  void socket.watchArea(null).catch(() => undefined);
  second?.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
  await expect.poll(() => FakeWebSocket.newest).not.toBe(second);
  FakeWebSocket.newest?.says(welcome);
  expect([said(wire), said(second), said(FakeWebSocket.newest)]).toEqual([
    [area],
    [area, null],
    [],
  ]);
  socket.close();
});

test('a message that this version does not know is handed on and does no harm', async () => {
  const heard: string[] = [];
  const { socket, wire } = connect((message) => heard.push(message.type));
  wire.says(welcome);
  const answered = socket.send({ type: 'resume_orders' });
  wire.says({ type: 'from_the_future', requestId: 'x', cell: 7 } as unknown as ServerMessage);
  const { requestId } = JSON.parse(String(wire.sent[0])) as { requestId: string };
  wire.says({ type: 'ok', requestId });
  expect(await answered).toBeNull();
  expect(heard).toEqual(['welcome', 'from_the_future']);
  socket.close();
});

test('fixes of a machine whose clock is wrong are sent with the time of the engine', () => {
  const { socket, wire } = connect();
  const offMs = 600_000;
  wire.says({ ...welcome, serverTimeMs: systemClock.nowMs() + offMs });
  const atMs = systemClock.nowMs();
  socket.sendFixes([{ ...emptyFix(), lat: 52, lng: 13, sequence: 1, atMs }]);
  const fix = emptyFix();
  decodeFix(new DataView((wire.sent[0] as Uint8Array<ArrayBuffer>).buffer), 0, fix);
  expect(Math.abs(fix.atMs - (atMs + offMs))).toBeLessThan(5_000);
  socket.close();
});

const epoch = '0190f000-0000-7000-8000-000000000001';

function asked(wire: FakeWebSocket | null): unknown[] {
  return (wire?.sent ?? []).map((sent) => {
    const { requestId: _, ...message } = JSON.parse(String(sent)) as Record<string, unknown>;
    return message;
  });
}

function told(topic: string, offset: number, sequence: number): ServerMessage {
  return {
    type: 'order_event',
    topic,
    offset,
    sequence,
    orderId: 'o1',
  } as unknown as ServerMessage;
}

function snapshotOf(topic: string, offset: number, sequence: number): ServerMessage {
  const orders = [{ orderId: 'o1', sequence }] as never;
  return { type: 'snapshot', topic, orders, offers: [], position: { epoch, offset } };
}

async function nextAfter(wire: FakeWebSocket): Promise<FakeWebSocket> {
  await expect.poll(() => FakeWebSocket.newest).not.toBe(wire);
  return FakeWebSocket.newest ?? wire;
}

test('the next connection asks for what was missed since the last event, and nothing is heard twice', async () => {
  const heard: string[] = [];
  const { socket, wire } = connect((message) => {
    heard.push('sequence' in message ? `event ${message.sequence}` : message.type);
  });
  wire.says(welcome);
  void socket.subscribe('order:o1').catch(() => undefined);
  wire.says(snapshotOf('order:o1', 3, 3));
  wire.says(told('order:o1', 4, 4));
  wire.lost();
  const second = await nextAfter(wire);
  second.says(welcome);
  expect(asked(second)).toEqual([
    { type: 'subscribe', topic: 'order:o1', since: { epoch, offset: 4 } },
  ]);
  second.says({ type: 'recovered', topic: 'order:o1', epoch, missed: 1 });
  second.says(told('order:o1', 4, 4));
  second.says(told('order:o1', 5, 5));
  // Another engine begins with a snapshot, and its relay may be behind.
  second.says(snapshotOf('order:o1', 0, 6));
  second.says(told('order:o1', 1, 6));
  second.says(told('order:o1', 2, 7));
  expect(heard).toEqual([
    'welcome',
    'snapshot',
    'event 4',
    'welcome',
    'recovered',
    'event 5',
    'snapshot',
    'event 7',
  ]);
  socket.close();
});

test('a courier comes back to where it was in its own topic', async () => {
  const { socket, wire } = connect();
  wire.says(welcome);
  wire.says(snapshotOf('courier:k1', 7, 1));
  wire.lost();
  expect((await nextAfter(wire)).url.search).toBe(`?since=${epoch}.7`);
  socket.close();
});

test('a topic that is closed to the client is not asked for again', async () => {
  const { socket, wire } = connect();
  wire.says(welcome);
  void socket.subscribe('order:O1').catch(() => undefined);
  wire.says({ type: 'unsubscribed', topic: 'order:o1', reason: 'order_ended' });
  wire.lost();
  const second = await nextAfter(wire);
  second.says(welcome);
  expect(asked(second)).toEqual([]);
  socket.close();
});

test('a client comes back when the engine said, not before', () => {
  vi.useFakeTimers();
  const { socket, wire } = connect();
  wire.says(welcome);
  wire.says({ type: 'going_away', reconnectInMs: 60_000 });
  wire.lost(1001);
  vi.advanceTimersByTime(59_999);
  expect(FakeWebSocket.newest).toBe(wire);
  vi.advanceTimersByTime(1);
  expect(FakeWebSocket.newest).not.toBe(wire);
  socket.close();
});

test('a server that says nothing is asked whether it is there, and left when it is not', () => {
  vi.useFakeTimers();
  const states: ConnectionState[] = [];
  const onState = (state: ConnectionState): void => void states.push(state);
  const { socket, wire } = connect(() => undefined, { heartbeatMs: 1_000, onState });
  wire.says(welcome);
  vi.advanceTimersByTime(1_100);
  expect(asked(wire)).toEqual([{ type: 'ping' }]);
  wire.says({ type: 'ok', requestId: 'whatever' });
  vi.advanceTimersByTime(1_000);
  expect(wire.closed).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(wire.closed).toBe(true);
  expect(states).toMatchObject([{ connected: true }, { connected: false, code: 1006 }]);
  socket.close();
});

test('whoever doubts has the server asked at once, and a dead connection left', () => {
  vi.useFakeTimers();
  const { socket, wire } = connect(() => undefined, { heartbeatMs: 100_000 });
  wire.says(welcome);
  socket.check();
  expect(asked(wire)).toEqual([{ type: 'ping' }]);
  wire.says({ type: 'ok', requestId: 'whatever' });
  vi.advanceTimersByTime(50_000);
  expect(wire.closed).toBe(false);
  socket.check();
  vi.advanceTimersByTime(50_000);
  expect(wire.closed).toBe(true);
  socket.close();
});

test('a token that is about to expire is refreshed by whoever gave it', async () => {
  let tokens = 0;
  vi.stubGlobal('WebSocket', FakeWebSocket);
  FakeWebSocket.newest = null;
  const token = (): string => `t${++tokens}`;
  const socket = new HexfleetSocket({ url: 'http://x', token, onMessage: () => undefined });
  await expect.poll(() => FakeWebSocket.newest).not.toBeNull();
  const wire = FakeWebSocket.newest as FakeWebSocket | null;
  expect(wire?.protocols).toMatchObject({ headers: { Authorization: 'Bearer t1' } });
  wire?.says(welcome);
  wire?.says({ type: 'token_expires', atMs: 0 });
  await expect.poll(() => asked(wire)).toEqual([{ type: 'refresh', token: 't2' }]);
  socket.close();
});

test('where no WebSocket can be opened, orders are read by REST until one can', async () => {
  const states: ConnectionState[] = [];
  const heard: number[] = [];
  let sequence = 4;
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ orderId: 'o1', sequence })));
  const { socket, wire } = connect(
    (message) => void (message.type === 'snapshot' && heard.push(message.orders[0]?.sequence ?? 0)),
    { onState: (state) => void states.push(state), pollMs: 10, random: { next: () => 0 } },
  );
  void socket.subscribe('order:o1').catch(() => undefined);
  let last = wire;
  for (let i = 0; i < 4; i++) {
    last.lost();
    last = await nextAfter(last);
  }
  await expect.poll(() => heard).toEqual([4]);
  sequence = 5;
  await expect.poll(() => heard).toEqual([4, 5]);
  expect(states).toEqual([{ connected: false, polling: true }]);
  last.says(welcome);
  expect(states.at(-1)).toEqual({ connected: true });
  socket.close();
});
