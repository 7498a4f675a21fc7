import { columnsIn, columnsOf, rowAt, tileNumber, type Box, type ColumnSpan } from './grid.ts';
import type { Hits } from './hits.ts';
import { NEXT, TILE, WORDS } from './courier-memory.ts';
import type { CourierSlots, Sighting } from './slots.ts';
import { AVAILABLE, BUSY, type TileList, type TileLists } from './tile-lists.ts';

/** A walk that the writer disturbed is made again so often; then all slots are looked at. */
const WALKS_MAX = 4;
/** Looking at an empty tile costs about what looking at a courier does. */
const TILES_SPARE = 64;

/** How searches of this thread went; grows only. */
export interface SearchCounts {
  /** Walks that were made again because lists had changed. */
  disturbed: number;
  /** Searches that looked at all slots: few couriers, a large area, or disturbed too often. */
  scans: number;
}

/**
 * Finds couriers, in any thread. It walks the lists of tiles, nearer ones first, and begins anew when
 * the writer has changed a list meanwhile. When that keeps happening, or there are more tiles to look
 * at than couriers, it looks at every slot, which needs no list. Both give exact answers.
 */
export class CourierSearch {
  readonly counts: SearchCounts = { disturbed: 0, scans: 0 };
  readonly #slots: CourierSlots;
  readonly #lists: TileLists;
  readonly #sighting: Sighting = { slot: 0, lat: 0, lng: 0, status: 0 };
  readonly #span: ColumnSpan = { first: 0, last: 0 };
  /** Of the walk under way. */
  #version = 0;
  #tilesLeft = 0;

  constructor(slots: CourierSlots, lists: TileLists) {
    this.#slots = slots;
    this.#lists = lists;
  }

  /** Fills `hits`: of whole fixes always, and exactly when no courier moves meanwhile. */
  run(hits: Hits): void {
    for (let walks = 0; walks < WALKS_MAX; walks++) {
      this.#version = this.#lists.quietVersion();
      this.#slots.follow();
      this.#lists.follow();
      this.#tilesLeft = this.#lists.standing + TILES_SPARE;
      hits.reset();
      const isWhole = (this.#version & 1) === 0 && this.#walk(hits);
      if (isWhole && this.#lists.isStill(this.#version)) return;
      if (this.#tilesLeft < 0) break;
      this.counts.disturbed += 1;
    }
    this.counts.scans += 1;
    hits.reset();
    this.#scan(hits);
  }

  #scan(hits: Hits): void {
    this.#slots.follow();
    const { used } = this.#slots;
    for (let slot = 0; slot < used; slot++) this.#meet(slot, hits);
  }

  /** @returns false when it was disturbed, or there are too many tiles (`tilesLeft` < 0) */
  #walk(hits: Hits): boolean {
    let seen: Box | null = null;
    for (let box = hits.nextBox(); box !== null; box = hits.nextBox()) {
      const last = rowAt(box.north);
      for (let row = rowAt(box.south); row <= last; row++) {
        if (!this.#walkRow(row, box, seen, hits)) return false;
      }
      seen = box;
    }
    return true;
  }

  /** The columns of a row that are in the box and were not in the one before, which it holds. */
  #walkRow(row: number, box: Box, seen: Box | null, hits: Hits): boolean {
    const span = this.#span;
    columnsOf(row, box, span);
    const { first, last } = span;
    const isNew = seen === null || row < rowAt(seen.south) || row > rowAt(seen.north);
    if (isNew) return this.#walkTiles(row, first, last, hits);
    columnsOf(row, seen, span);
    const columns = columnsIn(row);
    const isAllAround = last - first + 1 === columns;
    // All around the globe: on from where the box before has ended to where it began.
    if (isAllAround) return this.#walkTiles(row, span.last + 1, span.first - 1 + columns, hits);
    return (
      this.#walkTiles(row, first, span.first - 1, hits) &&
      this.#walkTiles(row, span.last + 1, last, hits)
    );
  }

  #walkTiles(row: number, first: number, last: number, hits: Hits): boolean {
    const { availableOnly } = hits.filter;
    for (let column = first; column <= last; column++) {
      this.#tilesLeft -= 1;
      if (this.#tilesLeft < 0) return false;
      const tile = tileNumber(row, column);
      if (!this.#walkList(tile, AVAILABLE, hits)) return false;
      if (!availableOnly && !this.#walkList(tile, BUSY, hits)) return false;
    }
    return true;
  }

  #walkList(tile: number, list: TileList, hits: Hits): boolean {
    const { words, capacity } = this.#slots;
    for (let link = this.#lists.first(tile, list); link !== 0;) {
      // Before each step: links that are being changed may lead around in a circle.
      if (link > capacity || this.#lists.version !== this.#version) return false;
      const at = (link - 1) * WORDS;
      if (words[at + TILE] === tile) this.#meet(link - 1, hits);
      link = words[at + NEXT] as number;
    }
    return true;
  }

  #meet(slot: number, hits: Hits): void {
    this.#slots.look(slot, this.#sighting);
    if (hits.filter.accepts(this.#sighting)) hits.offer(this.#sighting);
  }
}
