import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFixes, FIX_FRAME_HEADER_BYTES, type Fix } from './fix-frame.ts';
import {
  FIX_FRAME_LAYOUT,
  POSITION_FRAME_LAYOUT,
  type FrameField,
  type FrameLayout,
} from './frame-layouts.ts';
import { newPositionFrame, readPosition, writePosition } from './position-frame.ts';

/** Reads a field as somebody would who has only the document. */
function read(view: DataView, { at, type, times = 1 }: FrameField): unknown {
  switch (type) {
    case 'u8':
      return view.getUint8(at);
    case 'u16':
      return view.getUint16(at, true) / times;
    case 'i32':
      return view.getInt32(at, true) / times;
    case 'u32':
      return view.getUint32(at, true);
    case 'u48':
      return view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32;
    case 'uuid':
      return Buffer.from(view.buffer, at, 16).toString('hex');
    case 'ascii':
      return Buffer.from(view.buffer, at).toString('ascii');
  }
}

function readAll(view: DataView, fields: FrameLayout['fields']): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.name, read(view, field)]));
}

const hundredths = (max: number) => fc.integer({ min: 0, max }).map((n) => n / 100);
const place = {
  lat: fc.integer({ min: -90e7, max: 90e7 }).map((n) => n / 1e7),
  lng: fc.integer({ min: -180e7, max: 180e7 }).map((n) => n / 1e7),
};
const motion = {
  atMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  speedMps: hundredths(65_500),
  headingDegrees: hundredths(35_999),
};
const fix: fc.Arbitrary<Fix> = fc.record({
  ...place,
  ...motion,
  sequence: fc.nat({ max: 0xffff_ffff }),
  accuracyMeters: fc.integer({ min: 0, max: 255 }),
});

test('who reads by the documented layout reads the fixes that were written', () => {
  fc.assert(
    fc.property(fc.array(fix, { minLength: 1, maxLength: 170 }), (fixes) => {
      const { fields, repeated = { bytes: 0, fields: [] } } = FIX_FRAME_LAYOUT;
      const { buffer } = encodeFixes(fixes);
      expect(readAll(new DataView(buffer), fields)).toEqual({ kind: 1, count: fixes.length });
      const seen = fixes.map((_, i) =>
        readAll(
          new DataView(buffer, FIX_FRAME_HEADER_BYTES + i * repeated.bytes, repeated.bytes),
          repeated.fields,
        ),
      );
      expect(seen).toEqual(fixes.map((each) => ({ ...each, reserved: 0 })));
    }),
    { numRuns: 50 },
  );
});

test('who reads by the documented layout reads the position that was written', () => {
  const courierId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);
  fc.assert(
    fc.property(
      fc.record({ ...place, ...motion }),
      fc.nat({ max: 0xffff_ffff }),
      fc.uuid(),
      courierId,
      (position, etaSeconds, orderId, courierId) => {
        const frame = newPositionFrame(orderId, courierId);
        const view = new DataView(frame.buffer);
        writePosition(view, position, etaSeconds);
        expect(readAll(view, POSITION_FRAME_LAYOUT.fields)).toEqual({
          kind: 2,
          idLength: courierId.length,
          ...position,
          etaSeconds,
          orderId: orderId.replaceAll('-', ''),
          courierId,
        });
        expect(readPosition(frame)).toMatchObject({ ...position, etaSeconds, orderId, courierId });
      },
    ),
  );
});
