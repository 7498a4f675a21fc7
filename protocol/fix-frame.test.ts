import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeFix,
  emptyFix,
  encodeFixes,
  FIX_BYTES,
  FIXES_PER_FRAME_MAX,
  fixCount,
  type Fix,
} from './fix-frame.ts';
import { COURIER_FRAME_BYTES_MAX } from './limits.ts';

const fix = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
  sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
  atMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  speedMps: fc.double({ min: 0, max: 655, noNaN: true }),
  headingDegrees: fc.double({ min: 0, max: 359.99, noNaN: true }),
  accuracyMeters: fc.integer({ min: 0, max: 255 }),
});

function decodeAll(bytes: Uint8Array<ArrayBuffer>): Fix[] {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: fixCount(view) }, (_, i) => {
    const into = emptyFix();
    decodeFix(view, i, into);
    return into;
  });
}

test('what goes in comes out, to a centimetre and a hundredth', () => {
  fc.assert(
    fc.property(fc.array(fix, { minLength: 1, maxLength: FIXES_PER_FRAME_MAX }), (fixes) => {
      const decoded = decodeAll(encodeFixes(fixes));
      expect(decoded).toHaveLength(fixes.length);
      decoded.forEach((out, i) => {
        const into = fixes[i] ?? emptyFix();
        expect(Math.abs(out.lat - into.lat)).toBeLessThanOrEqual(1e-7);
        expect(Math.abs(out.lng - into.lng)).toBeLessThanOrEqual(1e-7);
        expect(out.sequence).toBe(into.sequence);
        expect(out.atMs).toBe(into.atMs);
        expect(Math.abs(out.speedMps - into.speedMps)).toBeLessThanOrEqual(0.0051);
        expect(Math.abs(out.headingDegrees - into.headingDegrees)).toBeLessThanOrEqual(0.0051);
        expect(out.accuracyMeters).toBe(into.accuracyMeters);
      });
    }),
    { numRuns: 50 },
  );
});

test('the frame of version 1 has not changed by a byte', () => {
  const bytes = encodeFixes([
    {
      lat: 52.5200066,
      lng: -13.404954,
      sequence: 258,
      atMs: 1_700_000_000_123,
      speedMps: 7.25,
      headingDegrees: 270.5,
      accuracyMeters: 12,
    },
  ]);
  expect(Buffer.from(bytes).toString('hex')).toBe(
    '0101c2ea4d1ffc9002f8020100007b68e5cf8b01d502aa690c00',
  );
});

test('a fix takes 24 bytes, and the largest frame fits the limit of couriers', () => {
  expect(FIX_BYTES).toBe(24);
  const most = Array.from({ length: FIXES_PER_FRAME_MAX }, emptyFix);
  expect(encodeFixes(most).byteLength).toBeLessThanOrEqual(COURIER_FRAME_BYTES_MAX);
});

test('any other bytes are no frame', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const count = fixCount(new DataView(bytes.slice().buffer));
      expect(count === 0 || bytes.length === 2 + count * FIX_BYTES).toBe(true);
    }),
  );
});

test('what does not fit its field is refused when it is encoded', () => {
  expect(() => encodeFixes([])).toThrow(RangeError);
  expect(() => encodeFixes([{ ...emptyFix(), lat: Number.NaN }])).toThrow(RangeError);
  expect(() => encodeFixes([{ ...emptyFix(), atMs: -1 }])).toThrow(RangeError);
  expect(() => encodeFixes([{ ...emptyFix(), sequence: 2 ** 32 }])).toThrow(RangeError);
});
