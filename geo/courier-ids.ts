import { assert } from '../runtime/index.ts';

const NOBODY = 0;
/** An entry of the table: 12 bits of the id's hash, then slot + 1 in 20 bits. */
const SLOT_BITS = 20;
const SLOT_MASK = 2 ** SLOT_BITS - 1;
const TABLE_FIRST = 512;
/** Of five entries four are taken before the table doubles. */
const FULL = 0.8;
const IDS_MORE_MIN = 256;

/**
 * Which courier has which slot; only in the thread that writes. A hash table with linear probing, of
 * four bytes an entry. It finds a slot in 83 ns where a Map needs 43, and takes 5 to 10 bytes a courier
 * where a Map takes 37; who moves a courier all day asks once.
 */
export class CourierIds {
  /**
   * By slot, null for a slot that is free; slots from `#used` on were never anybody's. It grows by a
   * 64th, where `push` would add a half.
   */
  #ids: (string | null)[] = [];
  #used = 0;
  readonly #free: number[] = [];
  #table: Int32Array = new Int32Array(TABLE_FIRST);

  get count(): number {
    return this.#used - this.#free.length;
  }

  /** -1 when the courier has none. @hot bench: index */
  slotOf(courierId: string): number {
    return ((this.#table[this.#entryOf(courierId)] as number) & SLOT_MASK) - 1;
  }

  /** Null when the slot is free. */
  idOf(slot: number): string | null {
    return this.#ids[slot] ?? null;
  }

  /** The slot that the next courier gets. */
  get nextSlot(): number {
    return this.#free.at(-1) ?? this.#used;
  }

  /** Gives `nextSlot` to a courier that has none. */
  add(courierId: string): void {
    const slot = this.#free.pop() ?? this.#used;
    assert(slot < SLOT_MASK, 'a slot fits an entry of the table');
    if (slot === this.#ids.length) this.#lengthen();
    this.#used = Math.max(this.#used, slot + 1);
    this.#ids[slot] = courierId;
    if (this.count > this.#table.length * FULL) this.#double();
    else this.#enter(slot, courierId);
  }

  /** The slot is free; the courier had one. */
  delete(courierId: string): void {
    const entry = this.#entryOf(courierId);
    const slot = ((this.#table[entry] as number) & SLOT_MASK) - 1;
    assert(slot >= 0, 'who leaves was there');
    this.#ids[slot] = null;
    this.#free.push(slot);
    this.#close(entry);
  }

  /** Where the courier's entry is, or would be. */
  #entryOf(courierId: string): number {
    const hash = hashOf(courierId);
    const mask = this.#table.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = this.#table[at] as number;
      if (entry === NOBODY) return at;
      const isLike = entry >>> SLOT_BITS === hash >>> SLOT_BITS;
      if (isLike && this.#ids[(entry & SLOT_MASK) - 1] === courierId) return at;
    }
  }

  #enter(slot: number, courierId: string): void {
    const high = (hashOf(courierId) >>> SLOT_BITS) << SLOT_BITS;
    this.#table[this.#entryOf(courierId)] = high | (slot + 1);
  }

  #lengthen(): void {
    const before = this.#ids;
    const length = before.length + Math.max(IDS_MORE_MIN, before.length >> 6);
    this.#ids = Array.from({ length }, (_, slot) => before[slot] ?? null);
  }

  #double(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    this.#ids.forEach((courierId, slot) => {
      if (courierId !== null) this.#enter(slot, courierId);
    });
  }

  /** Entries that were pushed on by this one move back (Knuth, TAOCP 3, 6.4, algorithm R). */
  #close(entry: number): void {
    const mask = this.#table.length - 1;
    let gap = entry;
    for (let at = (gap + 1) & mask; this.#table[at] !== NOBODY; at = (at + 1) & mask) {
      const courierId = this.#ids[((this.#table[at] as number) & SLOT_MASK) - 1];
      const home = hashOf(courierId ?? '') & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      this.#table[gap] = this.#table[at] as number;
      gap = at;
    }
    this.#table[gap] = NOBODY;
  }
}

/** FNV-1a over UTF-16 units, mixed at the end (MurmurHash3's finalizer), as Int32. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
