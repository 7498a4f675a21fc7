import type { CouriersMoved, Place } from '../../protocol/index.ts';

/**
 * Every courier of a map as numbers in one array, ready for the graphics card: where from, where to and
 * when, so that the card moves thousands between two pictures and no script does. A message changes only
 * those whom it names. Pure but for its own arrays.
 *
 * | float | of a courier                                                          |
 * | ----- | --------------------------------------------------------------------- |
 * | 0, 1  | where it comes from, Web Mercator less the origin                      |
 * | 2, 3  | where it goes                                                         |
 * | 4, 5  | when it leaves, and when it is there; seconds of the map's own clock    |
 * | 6     | 0 nobody, 1 available, 2 busy                                         |
 */
export const FLOATS_PER_COURIER = 7;
const CAPACITY = 1_024;
/** A courier glides for as long as it was since it was told of last, within these. */
const GLIDE_SECONDS_MIN = 0.3;
const GLIDE_SECONDS_MAX = 3;
/** Farther is a jump, and not a way: about 2 km. */
const JUMP = 5e-5;

export interface FleetCourier extends Place {
  readonly courierId: string;
  readonly available: boolean;
}

interface Slot {
  readonly at: number;
  readonly courierId: string;
  cell: string;
  place: Place;
  available: boolean;
}

export class Fleet {
  readonly #origin: readonly [x: number, y: number];
  #data = new Float32Array(CAPACITY * FLOATS_PER_COURIER);
  readonly #slots = new Map<string, Slot>();
  readonly #cells = new Map<string, Set<Slot>>();
  /** Places in the array that are nobody's. */
  readonly #free: number[] = [];
  #used = 0;
  #dirty: readonly [from: number, to: number] | null = null;
  #movesUntil = 0;

  /** @param middle near the couriers: floats are exact to centimetres around it */
  constructor(middle: Place) {
    this.#origin = mercator(middle);
  }

  get origin(): readonly [x: number, y: number] {
    return this.#origin;
  }

  /** How many are on the map. */
  get size(): number {
    return this.#slots.size;
  }

  /** How many of the array's entries may be somebody. */
  get used(): number {
    return this.#used;
  }

  get data(): Float32Array {
    return this.#data;
  }

  /** When the last of them has arrived, seconds. */
  get movesUntil(): number {
    return this.#movesUntil;
  }

  /** @param seconds of the map's clock @param glides false: whoever moved is there at once */
  apply({ cell, full, couriers, left }: CouriersMoved, seconds: number, glides = true): void {
    if (full) this.#empty(cell, new Set(couriers.map(({ courierId }) => courierId)));
    for (const courierId of left) {
      const slot = this.#slots.get(courierId);
      // Who has crossed is known to be elsewhere by now.
      if (slot?.cell === cell) this.#remove(slot);
    }
    for (const { courierId, lat, lng, available } of couriers) {
      const place = { lat, lng };
      const slot = this.#slots.get(courierId) ?? this.#add(courierId, cell, place, seconds);
      this.#enter(slot, cell);
      slot.available = available;
      this.#move(slot, place, { seconds, glides });
    }
  }

