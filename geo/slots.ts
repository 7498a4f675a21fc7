import { assert, AssertionFailed } from '../runtime/index.ts';

/** What a slot holds, besides its flags. Degrees, metres per second, ms since the Unix epoch. */
export interface CourierPosition {
  lat: number;
  lng: number;
  headingDegrees: number;
  speedMps: number;
  atMs: number;
}

/** Shared by all threads; each buffer grows in place up to its `maxByteLength`. */
export interface SlotMemory {
  readonly numbers: SharedArrayBuffer;
  readonly versions: SharedArrayBuffer;
  readonly flags: SharedArrayBuffer;
}

/** Float64 fields of a slot, in this order. */
const FIELDS = 5;
const SLOT_BYTES = FIELDS * Float64Array.BYTES_PER_ELEMENT;
const VERSION_BYTES = Int32Array.BYTES_PER_ELEMENT;
const PRESENT = 1;
const AVAILABLE = 2;
/** Each try that fails is a fix that was written meanwhile; nobody sends so many without a pause. */
const TRIES_MAX = 1_000_000;
/** A write takes some nanoseconds, so a reader looks again at once, so often. */
const SPINS_MAX = 1_000;
/** Then the system has stopped the writer's thread, and the reader sleeps 1 ms at a time, so often. */
const WAITS_MAX = 1_000;

/**
 * Couriers as a struct of arrays in shared memory: 40 bytes of numbers, a version and flags each.
 * One thread writes; any thread reads, without a lock and never half a fix.
 *
 * Each slot has a sequence lock (Lameter, "Effective Synchronization on Linux/NUMA Systems", 2005):
 * the writer makes the version odd, writes, and makes it even again. A reader that meets an odd
 * version, or another one after reading than before, reads again.
 *
 * The memory grows in place, so a reader follows. Views are of fixed length and made anew after it
 * has grown: with views that track the length a write takes 160 ns instead of 26.
 */
export class CourierSlots {
  readonly memory: SlotMemory;
  #numbers!: Float64Array<SharedArrayBuffer>;
  #versions!: Int32Array<SharedArrayBuffer>;
  #flags!: Uint8Array<SharedArrayBuffer>;

  /** @param memory of `slotMemory`; in a thread that reads, the `memory` that the writer's slots have */
  constructor(memory: SlotMemory) {
    this.memory = memory;
    this.#look();
  }

  get capacity(): number {
    return this.#flags.length;
  }

  get capacityMax(): number {
    return this.memory.flags.maxByteLength;
  }

  /**
   * Only in the writing thread, and for a slot below `capacity`.
   * @hot bench: index
   */
  write(slot: number, position: Readonly<CourierPosition>): void {
    Atomics.add(this.#versions, slot, 1);
    // On ARM the writes below could be seen before what the add has stored; not before this load.
    assert((Atomics.load(this.#versions, slot) & 1) === 1, 'one thread writes a slot');
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
   * @throws AssertionFailed when the writing thread has died in the middle of a fix
   */
  read(slot: number, into: CourierPosition): boolean {
    if (!this.isPresent(slot)) return false;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const before = Atomics.load(this.#versions, slot);
      if ((before & 1) === 1) {
        this.#awaitWriter(slot, before);
        continue;
      }
      this.#copy(slot, into);
      // Not a load: on ARM the copy could still be going on after a load, but not after this.
      if (Atomics.or(this.#versions, slot, 0) === before) return true;
    }
    throw new AssertionFailed('a slot is written without a pause');
  }

  isPresent(slot: number): boolean {
    return this.#hasFlag(slot, PRESENT);
  }

  isAvailable(slot: number): boolean {
    return this.#hasFlag(slot, AVAILABLE);
  }

  setAvailable(slot: number, available: boolean): void {
    this.#setFlag(slot, AVAILABLE, available);
  }

  /** The slot as if it had never been used. Only in the writing thread. */
  clear(slot: number): void {
    Atomics.store(this.#flags, slot, 0);
  }

  /** Doubles the capacity, at most to `capacityMax`. Only in the writing thread. */
  grow(): void {
    assert(this.capacity < this.capacityMax, 'slots grow up to a bound');
    const capacity = Math.min(this.capacity * 2, this.capacityMax);
    this.memory.numbers.grow(capacity * SLOT_BYTES);
    this.memory.versions.grow(capacity * VERSION_BYTES);
    // Last, because a reader takes the capacity from the flags.
    this.memory.flags.grow(capacity);
    this.#look();
  }

  #look(): void {
    const capacity = this.memory.flags.byteLength;
    this.#numbers = new Float64Array(this.memory.numbers, 0, capacity * FIELDS);
    this.#versions = new Int32Array(this.memory.versions, 0, capacity);
    this.#flags = new Uint8Array(this.memory.flags, 0, capacity);
  }

  /** Until the version is another than this odd one; if it stays, the writer is dead. */
  #awaitWriter(slot: number, odd: number): void {
    for (let spins = 0; spins < SPINS_MAX; spins++) {
      if (Atomics.load(this.#versions, slot) !== odd) return;
    }
    // The writer wakes nobody, which would cost every fix: so 1 ms at a time.
    for (let waits = 0; waits < WAITS_MAX; waits++) {
      if (Atomics.wait(this.#versions, slot, odd, 1) === 'not-equal') return;
    }
    throw new AssertionFailed('a writer has left a slot half written');
  }

  #copy(slot: number, into: CourierPosition): void {
    const at = slot * FIELDS;
    into.lat = this.#numbers[at] as number;
    into.lng = this.#numbers[at + 1] as number;
    into.headingDegrees = this.#numbers[at + 2] as number;
    into.speedMps = this.#numbers[at + 3] as number;
    into.atMs = this.#numbers[at + 4] as number;
  }

  #hasFlag(slot: number, flag: number): boolean {
    // Beyond what this thread has seen of the memory: the writer may have grown it.
    if (slot >= this.capacity) this.#look();
    return slot < this.capacity && (Atomics.load(this.#flags, slot) & flag) !== 0;
  }

  #setFlag(slot: number, flag: number, on: boolean): void {
    if (on) Atomics.or(this.#flags, slot, flag);
    else Atomics.and(this.#flags, slot, ~flag);
  }
}

/**
 * Memory for couriers, all slots empty.
 * @param capacity slots at first
 * @param capacityMax slots that it may grow to; of these only the address space is taken now
 */
export function slotMemory(capacity: number, capacityMax: number): SlotMemory {
  assert(Number.isInteger(capacity) && capacity >= 1, 'there is a slot at least');
  assert(
    Number.isInteger(capacityMax) && capacityMax >= capacity,
    'the bound is not below the start',
  );
  const grown = (bytes: number): SharedArrayBuffer =>
    new SharedArrayBuffer(capacity * bytes, { maxByteLength: capacityMax * bytes });
  return { numbers: grown(SLOT_BYTES), versions: grown(VERSION_BYTES), flags: grown(1) };
}
