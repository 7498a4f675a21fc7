import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellAt } from './cells.ts';
import { CourierIndex } from './courier-index.ts';
import { anywhere, near, positionAt } from './courier.test-kit.ts';
import { MAP_RESOLUTION, mapCellsIn } from './map-cells.ts';
import { wrapLng, type Place } from './place.ts';

const CELLS_MAX = 2_000;

/** A corner, how far it is to the other, and where in between something is. */
const scene = fc.record({
  corner: fc.oneof(near(0.2), anywhere),
  height: fc.double({ min: 0, max: 0.2, noNaN: true }),
  width: fc.double({ min: 0, max: 0.2, noNaN: true }),
  up: fc.double({ min: 0, max: 1, noNaN: true }),
  along: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('every place of an area is in one of its cells, wherever on the globe', () => {
  fc.assert(
    fc.property(scene, ({ corner, height, width, up, along }) => {
      const north = Math.min(90, corner.lat + height);
      const east = wrapLng(corner.lng + width);
      const area = { south: corner.lat, west: corner.lng, north, east };
      const place = {
        lat: corner.lat + up * (north - corner.lat),
        lng: wrapLng(corner.lng + along * width),
      };
      const cells = mapCellsIn(area, CELLS_MAX);
      expect(cells?.map(({ cell }) => cell)).toContain(cellAt(place, MAP_RESOLUTION));
    }),
  );
});

test('an area of more cells than allowed has none, and the smallest has few', () => {
  const berlin = { south: 52.4, west: 13.2, north: 52.6, east: 13.6 };
  const cells = mapCellsIn(berlin, CELLS_MAX)?.length ?? 0;
  // 22 by 27 km; the cells at the border lie half outside.
  expect(cells).toBeGreaterThan(594 / 5.2);
  expect(cells).toBeLessThan((26 * 31) / 4.5);
  expect(mapCellsIn(berlin, cells)).toHaveLength(cells);
  expect(mapCellsIn(berlin, cells - 1)).toBeNull();
  expect(mapCellsIn({ south: -90, west: -180, north: 90, east: 180 }, 512)).toBeNull();
  const point = { south: 52.5, west: 13.4, north: 52.5, east: 13.4 };
  expect(mapCellsIn(point, CELLS_MAX)?.length).toBeLessThan(4);
});

test('a cell of the map has those who are in it now, and who was heard of lately', () => {
  const moves = fc.array(
    fc.record({
      courier: fc.integer({ min: 0, max: 9 }),
      place: near(0.03),
      atMs: fc.integer({ min: 1, max: 9 }),
    }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(moves, fc.integer({ min: 1, max: 9 }), (steps, sinceMs) => {
      const index = new CourierIndex();
      const last = new Map<string, Place & { readonly atMs: number }>();
      for (const { courier, place, atMs } of steps) {
        index.move(`k${courier}`, positionAt(place, atMs));
        index.setAvailable(`k${courier}`, courier % 2 === 0);
        last.set(`k${courier}`, { ...place, atMs });
        const [south, west] = [place.lat, place.lng];
        for (const cell of mapCellsIn({ south, west, north: south, east: west }, 20) ?? []) {
          const found = index.inMapCell(cell, sinceMs);
          const expected = [...last].filter(
            ([, where]) => where.atMs >= sinceMs && cellAt(where, MAP_RESOLUTION) === cell.cell,
          );
          expect(found.map(({ courierId }) => courierId).toSorted()).toEqual(
            expected.map(([courierId]) => courierId).toSorted(),
          );
          for (const { courierId, available } of found) {
            expect(available).toBe(index.isAvailable(courierId));
          }
        }
      }
    }),
  );
});
