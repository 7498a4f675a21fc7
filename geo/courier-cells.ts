import {
  cellAt,
  CELL_RESOLUTION,
  isWellInside,
  sidesOf,
  type Cell,
  type CellSides,
} from './cells.ts';
import type { Place } from './place.ts';

interface KnownCell {
  readonly cell: Cell;
  readonly sides: CellSides;
}

/** Some cities full; beyond it all are forgotten and found again. */
const KNOWN_MAX = 20_000;

/**
 * The H3 cells that couriers were last asked for. As long as a courier has certainly not left its cell
 * the answer costs a tenth of asking H3. Nothing is done when couriers move.
 */
export class CourierCells {
  readonly #known = new Map<Cell, KnownCell>();
  /** By slot. */
  readonly #last: (KnownCell | undefined)[] = [];
  readonly #resolution: number;

  constructor(resolution: number = CELL_RESOLUTION) {
    this.#resolution = resolution;
  }

  /** @param place where the slot's courier is */
  cellOf(slot: number, place: Place): Cell {
    const last = this.#last[slot];
    if (last !== undefined && isWellInside(last.sides, place)) return last.cell;
    const cell = cellAt(place, this.#resolution);
    const known = this.#known.get(cell) ?? this.#learn(cell);
    this.#last[slot] = known;
    return cell;
  }

  #learn(cell: Cell): KnownCell {
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    const known = { cell, sides: sidesOf(cell) };
    this.#known.set(cell, known);
    return known;
  }
}
