import { newStopWay, readWay, WAY_NUMBERS, writeWay, type StopWay } from '../geo/index.ts';
import {
  newPositionFrame,
  POSITION_FRAME_BYTES_MAX,
  positionFrameBytes,
  writePosition,
  type Position,
} from '../protocol/index.ts';
import { RowSpace } from './row-space.ts';

/** Numbers in a line of the processor's cache. */
const LINE = 8;

/** A row is the frame, three numbers, and the way. */
const FRAME_WORDS = POSITION_FRAME_BYTES_MAX / 4;
const DROPOFF = POSITION_FRAME_BYTES_MAX / 8;
const WAITS = DROPOFF + 1;
const TOLD = DROPOFF + 2;
const WAY = DROPOFF + 3;
/** Whole lines, one after the other. */
const ROW = LINE * Math.ceil((WAY + WAY_NUMBERS) / LINE);
const ROW_BYTES = 8 * ROW;
const ROW_WORDS = 2 * ROW;

/**
 * What changes with each fix, of all orders that are carried, side by side in one buffer, for the reason
 * that courier-rows.ts has: a frame of its own for each order would be four objects, in which what is sent
 * waits for memory eight times, and each number that changes one more.
 */
export class CarriedRows {
  readonly #space = new RowSpace();
  #bytes = new Uint8Array(this.#space.capacity * ROW_BYTES);
  #words = new Int32Array(this.#bytes.buffer);
  #numbers = new Float64Array(this.#bytes.buffer);
  #view = new DataView(this.#bytes.buffer);
  /** What goes out is copied here: one small buffer is always at hand. */
  readonly #out = new Int32Array(FRAME_WORDS);
  /** Views of it, by their lengths. */
  readonly #outOf: Uint8Array<ArrayBuffer>[] = [];
  readonly #way = newStopWay();

  /**
   * Of an order whose courier was not seen yet.
   * @returns its row, until `remove`
   * @throws RangeError when the ids are none
   */
  add(orderId: string, courierId: string): number {
    const frame = newPositionFrame(orderId, courierId);
    const row = this.#space.take();
    if (this.#space.capacity * ROW_BYTES > this.#bytes.length) this.#grow();
    this.#bytes.set(frame, row * ROW_BYTES);
    this.setDropoffAtMs(row, 0);
    this.setWaitsSinceMs(row, -1);
    this.setToldOfMs(row, Number.NEGATIVE_INFINITY);
    return row;
  }

  remove(row: number): void {
    this.#space.giveBack(row);
  }

  /** The courier is here. @param etaSeconds city seconds until the order is at the door @hot bench: fanout */
  moveTo(row: number, position: Position, etaSeconds: number): void {
    writePosition(this.#view, position, etaSeconds, row * ROW_BYTES);
  }

  /** @returns the frame of this row (protocol/position-frame.ts), good until the next call @hot bench: fanout */
  frame(row: number): Uint8Array<ArrayBuffer> {
    const length = positionFrameBytes(this.#bytes, row * ROW_BYTES);
    const from = row * ROW_WORDS;
    const words = this.#words;
    for (let i = 0; i < FRAME_WORDS; i++) this.#out[i] = words[from + i] as number;
    return (this.#outOf[length] ??= new Uint8Array(this.#out.buffer, 0, length));
  }

  /** When the order is at its door, by the newest estimate, ms since the Unix epoch; 0 before the first. */
  dropoffAtMs(row: number): number {
    return this.#numbers[row * ROW + DROPOFF] as number;
  }

  setDropoffAtMs(row: number, atMs: number): void {
    this.#numbers[row * ROW + DROPOFF] = atMs;
  }

  /** Monotonic, ms, of the first fix that its watchers have not heard of; negative when there is none. */
  waitsSinceMs(row: number): number {
    return this.#numbers[row * ROW + WAITS] as number;
  }

  setWaitsSinceMs(row: number, sinceMs: number): void {
    this.#numbers[row * ROW + WAITS] = sinceMs;
  }

  /** Monotonic, ms, of the fix at which its watchers were told last. */
  toldOfMs(row: number): number {
    return this.#numbers[row * ROW + TOLD] as number;
  }

  setToldOfMs(row: number, ofMs: number): void {
    this.#numbers[row * ROW + TOLD] = ofMs;
  }

  /** @returns the way of this order until the next call; what is changed in it counts with `writeWay` @hot bench: fanout */
  way(row: number): StopWay {
    readWay(this.#numbers, row * ROW + WAY, this.#way);
    return this.#way;
  }

  /** The row is what the way that was read last has become. @hot bench: fanout */
  writeWay(row: number): void {
    writeWay(this.#numbers, row * ROW + WAY, this.#way);
  }

  #grow(): void {
    const before = this.#bytes;
    this.#bytes = new Uint8Array(this.#space.capacity * ROW_BYTES);
    this.#bytes.set(before);
    this.#words = new Int32Array(this.#bytes.buffer);
    this.#numbers = new Float64Array(this.#bytes.buffer);
    this.#view = new DataView(this.#bytes.buffer);
  }
}
