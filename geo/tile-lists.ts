import { assert } from '../runtime/index.ts';
import {
  AVAILABLE_STANDING,
  bucketBytes,
  BUCKETS,
  bucketsFor,
  LISTS,
  NEXT,
  PREVIOUS,
  STANDING,
  STRUCTURE_VERSION,
  TILE,
  WORDS,
  type CourierMemory,
} from './courier-memory.ts';
import { AVAILABLE_FLAG, STANDING_FLAG } from './courier-status.ts';
import type { CourierSlots } from './slots.ts';

/** Fibonacci hashing: neighbouring tiles come to lie in different buckets (Knuth, TAOCP 3, 6.4). */
const GOLDEN = 0x9e37_79b1;
/** A change takes some nanoseconds, a rare one of all lists some milliseconds. */
const SPINS_MAX = 1_000;

/** Which of a bucket's two lists. */
export const BUSY = 0;
export const AVAILABLE = 1;
export type TileList = typeof BUSY | typeof AVAILABLE;

/**
 * Who stands in which tile: doubly linked lists through the records of the couriers. Tiles share
 * buckets by a hash, so memory goes with the couriers, wherever they are; each record names its tile.
 * Available couriers have lists of their own, so that a search for them does not pass the busy.
 *
 * One sequence lock for all lists: the writer makes the structure's version odd, changes links, and
 * makes it even again. A reader who walked while it changed has seen nothing that counts.
 */
export class TileLists {
  readonly #slots: CourierSlots;
  readonly #memory: CourierMemory;
  readonly #header: Int32Array<SharedArrayBuffer>;
  #heads!: Int32Array<SharedArrayBuffer>;
  #shift = 0;

  constructor(slots: CourierSlots) {
    this.#slots = slots;
    this.#memory = slots.memory;
    this.#header = new Int32Array(slots.memory.header);
    this.follow();
  }

  /** Couriers who stand somewhere. */
  get standing(): number {
    return Atomics.load(this.#header, STANDING);
  }

  get availableStanding(): number {
    return Atomics.load(this.#header, AVAILABLE_STANDING);
  }

  /** Another after each change; odd while one is under way. */
  get version(): number {
    return Atomics.load(this.#header, STRUCTURE_VERSION);
  }

  /** An even version, or the odd one of a change that takes long. */
  quietVersion(): number {
    let version = this.version;
    for (let spins = 0; (version & 1) === 1 && spins < SPINS_MAX; spins++) version = this.version;
    return version;
  }

  /** Whether the lists are as they were; what was read before this call was read at that version. */
  isStill(version: number): boolean {
    // Not a load: on ARM reads could still be going on after a load, but not after this.
    return Atomics.or(this.#header, STRUCTURE_VERSION, 0) === version;
  }

  /** Sees buckets that the writer has added. */
  follow(): void {
    const buckets = Atomics.load(this.#header, BUCKETS);
    if (this.#shift === 32 - Math.log2(buckets)) return;
    this.#shift = 32 - Math.log2(buckets);
    this.#heads = new Int32Array(this.#memory.heads, 0, buckets * LISTS);
  }

  /**
   * The first courier in the bucket of this tile, plus 1; 0 when there is none. It may stand in
   * another tile.
   */
  first(tile: number, list: TileList): number {
    return this.#heads[this.#headOf(tile, list)] as number;
  }

  /** The courier comes to a tile, from another or from nowhere. Its position is written between. */
  beginChange(): void {
    Atomics.add(this.#header, STRUCTURE_VERSION, 1);
    assert((Atomics.load(this.#header, STRUCTURE_VERSION) & 1) === 1, 'one thread changes lists');
  }

  endChange(): void {
    Atomics.add(this.#header, STRUCTURE_VERSION, 1);
  }

  /** Into the list that its status says. Only in a change. */
  link(slot: number, tile: number): void {
    const { words } = this.#slots;
    const list = this.#listOf(slot);
    const head = this.#headOf(tile, list);
    const first = this.#heads[head] as number;
    const at = slot * WORDS;
    words[at + NEXT] = first;
    words[at + PREVIOUS] = 0;
    words[at + TILE] = tile;
    if (first !== 0) words[(first - 1) * WORDS + PREVIOUS] = slot + 1;
    this.#heads[head] = slot + 1;
    this.#count(list, 1);
  }

  /** Out of the list that its status says. Only in a change. */
  unlink(slot: number): void {
    const { words } = this.#slots;
    const at = slot * WORDS;
    const list = this.#listOf(slot);
    const next = words[at + NEXT] as number;
    const previous = words[at + PREVIOUS] as number;
    if (previous !== 0) words[(previous - 1) * WORDS + NEXT] = next;
    else this.#heads[this.#headOf(words[at + TILE] as number, list)] = next;
    if (next !== 0) words[(next - 1) * WORDS + PREVIOUS] = previous;
    this.#count(list, -1);
  }

  /** As many buckets as the slots want. Every list is made anew when there are more: O(slots). */
  grow(): void {
    const buckets = bucketsFor(this.#slots.capacity);
    if (buckets <= Atomics.load(this.#header, BUCKETS)) return;
    this.beginChange();
    this.#memory.heads.grow(bucketBytes(buckets));
    Atomics.store(this.#header, BUCKETS, buckets);
    this.follow();
    this.#heads.fill(0);
    this.#header[STANDING] = 0;
    this.#header[AVAILABLE_STANDING] = 0;
    for (let slot = 0; slot < this.#slots.used; slot++) {
      const isStanding = (this.#slots.status(slot) & STANDING_FLAG) !== 0;
      if (isStanding) this.link(slot, this.#slots.tileOf(slot));
    }
    this.endChange();
  }

  #listOf(slot: number): TileList {
    return (this.#slots.status(slot) & AVAILABLE_FLAG) === 0 ? BUSY : AVAILABLE;
  }

  #headOf(tile: number, list: TileList): number {
    return (Math.imul(tile, GOLDEN) >>> this.#shift) * LISTS + list;
  }

  #count(list: TileList, change: 1 | -1): void {
    this.#header[STANDING] = (this.#header[STANDING] as number) + change;
    if (list === BUSY) return;
    this.#header[AVAILABLE_STANDING] = (this.#header[AVAILABLE_STANDING] as number) + change;
  }
}
