import { randomInteger, seededRandom, type Random } from '../../runtime/index.ts';

/** One fix after the other, for as many couriers as there are: who, and where. */
export interface Moves {
  readonly courier: Int32Array;
  readonly lat: Float64Array;
  readonly lng: Float64Array;
}

export interface Point {
  readonly lat: number;
  readonly lng: number;
}

const CENTER: Point = { lat: 52.5, lng: 13.4 };
/** The city of 40 x 40 km that has 50,000 couriers; other fleets stand as close together. */
const CITY_METERS = 40_000;
const CITY_COURIERS = 50_000;
const METERS_PER_DEGREE = 111_195;
const FIX_SECONDS = 3;
const SPEED_MPS = { min: 5, max: 10 };
/** At most, from one fix to the next: streets are straight most of the time. */
const TURN_RADIANS = 0.5;

/**
 * Couriers who ride through a city, each at its own speed, and send a fix every 3 seconds. Their fixes
 * come in the same mixed order in every round, which is not that in which they were first seen.
 */
export class FleetMotion {
  readonly ids: readonly string[];
  /** Where each is now. */
  readonly lat: Float64Array;
  readonly lng: Float64Array;
  readonly #random: Random;
  readonly #order: Int32Array;
  readonly #heading: Float64Array;
  readonly #speedMps: Float64Array;
  readonly #halfSide: Point;
  #next = 0;

  /** @param order `mixed`, or `steady` for fixes in the order in which couriers were first seen */
  constructor(couriers: number, seed: number, order: 'mixed' | 'steady' = 'mixed') {
    const random = seededRandom(seed);
    const sideMeters = CITY_METERS * Math.sqrt(couriers / CITY_COURIERS);
    const lat = sideMeters / METERS_PER_DEGREE / 2;
    const fill = (value: () => number): Float64Array =>
      Float64Array.from({ length: couriers }, value);
    this.#halfSide = { lat, lng: lat / Math.cos((CENTER.lat * Math.PI) / 180) };
    this.#random = random;
    this.ids = Array.from({ length: couriers }, (_, i) => courierId(i));
    this.lat = fill(() => CENTER.lat + (random.next() * 2 - 1) * this.#halfSide.lat);
    this.lng = fill(() => CENTER.lng + (random.next() * 2 - 1) * this.#halfSide.lng);
    this.#heading = fill(() => random.next() * 2 * Math.PI);
    this.#speedMps = fill(() => SPEED_MPS.min + random.next() * (SPEED_MPS.max - SPEED_MPS.min));
    this.#order = Int32Array.from({ length: couriers }, (_, i) => i);
    if (order === 'mixed') shuffle(this.#order, random);
  }

  /** The next fixes, made here so that nobody measures it. */
  next(count: number): Moves {
    const courier = new Int32Array(count);
    const moves = { courier, lat: new Float64Array(count), lng: new Float64Array(count) };
    for (let i = 0; i < count; i++) {
      const who = this.#order[this.#next] ?? 0;
      this.#next = (this.#next + 1) % this.#order.length;
      this.#ride(who);
      moves.courier[i] = who;
      moves.lat[i] = this.lat[who] ?? 0;
      moves.lng[i] = this.lng[who] ?? 0;
    }
    return moves;
  }

  /** Places anywhere in the city, of restaurants for instance. */
  places(count: number): Point[] {
    const within = (half: number): number => (this.#random.next() * 2 - 1) * half;
    return Array.from({ length: count }, () => ({
      lat: CENTER.lat + within(this.#halfSide.lat),
      lng: CENTER.lng + within(this.#halfSide.lng),
    }));
  }

  /** Straight on, a little to one side; back where the city ends. */
  #ride(who: number): void {
    const heading =
      (this.#heading[who] ?? 0) +
      (this.#random.next() * 2 - 1) * this.#random.next() * TURN_RADIANS;
    const degrees = ((this.#speedMps[who] ?? 0) * FIX_SECONDS) / METERS_PER_DEGREE;
    const lat = (this.lat[who] ?? 0) + degrees * Math.cos(heading);
    const stretch = Math.cos((CENTER.lat * Math.PI) / 180);
    const lng = (this.lng[who] ?? 0) + (degrees * Math.sin(heading)) / stretch;
    const isInside =
      Math.abs(lat - CENTER.lat) <= this.#halfSide.lat &&
      Math.abs(lng - CENTER.lng) <= this.#halfSide.lng;
    this.#heading[who] = isInside ? heading : heading + Math.PI;
    if (!isInside) return;
    this.lat[who] = lat;
    this.lng[who] = lng;
  }
}

/** In one piece, as ids come from tokens: a text that was put together keeps its parts. */
export function courierId(i: number): string {
  return Buffer.from(`courier-${String(i).padStart(5, '0')}`).toString('latin1');
}

function shuffle(list: Int32Array, random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = randomInteger(random, 0, i);
    [list[i], list[j]] = [list[j] ?? 0, list[i] ?? 0];
  }
}
