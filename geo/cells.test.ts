import fc from 'fast-check';
import { cellToLatLng, getPentagons } from 'h3-js';
import { expect, test } from 'vitest';
import { cellAt, isWellInside, sidesOf } from './cells.ts';
import { wrapLng, type Place } from './place.ts';

const toPlace = ([lat = 0, lng = 0]: number[]): Place => ({ lat, lng });

/** Anywhere on the globe, and often near one of its pentagons, where cells are least even. */
const anywhere: fc.Arbitrary<Place> = fc.oneof(
  fc.record({
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lng: fc.double({ min: -180, max: 180, noNaN: true }),
  }),
  fc
    .tuple(
      fc.constantFrom(...getPentagons(8).map((cell) => toPlace(cellToLatLng(cell)))),
      fc.double({ min: -0.03, max: 0.03, noNaN: true }),
      fc.double({ min: -0.03, max: 0.03, noNaN: true }),
    )
    .map(([{ lat, lng }, north, east]) => ({ lat: lat + north, lng: wrapLng(lng + east) })),
);

test('what is well inside the sides of a cell is in the cell, as is its centre', () => {
  const step = fc.double({ min: -0.01, max: 0.01, noNaN: true });
  fc.assert(
    fc.property(anywhere, step, step, (place, north, east) => {
      const cell = cellAt(place);
      const sides = sidesOf(cell);
      expect(isWellInside(sides, toPlace(cellToLatLng(cell)))).toBe(true);
      const lat = Math.max(-90, Math.min(90, place.lat + north));
      const other = { lat, lng: wrapLng(place.lng + east) };
      expect(isWellInside(sides, other) && cellAt(other) !== cell).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});
