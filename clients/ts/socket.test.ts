import { afterEach, expect, test, vi } from 'vitest';
import {
  decodeFix,
  emptyFix,
  encodeServerMessage,
  FIX_AGE_MS_MAX,
  fixCount,
  type ServerMessage,
} from '../../protocol/index.ts';
import { systemClock } from '../../runtime/index.ts';
import { HexfleetSocket } from './socket.ts';

/** What Node's WebSocket looks like from inside the SDK, without a network. */
class FakeWebSocket extends EventTarget {
  static newest: FakeWebSocket | null = null;
  readonly sent: (string | Uint8Array<ArrayBuffer>)[] = [];

  constructor() {
    super();
    FakeWebSocket.newest = this;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.sent.push(data);
  }

  close(): void {}

  says(message: ServerMessage): void {
    const data = encodeServerMessage('hexfleet.v1.json', message);
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}
afterEach(() => vi.unstubAllGlobals());

function connect(onMessage: (message: ServerMessage) => void = () => undefined): {
  socket: HexfleetSocket;
  wire: FakeWebSocket;
} {
  vi.stubGlobal('WebSocket', FakeWebSocket);
  const socket = new HexfleetSocket({ url: 'http://x', token: 't', onMessage });
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
