import { assert, required } from '../runtime/index.ts';
import { CellHits, MAP_RESOLUTION, type MapCell } from './map-cells.ts';
import type { Cell } from './cells.ts';
import { CourierCells } from './courier-cells.ts';
import { CourierFilter, type CourierTerms } from './courier-filter.ts';
import { CourierIds } from './courier-ids.ts';
import { courierMemory, type CourierMemory } from './courier-memory.ts';
import { CourierSearch } from './courier-search.ts';
import {
  AVAILABLE_FLAG,
  generationOf,
  STANDING_FLAG,
  TAKEN_FLAG,
  withStatus,
  type CourierStatus,
} from './courier-status.ts';
import { tileAt } from './grid.ts';
import { CircleHits, NearestHits, ViewportHits, type Hit, type Viewport } from './hits.ts';
import { isPlace, type Place } from './place.ts';
import { CourierSlots, type CourierPosition } from './slots.ts';
import { TileLists } from './tile-lists.ts';

export type { CourierPosition } from './slots.ts';

export interface NearbyCourier {
  readonly courierId: string;
  /** Great-circle distance from the place that was asked about. */
  readonly meters: number;
}

/** Whom a search by distance may find. */
export interface SearchOptions extends CourierTerms {
  /** None farther away. */
  readonly maxMeters: number;
  /** These are passed over. */
  readonly exclude?: ReadonlySet<string>;
}

/** Couriers in one cell. */
export interface CellSupply {
  available: number;
  busy: number;
}

/** A courier as a map shows it. */
export interface CourierSight extends Readonly<CourierPosition> {
  readonly courierId: string;
  readonly available: boolean;
}

/** A city's couriers, with a lot of room: beyond it something feeds us invented ids. */
const COURIERS_MAX = 1_000_000;

/**
 * Where the couriers of one city are, and who is available. All but their ids lies in memory that other
 * threads read (`memory`, courier-reader.ts). Status is a hint for searches: whether a courier may take
 * an order is decided in the database.
 *
 * Ids are given a slot at their first fix or status, and keep it until `remove`. A move within a tile
 * of 500 m touches the courier's record only.
 */
export class CourierIndex {
  readonly #slots: CourierSlots;
  readonly #lists: TileLists;
  readonly #search: CourierSearch;
  readonly #ids: CourierIds = new CourierIds();
  readonly #cells: CourierCells = new CourierCells();
  readonly #mapCells: CourierCells = new CourierCells(MAP_RESOLUTION);
  readonly #order = (a: number, b: number): boolean => this.idOf(a) < this.idOf(b);

  /** @param couriersMax known at one time, with or without a position */
  constructor(couriersMax: number = COURIERS_MAX) {
    this.#slots = new CourierSlots(courierMemory(couriersMax), 'writer');
    this.#lists = new TileLists(this.#slots);
    this.#search = new CourierSearch(this.#slots, this.#lists);
  }

  /** For `CourierReader` in another thread. */
  get memory(): CourierMemory {
    return this.#slots.memory;
  }

  /** Couriers whose position is known. */
  get size(): number {
    return this.#lists.standing;
  }

  /** Couriers that a search for available ones could find. */
  get availableCount(): number {
    return this.#lists.availableStanding;
  }

  /** @throws AssertionFailed when there are `couriersMax` others, or the place is none */
  move(courierId: string, position: Readonly<CourierPosition>): void {
    this.moveSlot(this.slotOf(courierId), position);
  }

  /**
   * The courier's slot, made when it has none: for those who move the same courier all day.
   * @throws AssertionFailed when there are `couriersMax` others
   */
  slotOf(courierId: string): number {
    const known = this.#ids.slotOf(courierId);
    return known >= 0 ? known : this.#welcome(courierId);
  }

