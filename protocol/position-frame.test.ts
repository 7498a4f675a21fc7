import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeServerMessage, encodeServerMessage } from './codec.ts';
import { newPositionFrame, readPosition, writePosition } from './position-frame.ts';

const ORDER_ID = '0190f000-0000-7000-8000-00000000abcd';
const courierId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);
const position = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
  headingDegrees: fc.double({ min: 0, max: 359.99, noNaN: true }),
  speedMps: fc.double({ min: 0, max: 655, noNaN: true }),
  atMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
});

test('what is written is read, to a centimetre and a hundredth', () => {
  fc.assert(
    fc.property(fc.uuid(), courierId, position, (orderId, courierId, sent) => {
      const frame = newPositionFrame(orderId, courierId);
      writePosition(new DataView(frame.buffer), sent, 61.4);
      const read = decodeServerMessage(frame);
      expect(read).toMatchObject({ type: 'location_update', orderId, courierId, etaSeconds: 61 });
      if (read.type !== 'location_update') throw new Error('another message');
      expect(read.atMs).toBe(sent.atMs);
      expect(Math.abs(read.lat - sent.lat)).toBeLessThanOrEqual(1e-7);
      expect(Math.abs(read.lng - sent.lng)).toBeLessThanOrEqual(1e-7);
      expect(Math.abs(read.speedMps - sent.speedMps)).toBeLessThanOrEqual(0.0051);
      expect(Math.abs(read.headingDegrees - sent.headingDegrees)).toBeLessThanOrEqual(0.0051);
    }),
  );
});

test('the frame of version 1 has not changed by a byte', () => {
  const frame = newPositionFrame(ORDER_ID, 'c7');
  const place = { lat: 52.5200066, lng: -13.404954, headingDegrees: 270.5, speedMps: 7.25 };
  writePosition(new DataView(frame.buffer), { ...place, atMs: 1_700_000_000_123 }, 300);
  expect(Buffer.from(frame).toString('hex')).toBe(
    '0202c2ea4d1ffc9002f87b68e5cf8b01d502aa692c0100000190f00000007000800000000000abcd6337',
  );
});

test('no other message of the server is taken for it', () => {
  const welcome = { type: 'ok', requestId: '1' } as const;
  expect(decodeServerMessage(encodeServerMessage('hexfleet.v1.bin', welcome))).toEqual(welcome);
  expect(() => readPosition(new Uint8Array([2, 60, 1]))).toThrow(RangeError);
  expect(() => newPositionFrame('order-1', 'c7')).toThrow(RangeError);
});
