import { CELL_RESOLUTION, cellAt, parentOf, type Cell } from './cells.ts';
import type { CourierIndex } from './courier-index.ts';
import type { Place } from './place.ts';

/** Supply and demand in one H3 cell. */
export interface HeatCell {
  readonly cell: Cell;
  /** Couriers who may be given an order now, and the others. */
  readonly available: number;
  readonly busy: number;
  /** Orders that wait for a courier; they count where they are picked up. */
  readonly waiting: number;
}

/** Orders that wait at one place. */
export interface Demand extends Place {
  readonly orders: number;
}

export interface HeatTerms {
  /** Of H3, at most CELL_RESOLUTION. A coarse cell is the sum of those of CELL_RESOLUTION in it. */
  readonly resolution: number;
  /** Couriers who were last heard of before are not counted. */
  readonly sinceMs: number;
  readonly cellsMax: number;
}

/**
 * Where couriers are and where they are wanted: the cells with most waiting orders first, then those
 * with most couriers; empty ones are left out. O(couriers).
 * @returns not `isWhole` when there are more than `cellsMax`
 */
export function heatByCell(
  index: CourierIndex,
  demand: Iterable<Demand>,
  { resolution, sinceMs, cellsMax }: HeatTerms,
): { readonly cells: readonly HeatCell[]; readonly isWhole: boolean } {
  const heat = new Map<Cell, { available: number; busy: number; waiting: number }>();
  const at = (cell: Cell): { available: number; busy: number; waiting: number } => {
    const coarse = resolution === CELL_RESOLUTION ? cell : parentOf(cell, resolution);
    const known = heat.get(coarse) ?? { available: 0, busy: 0, waiting: 0 };
    heat.set(coarse, known);
    return known;
  };
  for (const [cell, { available, busy }] of index.supplyByCell(sinceMs)) {
    const sum = at(cell);
    sum.available += available;
    sum.busy += busy;
  }
  for (const place of demand) at(cellAt(place)).waiting += place.orders;
  const cells = [...heat].map(([cell, counts]) => ({ cell, ...counts }));
  cells.sort(
    (a, b) =>
      b.waiting - a.waiting ||
      b.available + b.busy - a.available - a.busy ||
      (a.cell < b.cell ? -1 : 1),
  );
  return { cells: cells.slice(0, cellsMax), isWhole: cells.length <= cellsMax };
}
