import { expect, test } from 'vitest';
import {
  decodeServerMessage,
  SOCKET_BACKLOG_BYTES_MAX,
  type ServerMessage,
} from '../../protocol/index.ts';
import type { EdgeSocket } from '../edge.ts';
import { Broadcast, Outlet } from './outlet.ts';

/** The sending side of a socket whose reader takes nothing until told to. */
class Reader implements EdgeSocket {
  readonly taken: ServerMessage[] = [];
  isOpen = true;
  backlog = 0;
  closedWith: number | null = null;

  send(data: string | Uint8Array): void {
    this.taken.push(decodeServerMessage(data));
  }

  backlogBytes(): number {
    return this.backlog;
  }

  close(code: number): void {
    this.isOpen = false;
    this.closedWith = code;
  }
}

function position(orderId: string, lat: number): Broadcast {
  return new Broadcast({
    type: 'location_update',
    orderId,
    courierId: 'k1',
    lat,
    lng: 13,
    headingDegrees: 0,
    speedMps: 4,
    atMs: lat,
    etaSeconds: 60,
  } as const);
}

function latsOf(reader: Reader): number[] {
  return reader.taken.flatMap((m) => (m.type === 'location_update' ? [m.lat] : []));
}

test('a reader that keeps up gets every position', () => {
  const reader = new Reader();
  const outlet = new Outlet(reader, 'hexfleet.v1.bin');
  for (const lat of [1, 2, 3]) expect(outlet.sendState('o1', position('o1', lat))).toBe(true);
  expect(latsOf(reader)).toEqual([1, 2, 3]);
});

test('a slow reader gets the newest position of each order, and never a queue', () => {
  const reader = new Reader();
  const outlet = new Outlet(reader, 'hexfleet.v1.json');
  reader.backlog = 20_000;
  for (const lat of [1, 2, 3]) expect(outlet.sendState('o1', position('o1', lat))).toBe(false);
  outlet.sendState('o2', position('o2', 9));
  expect(reader.taken).toEqual([]);
  reader.backlog = 0;
  outlet.drained();
  expect(latsOf(reader)).toEqual([3, 9]);
  outlet.drained();
  expect(reader.taken).toHaveLength(2);
});

test('a position that waits is dropped when a newer one goes out, or nobody wants it', () => {
  const reader = new Reader();
  const outlet = new Outlet(reader, 'hexfleet.v1.bin');
  reader.backlog = 20_000;
  outlet.sendState('o1', position('o1', 1));
  outlet.sendState('o2', position('o2', 2));
  reader.backlog = 0;
  outlet.sendState('o1', position('o1', 5));
  outlet.forgetState('o2');
  outlet.drained();
  expect(latsOf(reader)).toEqual([5]);
});

test('events go to a slow reader too, until it is too far behind and is cut off', () => {
  const reader = new Reader();
  const outlet = new Outlet(reader, 'hexfleet.v1.bin');
  reader.backlog = SOCKET_BACKLOG_BYTES_MAX;
  outlet.send({ type: 'ok', requestId: '1' });
  expect(reader.taken).toHaveLength(1);
  reader.backlog += 1;
  outlet.send({ type: 'ok', requestId: '2' });
  expect(reader.closedWith).toBe(4408);
  expect(reader.taken).toHaveLength(1);
});

test('a message for many is encoded once for each sub-protocol', () => {
  const broadcast = position('o1', 1);
  const encoded = broadcast.encodedFor('hexfleet.v1.bin');
  expect(broadcast.encodedFor('hexfleet.v1.bin')).toBe(encoded);
  expect(decodeServerMessage(encoded)).toEqual(broadcast.message);
  expect(decodeServerMessage(broadcast.encodedFor('hexfleet.v1.json'))).toEqual(broadcast.message);
});
