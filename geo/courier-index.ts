import { assert } from '../runtime/index.ts';
import { CellBuckets } from './cell-buckets.ts';
import { cellAt, cellsInRing, coveredMeters } from './cells.ts';
import { distanceMeters, isPlace, type Place } from './place.ts';
import { CourierSlots, slotMemory, type CourierPosition } from './slots.ts';

export type { CourierPosition } from './slots.ts';

export interface NearbyCourier {
  readonly courierId: string;
  /** Great-circle distance from the place that was asked about. */
  readonly meters: number;
}

const CAPACITY_FIRST = 256;
/** A city's couriers, with a lot of room: beyond it something feeds us invented ids. */
const COURIERS_MAX = 1_000_000;

/**
 * Where the couriers of one city are, and who is available. A courier has a slot (`slots.ts`) and
 * stands in the bucket of its H3 cell. Availability is a hint for searches: whether a courier may
 * take an order is decided in the database.
 *
 * Ids are given a slot at their first fix or availability, and keep it until `remove`.
 */
export class CourierIndex {
  readonly #slots: CourierSlots;
  readonly #slotOf = new Map<string, number>();
  readonly #idOf: (string | null)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #buckets: CellBuckets = new CellBuckets();
  readonly #scratch: CourierPosition = emptyPosition();

  /** @param couriersMax known at one time, with or without a position */
  constructor(couriersMax: number = COURIERS_MAX) {
    this.#slots = new CourierSlots(slotMemory(Math.min(CAPACITY_FIRST, couriersMax), couriersMax));
  }

  /** Couriers whose position is known. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Couriers that a search could find. O(n). */
  get availableCount(): number {
    let count = 0;
    for (const slot of this.#buckets.allSlots()) if (this.#slots.isAvailable(slot)) count += 1;
    return count;
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
    const known = this.#slotOf.get(courierId);
    if (known !== undefined) return known;
    const slot = this.#freeSlots.pop() ?? this.#idOf.length;
    assert(
      slot < this.#slots.capacityMax,
      'a city has no more couriers than its index was made for',
    );
    if (slot >= this.#slots.capacity) this.#slots.grow();
    this.#slotOf.set(courierId, slot);
    this.#idOf[slot] = courierId;
    return slot;
  }

  /** Whether it still is: a courier who was removed has lost its slot, perhaps to another. */
  isSlotOf(slot: number, courierId: string): boolean {
    return this.#idOf[slot] === courierId;
  }

  /**
   * @param slot of `slotOf`, the courier not removed since
   * @throws AssertionFailed when the slot is nobody's, or the place is none
   * @hot bench: index
   */
  moveSlot(slot: number, position: Readonly<CourierPosition>): void {
    assert(typeof this.#idOf[slot] === 'string', 'a slot that moves belongs to a courier');
    assert(isPlace(position), 'couriers are on the globe');
    this.#slots.write(slot, position);
    this.#buckets.put(slot, position);
  }

  /** Also for a courier whose position is not known yet: it counts when the first fix comes. */
  setAvailable(courierId: string, available: boolean): void {
    if (!available && !this.#slotOf.has(courierId)) return;
    this.#slots.setAvailable(this.slotOf(courierId), available);
  }

  isAvailable(courierId: string): boolean {
    const slot = this.#slotOf.get(courierId);
    return slot !== undefined && this.#slots.isAvailable(slot);
  }

  /** Whether the courier's position is known. */
  has(courierId: string): boolean {
    const slot = this.#slotOf.get(courierId);
    return slot !== undefined && this.#slots.isPresent(slot);
  }

  /** Null when it is not known. */
  positionOf(courierId: string): CourierPosition | null {
    const slot = this.#slotOf.get(courierId);
    if (slot === undefined) return null;
    const into = emptyPosition();
    return this.#slots.read(slot, into) ? into : null;
  }

  /** Forgets the courier, position and availability. */
  remove(courierId: string): void {
    const slot = this.#slotOf.get(courierId);
    if (slot === undefined) return;
    this.#buckets.take(slot);
    this.#slots.clear(slot);
    this.#slotOf.delete(courierId);
    this.#idOf[slot] = null;
    this.#freeSlots.push(slot);
  }

  /**
   * The nearest available couriers, nearest first, exactly; of two equally far the smaller id first.
   * Rings of cells are searched outwards until no unseen cell can hold a nearer one.
   * @param k at most so many
   * @param options.maxMeters none farther away
   * @param options.exclude these are passed over
   * @throws AssertionFailed when the place is none
   */
  nearestAvailable(
    place: Place,
    k: number,
    options: { readonly maxMeters: number; readonly exclude?: ReadonlySet<string> },
  ): NearbyCourier[] {
    assert(isPlace(place), 'searches start on the globe');
    const search: Search = { place, found: [], ...options };
    const center = cellAt(place);
    let cellsSeen = 0;
    // Once more cells were looked at than there are with couriers, all couriers are the shorter way.
    for (let ring = 0; cellsSeen <= this.#buckets.cellCount; ring++) {
      const covered = ring === 0 ? 0 : coveredMeters(ring - 1);
      const sure = search.found.filter(({ meters }) => meters <= covered);
      if (sure.length >= k || covered > options.maxMeters) return nearest(search.found, k);
      const cells = cellsInRing(center, ring);
      cellsSeen += cells.length;
      for (const cell of cells) this.#collect(this.#buckets.slotsIn(cell), search);
    }
    search.found.length = 0;
    this.#collect(this.#buckets.allSlots(), search);
    return nearest(search.found, k);
  }

  #collect(slots: Iterable<number>, search: Search): void {
    for (const slot of slots) {
      const courierId = this.#idOf[slot] ?? null;
      if (courierId === null || !this.#slots.isAvailable(slot)) continue;
      if (search.exclude?.has(courierId) === true) continue;
      if (!this.#slots.read(slot, this.#scratch)) continue;
      const meters = distanceMeters(search.place, this.#scratch);
      if (meters <= search.maxMeters) search.found.push({ courierId, meters });
    }
  }
}

interface Search {
  readonly place: Place;
  readonly maxMeters: number;
  readonly exclude?: ReadonlySet<string>;
  readonly found: NearbyCourier[];
}

function nearest(found: NearbyCourier[], k: number): NearbyCourier[] {
  const byDistance = (a: NearbyCourier, b: NearbyCourier): number =>
    a.meters - b.meters || (a.courierId < b.courierId ? -1 : 1);
  return found.sort(byDistance).slice(0, k);
}

function emptyPosition(): CourierPosition {
  return { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
}
