import { assert } from '../runtime/index.ts';
import { CourierFilter, type CourierTerms } from './courier-filter.ts';
import type { CourierMemory } from './courier-memory.ts';
import { CourierSearch, type SearchCounts } from './courier-search.ts';
import { generationOf } from './courier-status.ts';
import { CircleHits, NearestHits, ViewportHits, type Viewport } from './hits.ts';
import { isPlace, type Place } from './place.ts';
import { CourierSlots, type CourierPosition } from './slots.ts';
import { TileLists } from './tile-lists.ts';

/** A courier as other threads know it. */
export interface FoundSlot {
  readonly slot: number;
  /** Another once the slot is another courier's. */
  readonly generation: number;
}

export interface NearbySlot extends FoundSlot {
  /** Great-circle distance from the place that was asked about. */
  readonly meters: number;
}

/** Whom a search by distance may find. */
export interface SlotSearchOptions extends CourierTerms {
  /** None farther away. */
  readonly maxMeters: number;
  /** These slots are passed over. */
  readonly exclude?: ReadonlySet<number>;
}

const NO_SLOTS: ReadonlySet<number> = new Set();

/**
 * The courier index of a city, read in another thread than the one that writes it: the same searches
 * without a lock. Answers are slots, because ids stay with the writer. A courier that moves while it
 * is searched for is found where it was or where it is.
 */
export class CourierReader {
  readonly #slots: CourierSlots;
  readonly #search: CourierSearch;

  /** @param memory of the writer's `CourierIndex` */
  constructor(memory: CourierMemory) {
    this.#slots = new CourierSlots(memory, 'reader');
    this.#search = new CourierSearch(this.#slots, new TileLists(this.#slots));
  }

  get counts(): Readonly<SearchCounts> {
    return this.#search.counts;
  }

  /** A whole fix. @returns false when the slot has no position */
  read(slot: number, into: CourierPosition): boolean {
    return this.#slots.read(slot, into);
  }

  /** Compared with a hit's it tells whether the slot is still the same courier's. */
  generation(slot: number): number {
    return generationOf(this.#slots.status(slot));
  }

  /**
   * The nearest couriers, nearest first; of two equally far the smaller slot first.
   * @param k at most so many
   * @throws AssertionFailed when the place is none
   */
  nearest(place: Place, k: number, options: SlotSearchOptions): NearbySlot[] {
    assert(isPlace(place), 'searches start on the globe');
    if (k < 1) return [];
    const filter = new CourierFilter(options, options.exclude ?? NO_SLOTS);
    const order = (a: number, b: number): boolean => a < b;
    const { maxMeters } = options;
    const hits = new NearestHits({ place, k, maxMeters, order, filter });
    this.#search.run(hits);
    return hits.found.map(({ meters, ...hit }) => ({ ...found(hit), meters }));
  }

  /**
   * Everybody within `maxMeters`, nearest first, of two equally far the smaller slot first.
   * @throws AssertionFailed when the place is none
   */
  within(place: Place, options: SlotSearchOptions): NearbySlot[] {
    assert(isPlace(place), 'searches start on the globe');
    const filter = new CourierFilter(options, options.exclude ?? NO_SLOTS);
    const hits = new CircleHits(place, options.maxMeters, filter);
    this.#search.run(hits);
    return hits.found
      .map(({ meters, ...hit }) => ({ ...found(hit), meters }))
      .sort((a, b) => a.meters - b.meters || a.slot - b.slot);
  }

  /** Everybody in the viewport, in no particular order. */
  inViewport(viewport: Viewport, terms: CourierTerms = {}): FoundSlot[] {
    const hits = new ViewportHits(viewport, new CourierFilter(terms, NO_SLOTS));
    this.#search.run(hits);
    return hits.found.map(found);
  }
}

function found({ slot, status }: { readonly slot: number; readonly status: number }): FoundSlot {
  return { slot, generation: generationOf(status) };
}