  /** Of the slot's courier; another when the slot is given to somebody else. */
  generationOf(slot: number): number {
    return generationOf(this.#slots.status(slot));
  }

  /** @throws AssertionFailed when the slot is nobody's */
  idOf(slot: number): string {
    return required(this.#ids.idOf(slot), 'the courier of a slot');
  }

  /**
   * Whether it is still the same courier's: one who was removed has lost its slot, perhaps to another.
   * @hot bench: ingest
   */
  isStill(slot: number, generation: number): boolean {
    const status = this.#slots.status(slot);
    return (status & TAKEN_FLAG) !== 0 && generationOf(status) === generation;
  }

  /**
   * @param slot of `slotOf`, the courier not removed since
   * @throws AssertionFailed when the slot is nobody's, or the place is none
   * @hot bench: index
   */
  moveSlot(slot: number, position: Readonly<CourierPosition>): void {
    const status = this.#slots.status(slot);
    assert((status & TAKEN_FLAG) !== 0, 'a slot that moves belongs to a courier');
    assert(isPlace(position), 'couriers are on the globe');
    const tile = tileAt(position);
    const isStanding = (status & STANDING_FLAG) !== 0;
    if (isStanding && this.#slots.tileOf(slot) === tile) {
      this.#slots.write(slot, position);
      return;
    }
    this.#lists.beginChange();
    if (isStanding) this.#lists.unlink(slot);
    this.#slots.write(slot, position);
    this.#lists.link(slot, tile);
    this.#lists.endChange();
  }

  /** Also for a courier whose position is not known yet: it counts when the first fix comes. */
  setAvailable(courierId: string, available: boolean): void {
    if (!available && this.#ids.slotOf(courierId) < 0) return;
    this.setStatus(courierId, { available });
  }

  /** @throws AssertionFailed when there are `couriersMax` others, or the room is below 0 */
  setStatus(courierId: string, said: CourierStatus): void {
    const slot = this.slotOf(courierId);
    const before = this.#slots.status(slot);
    const after = withStatus(before, said);
    const changesList = ((before ^ after) & AVAILABLE_FLAG) !== 0 && (before & STANDING_FLAG) !== 0;
    if (!changesList) {
      this.#slots.setStatus(slot, after);
      return;
    }
    this.#lists.beginChange();
    this.#lists.unlink(slot);
    this.#slots.setStatus(slot, after);
    this.#lists.link(slot, this.#slots.tileOf(slot));
    this.#lists.endChange();
  }

  /** Whom a `CourierReader` has found; null when the slot is somebody else's meanwhile. */
  courierAt(slot: number, generation: number): string | null {
    return this.isStill(slot, generation) ? this.idOf(slot) : null;
  }

  isAvailable(courierId: string): boolean {
    return (this.#statusOf(courierId) & AVAILABLE_FLAG) !== 0;
  }

  /** Whether the courier's position is known. */
  has(courierId: string): boolean {
    return (this.#statusOf(courierId) & STANDING_FLAG) !== 0;
  }

  /** Null when it is not known. */
  positionOf(courierId: string): CourierPosition | null {
    const slot = this.#ids.slotOf(courierId);
    if (slot < 0) return null;
    const into = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
    return this.#slots.read(slot, into) ? into : null;
  }

  /** The H3 cell in which the courier is now; null when its position is not known. */
  cellOf(courierId: string): Cell | null {
    const position = this.positionOf(courierId);
    return position === null ? null : this.#cells.cellOf(this.#ids.slotOf(courierId), position);
  }

  /** Forgets the courier, position and status. */
  remove(courierId: string): void {
    const slot = this.#ids.slotOf(courierId);
    if (slot < 0) return;
    this.#lists.beginChange();
    if ((this.#slots.status(slot) & STANDING_FLAG) !== 0) this.#lists.unlink(slot);
    this.#slots.clear(slot);
    this.#lists.endChange();
    this.#ids.delete(courierId);
  }

  /**
   * Forgets the couriers whose newest fix is older than this; those without any stay. O(slots).
   * @returns how many
   */
  expire(beforeMs: number): number {
    const position = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
    let expired = 0;
    for (let slot = 0; slot < this.#slots.used; slot++) {
      if (!this.#slots.read(slot, position) || position.atMs >= beforeMs) continue;
      this.remove(this.idOf(slot));
      expired += 1;
    }
    return expired;
  }

  /** `nearest` of the available. */
  nearestAvailable(place: Place, k: number, options: SearchOptions): NearbyCourier[] {
    return this.nearest(place, k, { ...options, availableOnly: true });
  }

  /**
   * The nearest couriers, nearest first, exactly; of two equally far the smaller id first.
   * @param k at most so many
   * @throws AssertionFailed when the place is none
   */
  nearest(place: Place, k: number, options: SearchOptions): NearbyCourier[] {
    assert(isPlace(place), 'searches start on the globe');
    if (k < 1) return [];
    const { maxMeters } = options;
    const filter = this.#filter(options);
    const hits = new NearestHits({ place, k, maxMeters, order: this.#order, filter });
    this.#search.run(hits);
    return this.#named(hits.found);
  }

  /**
   * Everybody within `maxMeters`, nearest first, of two equally far the smaller id first.
   * @throws AssertionFailed when the place is none
   */
  within(place: Place, options: SearchOptions): NearbyCourier[] {
    assert(isPlace(place), 'searches start on the globe');
    const hits = new CircleHits(place, options.maxMeters, this.#filter(options));
    this.#search.run(hits);
    return this.#named(hits.found).sort(
      (a, b) => a.meters - b.meters || (a.courierId < b.courierId ? -1 : 1),
    );
  }

  /** Ids of everybody in the viewport, in no particular order. */
  inViewport(viewport: Viewport, terms: CourierTerms = {}): string[] {
    const hits = new ViewportHits(viewport, this.#filter(terms));
    this.#search.run(hits);
    return hits.found.map(({ slot }) => this.idOf(slot));
  }

  /**
   * Everybody in a cell of the map, in no particular order.
   * @param sinceMs who was last heard of before is left out
   * @hot bench: live-map
   */
  inMapCell(cell: MapCell, sinceMs: number): CourierSight[] {
    const hits = new CellHits(cell, this.#mapCells);
    this.#search.run(hits);
    const sights: CourierSight[] = [];
    for (const { slot, status } of hits.found) {
      const position = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
      if (!this.#slots.read(slot, position) || position.atMs < sinceMs) continue;
      const available = (status & AVAILABLE_FLAG) !== 0;
      sights.push({ courierId: this.idOf(slot), ...position, available });
    }
    return sights;
  }

  /**
   * Couriers by H3 cell; cells without one are left out. O(slots).
   * @param sinceMs who was last heard of before is not counted
   */
  supplyByCell(sinceMs: number = Number.NEGATIVE_INFINITY): Map<Cell, CellSupply> {
    const supply = new Map<Cell, CellSupply>();
    const position = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
    for (let slot = 0; slot < this.#slots.used; slot++) {
      if (!this.#slots.read(slot, position) || position.atMs < sinceMs) continue;
      const cell = this.#cells.cellOf(slot, position);
      const inCell = supply.get(cell) ?? { available: 0, busy: 0 };
      const isAvailable = (this.#slots.status(slot) & AVAILABLE_FLAG) !== 0;
      inCell[isAvailable ? 'available' : 'busy'] += 1;
      supply.set(cell, inCell);
    }
    return supply;
  }

  #welcome(courierId: string): number {
    const slot = this.#ids.nextSlot;
    this.#slots.take(slot);
    this.#lists.grow();
    this.#ids.add(courierId);
    this.#slots.setStatus(slot, this.#slots.status(slot) | TAKEN_FLAG);
    return slot;
  }

  #statusOf(courierId: string): number {
    const slot = this.#ids.slotOf(courierId);
    return slot < 0 ? 0 : this.#slots.status(slot);
  }

  #filter(terms: CourierTerms & { readonly exclude?: ReadonlySet<string> }): CourierFilter {
    const excluded = new Set<number>();
    for (const courierId of terms.exclude ?? []) excluded.add(this.#ids.slotOf(courierId));
    return new CourierFilter(terms, excluded);
  }

  #named(hits: readonly Hit[]): NearbyCourier[] {
    return hits.map(({ slot, meters }) => ({ courierId: this.idOf(slot), meters }));
  }
}
