import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapLng, type Place } from './place.ts';
import { Zone } from './zone.ts';

const square = (south: number, west: number, size: number): Place[] => [
  { lat: south, lng: west },
  { lat: south, lng: west + size },
  { lat: south + size, lng: west + size },
  { lat: south + size, lng: west },
];

const wrapped = ({ lat, lng }: Place): Place => ({ lat, lng: wrapLng(lng) });

test('inside is inside, a hole is outside, and polygons add up', () => {
  const zone = new Zone([
    { outer: square(50, 10, 4), holes: [square(51, 11, 1)] },
    { outer: square(60, 20, 1), holes: [] },
  ]);
  expect(zone.contains({ lat: 50.5, lng: 10.5 })).toBe(true);
  expect(zone.contains({ lat: 51.5, lng: 11.5 })).toBe(false);
  expect(zone.contains({ lat: 60.5, lng: 20.5 })).toBe(true);
  expect(zone.contains({ lat: 55, lng: 15 })).toBe(false);
  expect(zone.contains({ lat: Number.NaN, lng: 10.5 })).toBe(false);
});

test('a zone across the antimeridian is one piece, however its corners are written', () => {
  const fiji = [
    { lat: -20, lng: 177 },
    { lat: -20, lng: -178 },
    { lat: -15, lng: -178 },
    { lat: -15, lng: 177 },
  ];
  for (const outer of [fiji, fiji.toReversed(), [...fiji.slice(2), ...fiji.slice(0, 2)]]) {
    const zone = new Zone([{ outer, holes: [] }]);
    expect(zone.contains({ lat: -17, lng: 179 })).toBe(true);
    expect(zone.contains({ lat: -17, lng: -179 })).toBe(true);
    expect(zone.contains({ lat: -17, lng: 180 })).toBe(true);
    expect(zone.contains({ lat: -17, lng: -180 })).toBe(true);
    expect(zone.contains({ lat: -17, lng: 176 })).toBe(false);
    expect(zone.contains({ lat: -17, lng: 0 })).toBe(false);
  }
});

test('a hole beyond the antimeridian is a hole, on whichever side its corners are written', () => {
  const outer = [
    { lat: -20, lng: 177 },
    { lat: -20, lng: -178 },
    { lat: -15, lng: -178 },
    { lat: -15, lng: 177 },
  ];
  for (const west of [177.5, 178, -179.5]) {
    const hole = square(-18, west, 1);
    const zone = new Zone([{ outer, holes: [hole] }]);
    expect(zone.contains({ lat: -17.5, lng: west + 0.5 })).toBe(false);
    expect(zone.contains({ lat: -19, lng: west + 0.5 })).toBe(true);
    expect(zone.contains({ lat: -17.5, lng: 177.2 })).toBe(true);
    expect(zone.contains({ lat: -17.5, lng: -178.2 })).toBe(true);
  }
});

test('a ring around a pole contains the pole, whichever way it goes', () => {
  const ring = [0, 90, 180, -90].map((lng) => ({ lat: 80, lng }));
  const everywhere = [-180, -135, -90, -1, 0, 60, 90, 179, 180];
  for (const outer of [ring, ring.toReversed(), [...ring.slice(3), ...ring.slice(0, 3)]]) {
    const north = new Zone([{ outer, holes: [] }]);
    const south = new Zone([
      { outer: outer.map(({ lat, lng }) => ({ lat: -lat, lng })), holes: [] },
    ]);
    for (const lng of everywhere) {
      const answers = [90, 85, 79, -79, -85, -90].map((lat) => north.contains({ lat, lng }));
      expect(answers).toEqual([true, true, false, false, false, false]);
      const mirrored = [90, 85, 79, -79, -85, -90].map((lat) => south.contains({ lat, lng }));
      expect(mirrored).toEqual([false, false, false, false, true, true]);
    }
  }
});

/** The angle that the ring turns around the place; another way to ask than the one in use. */
function windingNumber(ring: readonly Place[], place: Place): number {
  const angles = ring.map(({ lat, lng }) => Math.atan2(lat - place.lat, lng - place.lng));
  const turns = angles.map((angle, i) => {
    const step = (angles[(i + 1) % angles.length] ?? 0) - angle;
    return Math.atan2(Math.sin(step), Math.cos(step));
  });
  return Math.round(turns.reduce((sum, turn) => sum + turn, 0) / (2 * Math.PI));
}

test('a star of any shape contains what its ring goes around', () => {
  const radii = fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), {
    minLength: 3,
    maxLength: 40,
  });
  const offset = fc.double({ min: -1.2, max: 1.2, noNaN: true });
  fc.assert(
    fc.property(radii, offset, offset, (lengths, north, east) => {
      const outer = lengths.map((length, i) => {
        const angle = (2 * Math.PI * i) / lengths.length;
        return { lat: 50 + length * Math.sin(angle), lng: 10 + length * Math.cos(angle) };
      });
      const place = { lat: 50 + north, lng: 10 + east };
      const zone = new Zone([{ outer, holes: [] }]);
      expect(zone.contains(place)).toBe(windingNumber(outer, place) !== 0);
    }),
  );
});

test('holes anywhere, at any longitude: inside is in the ring and not in a hole', () => {
  const box = fc.record({
    south: fc.integer({ min: 1, max: 8 }),
    west: fc.integer({ min: 1, max: 8 }),
  });
  const boxes = fc.uniqueArray(box, { selector: ({ west }) => west, maxLength: 5 });
  // Between whole degrees, so never on an edge.
  const at = fc.integer({ min: -2, max: 42 }).map((n) => (n + 0.5) / 4);
  const west = fc.constantFrom(10, 172, 175, 179, -180, -175, -5);
  fc.assert(
    fc.property(west, boxes, fc.tuple(at, at), (left, holes, [north, east]) => {
      const zone = new Zone([
        {
          outer: square(50, left, 10).map(wrapped),
          holes: holes.map((hole) => square(50 + hole.south, left + hole.west, 1).map(wrapped)),
        },
      ]);
      const isIn = (from: { south: number; west: number }, size: number): boolean =>
        north > from.south &&
        north < from.south + size &&
        east > from.west &&
        east < from.west + size;
      const expected = isIn({ south: 0, west: 0 }, 10) && !holes.some((hole) => isIn(hole, 1));
      expect(zone.contains(wrapped({ lat: 50 + north, lng: left + east }))).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('a ring that is none is refused', () => {
  expect(() => new Zone([{ outer: square(0, 0, 1).slice(0, 2), holes: [] }])).toThrow('three');
  expect(() => new Zone([{ outer: [...square(0, 0, 1), { lat: 99, lng: 0 }], holes: [] }])).toThrow(
    'places',
  );
});
