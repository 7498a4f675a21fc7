import { latLngToCell, polygonToCells } from 'h3-js';
import { expect, test } from 'vitest';
import { watchedArea, type Area } from './watched-area.ts';

const view = (degrees: number): Area => ({
  south: 52.5 - degrees / 2,
  west: 13.4 - degrees,
  north: 52.5 + degrees / 2,
  east: 13.4 + degrees,
});

/** As the engine counts them: those that the area touches. */
function cellsIn({ south, west, north, east }: Area): number {
  const ring = [
    [south, west],
    [south, east],
    [north, east],
    [north, west],
  ];
  const cells = new Set(polygonToCells(ring, 7));
  for (let i = 0; i <= 200; i++) {
    const part = i / 200;
    const lat = south + (north - south) * part;
    const lng = west + (east - west) * part;
    const edges = [
      [lat, west],
      [lat, east],
      [south, lng],
      [north, lng],
    ] as const;
    for (const [edgeLat, edgeLng] of edges) cells.add(latLngToCell(edgeLat, edgeLng, 7));
  }
  return cells.size;
}

test('a small view is watched with a bit around it', () => {
  const { area, isCut } = watchedArea(view(0.1));
  expect(isCut).toBe(false);
  expect(area.north - area.south).toBeCloseTo(0.15, 6);
  expect(area.east - area.west).toBeCloseTo(0.3, 6);
});

test.each([0.2, 0.25, 0.5, 1, 20])(
  'a view of %f degrees is cut to what the engine takes',
  (degrees) => {
    const { area } = watchedArea(view(degrees));
    expect(cellsIn(area)).toBeLessThanOrEqual(256);
    expect((area.south + area.north) / 2).toBeCloseTo(52.5, 6);
  },
);

test('of the whole world the middle is watched, and it is said so', () => {
  const { area, isCut } = watchedArea({ south: -85, west: -180, north: 85, east: 180 });
  expect(isCut).toBe(true);
  expect(area.south).toBeGreaterThan(-1);
});
