import { boxOf, cellAt, withNeighbors, type Cell } from './cells.ts';
import type { CourierCells } from './courier-cells.ts';
import { CourierFilter } from './courier-filter.ts';
import type { Box } from './grid.ts';
import type { Hits, Viewport } from './hits.ts';
import type { Sighting } from './slots.ts';

/** Cells of the map, about 5.2 km²: gateway/live-map/ says why. */
export const MAP_RESOLUTION = 7;

/** A cell by which maps are told of couriers. */
export interface MapCell {
  readonly cell: Cell;
  /** Holds the whole cell. */
  readonly box: Box;
}

/**
 * The cells that an area touches, and now and then one beyond its corners.
 * @param area `west` > `east`: it lies across the antimeridian
 * @param cellsMax more are not looked for: each costs 20 us
 * @returns null when there are more
 */
export function mapCellsIn(area: Viewport, cellsMax: number): MapCell[] | null {
  const { west, east } = area;
  const wanted = east < west ? { ...area, east: east + 360 } : area;
  // Cells that touch the area hang together, so each is a neighbour of one that was found before.
  const first = cellAt({ lat: area.south, lng: west }, MAP_RESOLUTION);
  const seen = new Set<Cell>([first]);
  const found: MapCell[] = [];
  for (const cell of seen) {
    const box = boxOf(cell);
    if (!overlaps(box, wanted)) continue;
    if (found.length === cellsMax) return null;
    found.push({ cell, box });
    for (const near of withNeighbors(cell)) seen.add(near);
  }
  return found;
}

/** Meridians are the same after a turn. */
function overlaps(box: Box, area: Box): boolean {
  if (box.south > area.north || box.north < area.south) return false;
  return [-360, 0, 360].some(
    (turn) => box.west + turn <= area.east && box.east + turn >= area.west,
  );
}

/** Everybody in a cell of the map, in no order. */
export class CellHits implements Hits {
  readonly found: { readonly slot: number; readonly status: number }[] = [];
  readonly filter: CourierFilter = new CourierFilter({}, new Set());
  readonly #cell: MapCell;
  readonly #cells: CourierCells;
  #isSeen = false;

  /** @param cells of MAP_RESOLUTION */
  constructor(cell: MapCell, cells: CourierCells) {
    this.#cell = cell;
    this.#cells = cells;
  }

  reset(): void {
    this.found.length = 0;
    this.#isSeen = false;
  }

  nextBox(): Box | null {
    if (this.#isSeen) return null;
    this.#isSeen = true;
    return this.#cell.box;
  }

  offer(sighting: Sighting): void {
    if (this.#cells.cellOf(sighting.slot, sighting) !== this.#cell.cell) return;
    this.found.push({ slot: sighting.slot, status: sighting.status });
  }
}
