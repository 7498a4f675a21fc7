import { getHexagonEdgeLengthAvg, gridRing, latLngToCell, UNITS } from 'h3-js';
import type { Place } from './place.ts';

/** The only file that knows h3-js. A cell is H3's index as text, such as `881f1d4887fffff`. */
export type Cell = string;

/** Cells of about 0.74 km², 0.53 km from centre to corner: a few couriers in each in a busy city. */
const CELL_RESOLUTION = 8;

/**
 * No edge of a cell is shorter. The shortest that was found, next to a pentagon, has 0.744 of the
 * average length; the rest is for the uneven shape of such cells.
 */
const CELL_EDGE_METERS_MIN = getHexagonEdgeLengthAvg(CELL_RESOLUTION, UNITS.m) * 0.6;

/**
 * Everything nearer than this to a place lies within `rings` rings around the place's cell. Rows of
 * hexagons lie 1.5 edges apart; half an edge is lost at the jagged rim, one in the place's own cell.
 */
export function coveredMeters(rings: number): number {
  return Math.max(0, 1.5 * rings - 0.5) * CELL_EDGE_METERS_MIN;
}

export function cellAt(place: Place): Cell {
  return latLngToCell(place.lat, place.lng, CELL_RESOLUTION);
}

/** The cells exactly `ring` steps away: 6 `ring` of them, fewer around the globe's 12 pentagons. */
export function cellsInRing(center: Cell, ring: number): Cell[] {
  return gridRing(center, ring);
}
