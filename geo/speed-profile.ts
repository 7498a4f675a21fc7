import { assert } from '../runtime/index.ts';
import type { Place } from './place.ts';

const HOURS = 24;
/** Blocks of a hundredth of a degree: streets of one kind, and enough couriers in each. */
const BLOCKS_PER_DEGREE = 100;
const BLOCKS_PER_ROW = 360 * BLOCKS_PER_DEGREE;
/** 100 km by 100 km; beyond, ways are as fast as in the city at large. */
const BLOCKS_MAX = 10_000;
/** What was set counts as much as so many seconds of couriers who were seen in that hour. */
const PRIOR_SECONDS = 1_800;
/** And what the city at large does, for a block. */
const CITY_SECONDS = 600;
/** With more than this in an hour, what is older counts half: cities change. */
const CITY_MEMORY_SECONDS = 200_000;
const BLOCK_MEMORY_SECONDS = 20_000;
/** Whatever was seen, couriers are not slower or faster than what was set by more than this. */
const FACTOR_MAX = 5;
/** A courier who is seen so rarely teaches nothing of one block. */
const SAMPLE_SECONDS_MAX = 600;

/**
 * At what speed couriers come nearer to where they are going, learned from their fixes: for each hour
 * of the day, for the city and for each block of it. Metres and seconds are summed, so that a wait at
 * a light counts as long as it takes; where little was seen, the city at large speaks, and where
 * that has not been seen, what was set (shrinkage, as for rates of small areas). Normalised to a
 * vehicle whose speed factor is 1.
 */
export class SpeedProfile {
  #priorMps: number;
  /** Metres and seconds of hour 0, of hour 1, ... */
  readonly #city = new Float64Array(2 * HOURS);
  readonly #blocks = new Map<number, Float64Array>();
  #changed = false;

  /** @param priorMps before anything was seen */
  constructor(priorMps: number) {
    this.#priorMps = priorMps;
  }

  setPrior(priorMps: number): void {
    assert(priorMps > 0, 'couriers move');
    this.#priorMps = priorMps;
  }

  /**
   * A courier was seen at a place, and later nearer to its stop, or farther: metres may be negative.
   * What cannot be is passed over.
   */
  learn(
    at: Place,
    hour: number,
    seen: { readonly meters: number; readonly seconds: number },
  ): void {
    const { meters, seconds } = seen;
    if (!(seconds > 0 && seconds <= SAMPLE_SECONDS_MAX)) return;
    if (!(Math.abs(meters) <= seconds * this.#priorMps * FACTOR_MAX)) return;
    add(this.#city, hour, seen, CITY_MEMORY_SECONDS);
    const block = this.#openBlock(blockOf(at.lat, at.lng));
    if (block !== null) add(block, hour, seen, BLOCK_MEMORY_SECONDS);
    this.#changed = true;
  }

  /** Metres per second at this place and hour. */
  speedMps(lat: number, lng: number, hour: number): number {
    const city = this.citySpeedMps(hour);
    const block = this.#blocks.get(blockOf(lat, lng));
    if (block === undefined) return city;
    return this.#bounded(shrunk(block, hour, city, CITY_SECONDS));
  }

  citySpeedMps(hour: number): number {
    return this.#bounded(shrunk(this.#city, hour, this.#priorMps, PRIOR_SECONDS));
  }

  /** Whether something was learned since the last time that this was asked. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** What was learned, to be kept: block numbers with their sums, the city's under -1. */
  toJSON(): LearnedSums {
    const sums: [number, number[]][] = [[CITY_KEY, plain(this.#city)]];
    for (const [block, own] of this.#blocks) sums.push([block, plain(own)]);
    return sums;
  }

  /** Goes on from what was kept; whatever is not of that form is passed over. */
  restore(sums: LearnedSums): void {
    for (const [block, values] of sums) {
      if (values.length !== 2 * HOURS || !values.every(Number.isFinite)) continue;
      const into = block === CITY_KEY ? this.#city : this.#openBlock(block);
      into?.set(values);
    }
  }

  #openBlock(number: number): Float64Array | null {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    if (this.#blocks.size >= BLOCKS_MAX) return null;
    const block = new Float64Array(2 * HOURS);
    this.#blocks.set(number, block);
    return block;
  }

  #bounded(speedMps: number): number {
    return Math.min(this.#priorMps * FACTOR_MAX, Math.max(this.#priorMps / FACTOR_MAX, speedMps));
  }
}

export type LearnedSums = readonly (readonly [block: number, values: readonly number[]])[];
const CITY_KEY = -1;

function blockOf(lat: number, lng: number): number {
  const row = Math.floor((lat + 90) * BLOCKS_PER_DEGREE);
  const column = Math.floor((lng + 180) * BLOCKS_PER_DEGREE) % BLOCKS_PER_ROW;
  return row * BLOCKS_PER_ROW + column;
}

function add(
  sums: Float64Array,
  hour: number,
  { meters, seconds }: { readonly meters: number; readonly seconds: number },
  memorySeconds: number,
): void {
  const at = 2 * hour;
  const fades = (sums[at + 1] as number) + seconds > memorySeconds ? 0.5 : 1;
  sums[at] = (sums[at] as number) * fades + meters;
  sums[at + 1] = (sums[at + 1] as number) * fades + seconds;
}

function shrunk(sums: Float64Array, hour: number, parentMps: number, weight: number): number {
  const at = 2 * hour;
  return (parentMps * weight + (sums[at] as number)) / (weight + (sums[at + 1] as number));
}

function plain(values: Float64Array): number[] {
  return Array.from(values, Math.round);
}
