import { assert, AssertionFailed } from '../runtime/index.ts';
import {
  CAPACITY,
  MOTION,
  NUMBERS,
  SLOT_BYTES,
  STATUS,
  TILE,
  USED,
  VERSION,
  WORDS,
  type CourierMemory,
} from './courier-memory.ts';
import { leftStatus, STANDING_FLAG } from './courier-status.ts';

/** Degrees, metres per second, ms since the Unix epoch. */
export interface CourierPosition {
  lat: number;
  lng: number;
  /** Kept to 1/100, as the fix frame has it; so is the speed, up to 655 m/s. */
  headingDegrees: number;
  speedMps: number;
  atMs: number;
}

/** A courier as a search sees it, all of one moment. */
export interface Sighting {
  slot: number;
  lat: number;
  lng: number;
  /** The word of courier-status.ts. */
  status: number;
}

/** Each try that fails is a fix that was written meanwhile; nobody sends so many without a pause. */
const TRIES_MAX = 1_000_000;
/** A write takes some nanoseconds, so a reader looks again at once, so often. */
const SPINS_MAX = 1_000;
/** Then the system has stopped the writer's thread, and the reader sleeps 1 ms at a time, so often. */
const WAITS_MAX = 1_000;
/** Memory grows by a 256th: that costs no copy, and leaves little of it idle. */
const GROWTH_SHIFT = 8;
const GROWTH_MIN = 256;
const HUNDREDTHS = 100;
const LOW_16 = 0xffff;

/**
 * The records of couriers in shared memory. One thread writes; any thread reads, without a lock and
 * never half a fix.
 *
 * Each slot has a sequence lock (Lameter, "Effective Synchronization on Linux/NUMA Systems", 2005):
 * the writer makes the version odd, writes, and makes it even again. A reader that meets an odd
 * version, or another one after reading than before, reads again.
 *
 * Views are of fixed length and made anew after the memory has grown: with views that track the
 * length a write takes 160 ns instead of 26.
 */
export class CourierSlots {
  readonly memory: CourierMemory;
  /** All records as words; another array after the memory has grown. */
  words!: Int32Array<SharedArrayBuffer>;
  readonly #writes: boolean;
  readonly #header: Int32Array<SharedArrayBuffer>;
  #numbers!: Float64Array<SharedArrayBuffer>;
  #capacity = 0;

  /** @param role the one that writes needs no lock to read */
  constructor(memory: CourierMemory, role: 'writer' | 'reader') {
    this.memory = memory;
    this.#writes = role === 'writer';
    this.#header = new Int32Array(memory.header);
    this.follow();
  }

  get capacity(): number {
    return this.#capacity;
  }

  get capacityMax(): number {
    return this.memory.slots.maxByteLength / SLOT_BYTES;
  }

