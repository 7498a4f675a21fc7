import { assert } from '../runtime/index.ts';
import { cellAt, isWellInside, sidesOf, type Cell, type CellSides } from './cells.ts';
import type { Place } from './place.ts';

interface Bucket {
  readonly cell: Cell;
  readonly sides: CellSides;
  readonly slots: Set<number>;
}

/** Which slots stand in which cell. A slot is in one bucket or in none; empty buckets are dropped. */
export class CellBuckets {
  readonly #byCell = new Map<Cell, Bucket>();
  /** By slot. */
  readonly #bucketOf: (Bucket | null)[] = [];
  #size = 0;

  /** Slots that stand somewhere. */
  get size(): number {
    return this.#size;
  }

  /** Cells in which a slot stands. */
  get cellCount(): number {
    return this.#byCell.size;
  }

  /**
   * The slot stands at this place, and no longer where it stood. Allocates only when the slot comes
   * to another cell.
   * @hot bench: index
   */
  put(slot: number, place: Place): void {
    const before = this.#bucketOf[slot] ?? null;
    if (before !== null && isWellInside(before.sides, place)) return;
    const cell = cellAt(place);
    if (before?.cell === cell) return;
    this.take(slot);
    const bucket = this.#byCell.get(cell) ?? this.#opened(cell);
    bucket.slots.add(slot);
    this.#bucketOf[slot] = bucket;
    this.#size += 1;
  }

  /** The slot stands nowhere. */
  take(slot: number): void {
    const bucket = this.#bucketOf[slot] ?? null;
    if (bucket === null) return;
    assert(bucket.slots.delete(slot), 'a slot is in its bucket');
    if (bucket.slots.size === 0) this.#byCell.delete(bucket.cell);
    this.#bucketOf[slot] = null;
    this.#size -= 1;
  }

  /** In no particular order. */
  slotsIn(cell: Cell): Iterable<number> {
    return this.#byCell.get(cell)?.slots ?? [];
  }

  /** In no particular order. */
  *allSlots(): Generator<number> {
    for (const { slots } of this.#byCell.values()) yield* slots;
  }

  #opened(cell: Cell): Bucket {
    const bucket = { cell, sides: sidesOf(cell), slots: new Set<number>() };
    this.#byCell.set(cell, bucket);
    return bucket;
  }
}
