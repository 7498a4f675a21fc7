import { cellToBoundary, cellToParent, gridDisk, latLngToCell } from 'h3-js';
import type { Box } from './grid.ts';
import { unitVector, type Place } from './place.ts';

/** The only file that knows h3-js. A cell is H3's index as text, such as `881f1d4887fffff`. */
export type Cell = string;

/**
 * The sides of a cell: for each the x, y, z of the unit vector that stands upright on the plane of
 * its great circle and points to the cell's side of it.
 */
export type CellSides = Float64Array;

/** Cells of about 0.74 km², 0.53 km from centre to corner: a few couriers in each in a busy city. */
export const CELL_RESOLUTION = 8;
/** From so near to a pole a cell may hold the pole, and all meridians with it. */
const POLAR_DEGREES = 89.9;
/** Sides are arcs, and a hair outside the box of their ends; of the box's size. */
const BULGE = 0.05;

/** One metre on the unit sphere: nearer to a side than that, H3 is asked. */
const SIDE_MARGIN = 1.6e-7;

export function cellAt(place: Place, resolution: number = CELL_RESOLUTION): Cell {
  return latLngToCell(place.lat, place.lng, resolution);
}

/** The cell of a coarser resolution to which this one is counted; at its edge some lie half outside. */
export function parentOf(cell: Cell, resolution: number): Cell {
  return cellToParent(cell, resolution);
}

/** The cell, and all that touch it. */
export function withNeighbors(cell: Cell): Cell[] {
  return gridDisk(cell, 1);
}

/** Holds the whole cell, and a little more. */
export function boxOf(cell: Cell): Box {
  const corners = cellToBoundary(cell);
  const lats = corners.map(([lat]) => lat);
  const [first = 0] = corners.map(([, lng]) => lng);
  // Beyond the antimeridian degrees are counted on.
  const lngs = corners.map(([, lng]) => lng + 360 * Math.round((first - lng) / 360));
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  if (north > POLAR_DEGREES) return { south: south - BULGE, west: -180, north: 90, east: 180 };
  if (south < -POLAR_DEGREES) return { south: -90, west: -180, north: north + BULGE, east: 180 };
  const [west, east] = [Math.min(...lngs), Math.max(...lngs)];
  const [slackLat, slackLng] = [(north - south) * BULGE, (east - west) * BULGE];
  return {
    south: south - slackLat,
    west: west - slackLng,
    north: north + slackLat,
    east: east + slackLng,
  };
}

/** H3 lists corners counterclockwise, so the cell is on the left of each side. */
export function sidesOf(cell: Cell): CellSides {
  const corners = cellToBoundary(cell).map(([lat, lng]) => unitVector({ lat, lng }));
  const normals = corners.map(([ax, ay, az], i) => {
    const [bx, by, bz] = corners[(i + 1) % corners.length] ?? [ax, ay, az];
    const normal = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx] as const;
    const length = Math.hypot(...normal);
    return normal.map((part) => part / length);
  });
  return Float64Array.from(normals.flat());
}

/**
 * True: the place is in the cell. False: it may be elsewhere, ask `cellAt`. Ten times as fast as
 * that, and makes no garbage: most fixes stay in the cell of the one before.
 * @hot bench: index
 */
export function isWellInside(sides: CellSides, place: Place): boolean {
  const lat = (place.lat * Math.PI) / 180;
  const lng = (place.lng * Math.PI) / 180;
  const x = Math.cos(lat) * Math.cos(lng);
  const y = Math.cos(lat) * Math.sin(lng);
  const z = Math.sin(lat);
  for (let i = 0; i < sides.length; i += 3) {
    const aboveSide =
      (sides[i] as number) * x + (sides[i + 1] as number) * y + (sides[i + 2] as number) * z;
    if (aboveSide < SIDE_MARGIN) return false;
  }
  return true;
}
