import {
  newCourierTrack,
  readTrack,
  TRACK_NUMBERS,
  writeTrack,
  type CourierTrack,
} from '../geo/index.ts';
import { RowSpace } from './row-space.ts';

/** What each frame of a courier's fixes is looked at with, and what it changes. */
export interface CourierState {
  readonly track: CourierTrack;
  /**
   * Until when the courier works, ms since the Unix epoch: -Infinity off duty, Infinity when it did not
   * say; NaN while nobody knows.
   */
  worksUntilMs: number;
  /** Whether it carries an order. */
  isCarrying: boolean;
  /** Of its frames, as in limits/bucket.ts. */
  framesFullAtMs: number;
}

const WORKS = TRACK_NUMBERS;
const CARRYING = TRACK_NUMBERS + 1;
const FRAMES = TRACK_NUMBERS + 2;
const FIX_AT = TRACK_NUMBERS + 3;
const HEARD_AT = TRACK_NUMBERS + 4;
const ESTIMATED_AT = TRACK_NUMBERS + 5;
/** Numbers of a courier: 256 bytes, four lines of the processor's cache. */
const ROW = 32;

/**
 * What changes with each fix, of all couriers side by side in one array. As objects it would be fifty for
 * each, for a number that changes is one of its own; and in a fleet that no cache holds, a fix would wait
 * for memory fifty times. Here it waits about once, for one object is filled, worked on and put back.
 */
export class CourierRows {
  readonly #space = new RowSpace();
  #numbers = new Float64Array(this.#space.capacity * ROW);
  readonly #state = newState(null);

  /**
   * Of a courier of whom nothing is known.
   * @param known but where it was last, perhaps
   * @returns its row, until `remove`
   */
  add(known: Parameters<typeof newCourierTrack>[0]): number {
    const row = this.#space.take();
    const length = this.#space.capacity * ROW;
    if (length > this.#numbers.length) {
      const before = this.#numbers;
      this.#numbers = new Float64Array(length);
      this.#numbers.set(before);
    }
    this.#put(row, newState(known));
    this.setFixAtMs(row, 0);
    this.setHeardAtMs(row, 0);
    this.setEstimatedAtMs(row, Number.NEGATIVE_INFINITY);
    return row;
  }

  remove(row: number): void {
    this.#space.giveBack(row);
  }

  /**
   * @returns the state of this row until the next `read`; what is changed in it counts with `write`
   * @hot bench: ingest
   */
  read(row: number): CourierState {
    const at = row * ROW;
    const numbers = this.#numbers;
    const state = this.#state;
    readTrack(numbers, at, state.track);
    state.worksUntilMs = numbers[at + WORKS] as number;
    state.isCarrying = numbers[at + CARRYING] === 1;
    state.framesFullAtMs = numbers[at + FRAMES] as number;
    return state;
  }

  /** The row is what the state has become. @hot bench: ingest */
  write(row: number): void {
    this.#put(row, this.#state);
  }

  worksUntilMs(row: number): number {
    return this.#numbers[row * ROW + WORKS] as number;
  }

  setWorksUntilMs(row: number, untilMs: number): void {
    this.#numbers[row * ROW + WORKS] = untilMs;
  }

  /** Of the newest fix that was taken with an order, ms since the Unix epoch; 0 before the first. */
  fixAtMs(row: number): number {
    return this.#numbers[row * ROW + FIX_AT] as number;
  }

  setFixAtMs(row: number, atMs: number): void {
    this.#numbers[row * ROW + FIX_AT] = atMs;
  }

  /** When that came, or when the courier was given the first order; monotonic, ms. */
  heardAtMs(row: number): number {
    return this.#numbers[row * ROW + HEARD_AT] as number;
  }

  setHeardAtMs(row: number, atMs: number): void {
    this.#numbers[row * ROW + HEARD_AT] = atMs;
  }

  /** When the times of what it carries were estimated last; monotonic, ms; -Infinity: they are void. */
  estimatedAtMs(row: number): number {
    return this.#numbers[row * ROW + ESTIMATED_AT] as number;
  }

  setEstimatedAtMs(row: number, atMs: number): void {
    this.#numbers[row * ROW + ESTIMATED_AT] = atMs;
  }

  setCarrying(row: number, isCarrying: boolean): void {
    this.#numbers[row * ROW + CARRYING] = isCarrying ? 1 : 0;
  }

  #put(row: number, state: CourierState): void {
    const at = row * ROW;
    const numbers = this.#numbers;
    writeTrack(numbers, at, state.track);
    numbers[at + WORKS] = state.worksUntilMs;
    numbers[at + CARRYING] = state.isCarrying ? 1 : 0;
    numbers[at + FRAMES] = state.framesFullAtMs;
  }
}

function newState(known: Parameters<typeof newCourierTrack>[0]): CourierState {
  const track = newCourierTrack(known);
  return { track, worksUntilMs: Number.NaN, isCarrying: false, framesFullAtMs: 0 };
}