  clear(): void {
    for (const slot of this.#slots.values()) this.#remove(slot);
  }

  /** What has changed since the last time, as indices of the array; null: nothing. */
  takeDirty(): readonly [from: number, to: number] | null {
    const dirty = this.#dirty;
    this.#dirty = null;
    return dirty;
  }

  courier(courierId: string): FleetCourier | null {
    const slot = this.#slots.get(courierId);
    return slot === undefined ? null : shown(slot);
  }

  all(): FleetCourier[] {
    return Array.from(this.#slots.values(), shown);
  }

  /** How many may be given an order now. */
  countAvailable(): number {
    let count = 0;
    for (const { available } of this.#slots.values()) if (available) count += 1;
    return count;
  }

  /** The nearest of those whom `fits` takes, nearest first. Looks at all of them. */
  nearest(place: Place, count: number, fits: (one: FleetCourier) => boolean): FleetCourier[] {
    const from = mercator(place);
    return this.all()
      .filter(fits)
      .map((courier) => ({ courier, apart: apart(from, mercator(courier)) }))
      .toSorted((a, b) => a.apart - b.apart)
      .slice(0, count)
      .map(({ courier }) => courier);
  }

  #add(courierId: string, cell: string, place: Place, seconds: number): Slot {
    const at = this.#free.pop() ?? this.#used++;
    if (this.#used * FLOATS_PER_COURIER > this.#data.length) this.#grow();
    const slot: Slot = { at, courierId, cell, place, available: false };
    this.#slots.set(courierId, slot);
    const [x, y] = this.#relative(place);
    this.#data.set([x, y, x, y, seconds, seconds, 0], at * FLOATS_PER_COURIER);
    return slot;
  }

  #remove(slot: Slot): void {
    this.#slots.delete(slot.courierId);
    this.#cells.get(slot.cell)?.delete(slot);
    this.#free.push(slot.at);
    this.#data[slot.at * FLOATS_PER_COURIER + 6] = 0;
    this.#touch(slot.at);
  }

  #empty(cell: string, but: ReadonlySet<string>): void {
    for (const slot of this.#cells.get(cell) ?? []) {
      if (!but.has(slot.courierId)) this.#remove(slot);
    }
  }

  #enter(slot: Slot, cell: string): void {
    this.#cells.get(slot.cell)?.delete(slot);
    slot.cell = cell;
    const inCell = this.#cells.get(cell) ?? new Set();
    this.#cells.set(cell, inCell.add(slot));
  }

  #move(slot: Slot, place: Place, { seconds, glides }: { seconds: number; glides: boolean }): void {
    const data = this.#data;
    const i = slot.at * FLOATS_PER_COURIER;
    const [fromX, fromY] = shownAt(data, i, seconds);
    const [x, y] = this.#relative(place);
    const sinceSeconds = seconds - (data[i + 4] ?? 0);
    const isWay = glides && data[i + 6] !== 0 && Math.hypot(x - fromX, y - fromY) < JUMP;
    const glide = Math.min(GLIDE_SECONDS_MAX, Math.max(GLIDE_SECONDS_MIN, sinceSeconds));
    data[i] = isWay ? fromX : x;
    data[i + 1] = isWay ? fromY : y;
    data[i + 2] = x;
    data[i + 3] = y;
    data[i + 4] = seconds;
    data[i + 5] = isWay ? seconds + glide : seconds;
    data[i + 6] = slot.available ? 1 : 2;
    slot.place = place;
    this.#movesUntil = Math.max(this.#movesUntil, data[i + 5] ?? 0);
    this.#touch(slot.at);
  }

  #touch(at: number): void {
    const from = at * FLOATS_PER_COURIER;
    const to = from + FLOATS_PER_COURIER;
    const [before, after] = this.#dirty ?? [from, to];
    this.#dirty = [Math.min(before, from), Math.max(after, to)];
  }

  #grow(): void {
    const larger = new Float32Array(this.#data.length * 2);
    larger.set(this.#data);
    this.#data = larger;
  }

  #relative(place: Place): readonly [x: number, y: number] {
    const [x, y] = mercator(place);
    return [x - this.#origin[0], y - this.#origin[1]];
  }
}

/** Where a courier is on its way, as the graphics card has it. @param i of its first float */
export function shownAt(
  data: Float32Array,
  i: number,
  seconds: number,
): readonly [x: number, y: number] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, t0 = 0, t1 = 0] = data.subarray(i, i + 6);
  const part = t1 <= t0 ? 1 : Math.min(1, Math.max(0, (seconds - t0) / (t1 - t0)));
  return [x0 + (x1 - x0) * part, y0 + (y1 - y0) * part];
}

/** Web Mercator, the world as 0 to 1, south and east growing. */
export function mercator({ lat, lng }: Place): readonly [x: number, y: number] {
  const sin = Math.sin((lat * Math.PI) / 180);
  return [(lng + 180) / 360, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
}

function apart(a: readonly [number, number], b: readonly [number, number]): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function shown({ courierId, place, available }: Slot): FleetCourier {
  return { courierId, available, ...place };
}
