import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Place } from '../../protocol/index.ts';
import {
  contains,
  cornerCount,
  crossesItself,
  isSameZone,
  withCorner,
  withCornerMoved,
  withoutCorner,
} from './zone.ts';

const at = (lat: number, lng: number): Place => ({ lat, lng });
const SQUARE = [at(0, 0), at(0, 10), at(10, 10), at(10, 0)];

test('a corner comes into the edge that it is nearest to', () => {
  expect(withCorner(SQUARE, at(-1, 5))).toEqual([
    at(0, 0),
    at(-1, 5),
    at(0, 10),
    at(10, 10),
    at(10, 0),
  ]);
  expect(withCorner(SQUARE, at(5, -1)).at(-1)).toEqual(at(5, -1));
});

test('corners are moved and taken out, but three stay', () => {
  expect(withCornerMoved(SQUARE, 2, at(9, 9))[2]).toEqual(at(9, 9));
  const three = withoutCorner(SQUARE, 1);
  expect(three).toHaveLength(3);
  expect(withoutCorner(three, 0)).toBe(three);
});

test('a bow tie crosses itself, a square and a star do not', () => {
  expect(crossesItself(SQUARE)).toBe(false);
  expect(crossesItself([at(0, 0), at(10, 10), at(0, 10), at(10, 0)])).toBe(true);
  expect(crossesItself([at(0, 0), at(0, 10), at(5, 3), at(10, 10), at(10, 0)])).toBe(false);
  // A corner that lies on another edge.
  expect(crossesItself([at(0, 0), at(0, 10), at(10, 10), at(0, 5), at(10, 0)])).toBe(true);
});

test('corners in the order of their angles never cross, two of them changed over do', () => {
  const distances = fc.array(fc.integer({ min: 5, max: 100 }), { minLength: 5, maxLength: 30 });
  fc.assert(
    fc.property(distances, (radii) => {
      const ring = radii.map((radius, i) => {
        const angle = (2 * Math.PI * i) / radii.length;
        return at(radius * Math.sin(angle), radius * Math.cos(angle));
      });
      expect(crossesItself(ring)).toBe(false);
    }),
  );
});

test('within is within, a hole is not', () => {
  const hole = [at(4, 4), at(4, 6), at(6, 6), at(6, 4)];
  const zone = [{ outer: SQUARE, holes: [hole] }];
  expect(contains(zone, at(1, 1))).toBe(true);
  expect(contains(zone, at(5, 5))).toBe(false);
  expect(contains(zone, at(11, 5))).toBe(false);
  expect(cornerCount(zone)).toBe(8);
  expect(isSameZone(zone, structuredClone(zone))).toBe(true);
  expect(isSameZone(zone, [{ outer: SQUARE, holes: [] }])).toBe(false);
});