  /** Slots from this on were never anybody's. */
  get used(): number {
    return Math.min(Atomics.load(this.#header, USED), this.#capacity);
  }

  /** Sees memory that the writer has grown. */
  follow(): void {
    const capacity = Atomics.load(this.#header, CAPACITY);
    if (capacity === this.#capacity) return;
    this.#capacity = capacity;
    this.#numbers = new Float64Array(this.memory.slots, 0, capacity * NUMBERS);
    this.words = new Int32Array(this.memory.slots, 0, capacity * WORDS);
  }

  /** Room for this slot, which may be one beyond the last. Only in the writing thread. */
  take(slot: number): void {
    assert(slot < this.capacityMax, 'a city has no more couriers than its index was made for');
    if (slot >= this.#capacity) this.#grow();
    if (slot >= this.used) Atomics.store(this.#header, USED, slot + 1);
  }

  /**
   * From now on the courier stands here. Only in the writing thread.
   * @hot bench: index
   */
  write(slot: number, position: Readonly<CourierPosition>): void {
    const at = slot * WORDS;
    const { words } = this;
    const version = this.#beginWrite(at);
    const number = slot * NUMBERS;
    this.#numbers[number] = position.lat;
    this.#numbers[number + 1] = position.lng;
    this.#numbers[number + 2] = position.atMs;
    words[at + MOTION] = packed(position.headingDegrees) | (packed(position.speedMps) << 16);
    words[at + STATUS] = (words[at + STATUS] as number) | STANDING_FLAG;
    Atomics.store(words, at + VERSION, version);
  }

  /** The slot is nobody's, and of another generation. Only in the writing thread. */
  clear(slot: number): void {
    const at = slot * WORDS;
    const version = this.#beginWrite(at);
    this.words[at + STATUS] = leftStatus(this.words[at + STATUS] as number);
    Atomics.store(this.words, at + VERSION, version);
  }

  /** 0 for a slot that was never used. */
  status(slot: number): number {
    if (slot >= this.#capacity) this.follow();
    if (slot >= this.#capacity) return 0;
    const at = slot * WORDS + STATUS;
    // Who writes it itself knows it; an atomic load is a call.
    return this.#writes ? (this.words[at] as number) : Atomics.load(this.words, at);
  }

  setStatus(slot: number, status: number): void {
    Atomics.store(this.words, slot * WORDS + STATUS, status);
  }

  /** The tile of a slot that stands (grid.ts). */
  tileOf(slot: number): number {
    return this.words[slot * WORDS + TILE] as number;
  }

  /**
   * Reads a whole fix into `into`; any thread.
   * @returns false when the slot has no position; `into` means nothing then
   * @throws AssertionFailed when the writing thread has died in the middle of a fix
   */
  read(slot: number, into: CourierPosition): boolean {
    if ((this.status(slot) & STANDING_FLAG) === 0) return false;
    const at = slot * WORDS;
    const number = slot * NUMBERS;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const before = this.#quietVersion(at);
      const motion = this.words[at + MOTION] as number;
      into.lat = this.#numbers[number] as number;
      into.lng = this.#numbers[number + 1] as number;
      into.atMs = this.#numbers[number + 2] as number;
      into.headingDegrees = (motion & LOW_16) / HUNDREDTHS;
      into.speedMps = (motion >>> 16) / HUNDREDTHS;
      const status = this.words[at + STATUS] as number;
      if (this.#isStill(at, before)) return (status & STANDING_FLAG) !== 0;
    }
    throw new AssertionFailed('a slot is written without a pause');
  }

  /**
   * Where the slot's courier stands and what its status is; any thread.
   * @param slot below `capacity`
   * @throws AssertionFailed when the writing thread has died in the middle of a fix
   * @hot bench: index
   */
  look(slot: number, into: Sighting): void {
    const at = slot * WORDS;
    const number = slot * NUMBERS;
    into.slot = slot;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const before = this.#quietVersion(at);
      into.lat = this.#numbers[number] as number;
      into.lng = this.#numbers[number + 1] as number;
      into.status = this.words[at + STATUS] as number;
      if (this.#isStill(at, before)) return;
    }
    throw new AssertionFailed('a slot is written without a pause');
  }

  /** @returns the version to end the write with */
  #beginWrite(at: number): number {
    // Nobody else writes it. Read plainly, so that the processor need not wait for it here: what is
    // atomic waits for all that is under way.
    const version = this.words[at + VERSION] as number;
    Atomics.store(this.words, at + VERSION, version + 1);
    // On ARM the writes below could be seen before what was stored here; not before this load.
    assert((Atomics.load(this.words, at + VERSION) & 1) === 1, 'one thread writes a slot');
    return (version + 2) | 0;
  }

  /** The version, once it is even. Nothing for the writer, who knows that nobody else writes. */
  #quietVersion(at: number): number {
    if (this.#writes) return 0;
    let version = Atomics.load(this.words, at + VERSION);
    for (let tries = 0; (version & 1) === 1; tries++) {
      assert(tries < TRIES_MAX, 'a slot is not written without a pause');
      version = this.#awaitWriter(at, version);
    }
    return version;
  }

  #isStill(at: number, version: number): boolean {
    // Not a load: on ARM the copy could still be going on after a load, but not after this.
    return this.#writes || Atomics.or(this.words, at + VERSION, 0) === version;
  }

  /** The next version after this odd one, which may be odd too; if it stays, the writer is dead. */
  #awaitWriter(at: number, odd: number): number {
    for (let spins = 0; spins < SPINS_MAX; spins++) {
      const version = Atomics.load(this.words, at + VERSION);
      if (version !== odd) return version;
    }
    // The writer wakes nobody, which would cost every fix: so 1 ms at a time.
    for (let waits = 0; waits < WAITS_MAX; waits++) {
      if (Atomics.wait(this.words, at + VERSION, odd, 1) === 'not-equal') {
        return Atomics.load(this.words, at + VERSION);
      }
    }
    throw new AssertionFailed('a writer has left a slot half written');
  }

  #grow(): void {
    const more = Math.max(GROWTH_MIN, this.#capacity >> GROWTH_SHIFT);
    const capacity = Math.min(this.#capacity + more, this.capacityMax);
    this.memory.slots.grow(capacity * SLOT_BYTES);
    // After the memory, because a reader believes it.
    Atomics.store(this.#header, CAPACITY, capacity);
    this.follow();
  }
}

/** A number that is none becomes 0. */
function packed(value: number): number {
  return Math.max(0, Math.min(LOW_16, Math.round(value * HUNDREDTHS))) & LOW_16;
}
