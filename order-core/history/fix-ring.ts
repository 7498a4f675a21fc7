import type { Fix } from '../../protocol/index.ts';
import { assert, required } from '../../runtime/index.ts';
import type { FixRows } from './fix-rows.ts';

/** Numbers of a fix, in this order: lat, lng, atMs, heading, speed, accuracy. */
const NUMBERS = 6;

/**
 * Fixes that wait to be written, in the order in which they came: columns that are made once, no object
 * for each. When it is full the oldest goes.
 */
export class FixRing {
  readonly capacity: number;
  readonly #cityIds: string[];
  readonly #courierIds: string[];
  readonly #numbers: Float64Array;
  /** One for all that are taken out. */
  readonly #scratch = {
    lat: 0,
    lng: 0,
    atMs: 0,
    headingDegrees: 0,
    speedMps: 0,
    accuracyMeters: 0,
  };
  #first = 0;
  #size = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#cityIds = Array.from({ length: capacity }, () => '');
    this.#courierIds = Array.from({ length: capacity }, () => '');
    this.#numbers = new Float64Array(capacity * NUMBERS);
  }

  get size(): number {
    return this.#size;
  }

  /**
   * @param fix is copied
   * @returns false when the oldest had to go for it
   * @hot bench: history
   */
  append(cityId: string, courierId: string, fix: Readonly<Fix>): boolean {
    const isFull = this.#size === this.capacity;
    if (isFull) this.#dropFirst();
    const slot = (this.#first + this.#size) % this.capacity;
    this.#cityIds[slot] = cityId;
    this.#courierIds[slot] = courierId;
    const at = slot * NUMBERS;
    this.#numbers[at] = fix.lat;
    this.#numbers[at + 1] = fix.lng;
    this.#numbers[at + 2] = fix.atMs;
    this.#numbers[at + 3] = fix.headingDegrees;
    this.#numbers[at + 4] = fix.speedMps;
    this.#numbers[at + 5] = fix.accuracyMeters;
    this.#size += 1;
    return !isFull;
  }

  /** Moves the oldest to `rows`, as many as there are and fit. */
  moveTo(rows: FixRows): void {
    const count = Math.min(this.#size, rows.rowsMax - rows.count);
    for (let i = 0; i < count; i++) {
      const slot = this.#first;
      rows.add(
        required(this.#cityIds[slot], 'the city of a slot'),
        required(this.#courierIds[slot], 'the courier of a slot'),
        this.#read(slot),
      );
      this.#dropFirst();
    }
  }

  #read(slot: number): Readonly<Omit<Fix, 'sequence'>> {
    const at = slot * NUMBERS;
    const [numbers, into] = [this.#numbers, this.#scratch];
    into.lat = numbers[at] ?? 0;
    into.lng = numbers[at + 1] ?? 0;
    into.atMs = numbers[at + 2] ?? 0;
    into.headingDegrees = numbers[at + 3] ?? 0;
    into.speedMps = numbers[at + 4] ?? 0;
    into.accuracyMeters = numbers[at + 5] ?? 0;
    return into;
  }

  #dropFirst(): void {
    assert(this.#size > 0, 'only what is there can go');
    this.#first = (this.#first + 1) % this.capacity;
    this.#size -= 1;
  }
}
