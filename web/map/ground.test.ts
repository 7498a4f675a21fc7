import { cellToLatLng, getResolution, latLngToCell } from 'h3-js';
import { expect, test } from 'vitest';
import { boundsOf, cellFeature, hexMesh, meshResolution } from './ground.ts';

const BERLIN = { south: 52.49, west: 13.35, north: 52.55, east: 13.47 };

test('the mesh covers the view with closed hexagons, [lng, lat], of the resolution', () => {
  const { features } = hexMesh(BERLIN, 8);
  expect(features.length).toBeGreaterThan(50);
  for (const { geometry } of features) {
    if (geometry.type !== 'Polygon') throw new Error(geometry.type);
    const [ring = []] = geometry.coordinates;
    expect(ring[0]).toEqual(ring.at(-1));
    expect(ring[0]?.[0]).toBeGreaterThan(13);
    expect(ring[0]?.[1]).toBeGreaterThan(52);
  }
});

test.each([10, 12, 14, 14.25, 15.6, 15.9, 18])(
  'at zoom %f a screen has a bounded number of cells',
  (zoom) => {
    // A screen of 2,000 by 1,200 pixels.
    const degreesLng = (2_000 / 512 / 2 ** zoom) * 360;
    const lat = (degreesLng * 0.6) / 2;
    const view = { south: 52 - lat, west: 13, north: 52 + lat, east: 13 + degreesLng };
    const { length } = hexMesh(view, meshResolution(zoom)).features;
    expect(length).toBeGreaterThan(20);
    expect(length).toBeLessThan(5_000);
  },
);

test('a view of the globe has no mesh', () => {
  expect(hexMesh({ south: -80, west: -170, north: 80, east: 170 }, 3).features).toEqual([]);
});

test('a cell is drawn around its own center', () => {
  const cell = latLngToCell(52.52, 13.4, 9);
  const { geometry } = cellFeature(cell);
  const ring = geometry.type === 'Polygon' ? (geometry.coordinates[0] ?? []) : [];
  const [lat, lng] = cellToLatLng(cell);
  const mean = (axis: 0 | 1): number =>
    ring.slice(1).reduce((sum, corner) => sum + (corner[axis] ?? 0), 0) / (ring.length - 1);
  expect(mean(0)).toBeCloseTo(lng, 4);
  expect(mean(1)).toBeCloseTo(lat, 4);
  expect(getResolution(cell)).toBe(9);
});

test('bounds hold every place; of none there are none', () => {
  expect(boundsOf([])).toBeNull();
  expect(
    boundsOf([
      { lat: 1, lng: 5 },
      { lat: -2, lng: 7 },
    ]),
  ).toEqual({
    south: -2,
    west: 5,
    north: 1,
    east: 7,
  });
});
