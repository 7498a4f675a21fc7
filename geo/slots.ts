import { assert, AssertionFailed } from '../runtime/index.ts';

/** What a slot holds, besides its flags. Degrees, metres per second, ms since the Unix epoch. */
export interface CourierPosition {
  lat: number;
  lng: number;
  headingDegrees: number;
  speedMps: number;
  atMs: number;
}

/** Float64 fields of a slot, in this order. */
const FIELDS = 5;
const PRESENT = 1;
const AVAILABLE = 2;
/** A write takes some nanoseconds; a reader that meets so many of them has met a dead writer. */
const TRIES_MAX = 1_000_000;

/**
 * Couriers as a struct of arrays in shared memory: 40 bytes of numbers, a version and flags each.
 * One thread writes; any thread reads, without a lock and never half a fix.
 *
 * Each slot has a sequence lock (Lameter, "Effective Synchronization on Linux/NUMA Systems", 2005):
 * the writer makes the version odd, writes, and makes it even again. A reader that meets an odd
 * version, or another one after reading than before, reads again.
 */
export class CourierSlots {
  readonly #numbers: Float64Array<SharedArrayBuffer>;
  readonly #versions: Int32Array<SharedArrayBuffer>;
  readonly #flags: Uint8Array<SharedArrayBuffer>;

  /** @param memory a capacity, for new memory; or what another instance, in whatever thread, has as
   * its `memory` */
  constructor(memory: SlotMemory | number) {
    const { numbers, versions, flags } = typeof memory === 'number' ? allocate(memory) : memory;
    this.#numbers = new Float64Array(numbers);
    this.#versions = new Int32Array(versions);
    this.#flags = new Uint8Array(flags);
  }

  get capacity(): number {
    return this.#flags.length;
  }

  /** To be sent to a thread that reads. */
  get memory(): SlotMemory {
    return {
      numbers: this.#numbers.buffer,
      versions: this.#versions.buffer,
      flags: this.#flags.buffer,
    };
  }

  /**
   * Only in the writing thread.
   * @hot bench: index
   */
  write(slot: number, position: Readonly<CourierPosition>): void {
    Atomics.add(this.#versions, slot, 1);
    const at = slot * FIELDS;
    this.#numbers[at] = position.lat;
    this.#numbers[at + 1] = position.lng;
    this.#numbers[at + 2] = position.headingDegrees;
    this.#numbers[at + 3] = position.speedMps;
    this.#numbers[at + 4] = position.atMs;
    Atomics.add(this.#versions, slot, 1);
    this.#setFlag(slot, PRESENT, true);
  }

  /**
   * Reads a whole fix into `into`; any thread.
   * @returns false when the slot has no position; `into` is then unchanged
   */
  read(slot: number, into: CourierPosition): boolean {
    if (!this.isPresent(slot)) return false;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const before = Atomics.load(this.#versions, slot);
      if ((before & 1) === 1) continue;
      const at = slot * FIELDS;
      into.lat = this.#numbers[at] as number;
      into.lng = this.#numbers[at + 1] as number;
      into.headingDegrees = this.#numbers[at + 2] as number;
      into.speedMps = this.#numbers[at + 3] as number;
      into.atMs = this.#numbers[at + 4] as number;
      // Not a load: on ARM the reads above could still be done after a load, but not after this.
      if (Atomics.or(this.#versions, slot, 0) === before) return true;
    }
    throw new AssertionFailed('a writer has left a slot half written');
  }

  isPresent(slot: number): boolean {
    return (Atomics.load(this.#flags, slot) & PRESENT) !== 0;
  }

  isAvailable(slot: number): boolean {
    return (Atomics.load(this.#flags, slot) & AVAILABLE) !== 0;
  }

  setAvailable(slot: number, available: boolean): void {
    this.#setFlag(slot, AVAILABLE, available);
  }

  /** The slot as if it had never been used. */
  clear(slot: number): void {
    Atomics.store(this.#flags, slot, 0);
  }

  /** All slots in memory of a larger capacity. */
  grown(capacity: number): CourierSlots {
    assert(capacity > this.capacity, 'grown slots are more');
    const larger = new CourierSlots(capacity);
    larger.#numbers.set(this.#numbers);
    larger.#versions.set(this.#versions);
    larger.#flags.set(this.#flags);
    return larger;
  }

  #setFlag(slot: number, flag: number, on: boolean): void {
    if (on) Atomics.or(this.#flags, slot, flag);
    else Atomics.and(this.#flags, slot, ~flag);
  }
}

export interface SlotMemory {
  readonly numbers: SharedArrayBuffer;
  readonly versions: SharedArrayBuffer;
  readonly flags: SharedArrayBuffer;
}

function allocate(capacity: number): SlotMemory {
  return {
    numbers: new SharedArrayBuffer(capacity * FIELDS * Float64Array.BYTES_PER_ELEMENT),
    versions: new SharedArrayBuffer(capacity * Int32Array.BYTES_PER_ELEMENT),
    flags: new SharedArrayBuffer(capacity),
  };
}
