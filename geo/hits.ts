import { boxAround, cosineFloor, type Box } from './grid.ts';
import type { CourierFilter } from './courier-filter.ts';
import { distanceMeters, EARTH_RADIUS_METERS, type Place } from './place.ts';
import type { Sighting } from './slots.ts';

/** A courier that was found. */
export interface Hit {
  readonly slot: number;
  /** The slot's (courier-status.ts): a reader in another thread knows by it whom it found. */
  readonly status: number;
  /** Great-circle distance from the place that was asked about. */
  readonly meters: number;
}

/** One question: where to look for its answer, and what it takes of what is there. */
export interface Hits {
  /** Who may be offered at all; its zone is for `offer` to ask. */
  readonly filter: CourierFilter;
  /** As if nothing had been seen. */
  reset(): void;
  /**
   * The box to look at next, which holds the one before; null when nothing beyond what was seen can
   * be part of the answer.
   */
  nextBox(): Box | null;
  /** Each courier that the filter accepts, once. */
  offer(sighting: Sighting): void;
}

/** The first look is at four to nine tiles; with 400 m the slowest searches took a little longer. */
const FIRST_REACH_METERS = 300;
const REACH_GROWTH = 1.5;
/** Half of the largest difference in radians for which the bound below holds. */
const HALF_ANGLE_MAX = 0.05;
/** sin² x >= 0.999 x² up to there. */
const SINE_SQUARED_FLOOR = 0.999;
const HALF_RADIANS = Math.PI / 360;
const NOBODY_FARTHER_METERS = Math.PI * EARTH_RADIUS_METERS + 1;

/** Which of two slots comes first when both are equally far. */
export type SlotOrder = (a: number, b: number) => boolean;

/** The k nearest within a distance, nearest first. */
export class NearestHits implements Hits {
  /** At most k, sorted. */
  readonly found: Hit[] = [];
  readonly filter: CourierFilter;
  readonly #question: NearestQuestion;
  #reachMeters = 0;
  #cosine = 0;
  /** Nobody with a larger haversine (sin² of half the angle) is taken any more. */
  #haversineMax = 1;

  constructor(question: NearestQuestion) {
    this.filter = question.filter;
    this.#question = question;
    this.reset();
  }

  reset(): void {
    this.found.length = 0;
    this.#reachMeters = 0;
    this.#cosine = 0;
    this.#haversineMax = haversineOf(this.#question.maxMeters);
  }

  nextBox(): Box | null {
    const { place, k, maxMeters } = this.#question;
    const most = Math.min(maxMeters, NOBODY_FARTHER_METERS);
    const worst = this.found.length < k ? Infinity : (this.found.at(-1)?.meters ?? 0);
    if (this.#reachMeters > 0 && this.#reachMeters >= Math.min(most, worst)) return null;
    const wider = Math.max(FIRST_REACH_METERS, this.#reachMeters * REACH_GROWTH);
    this.#reachMeters = Math.max(Number.MIN_VALUE, Math.min(most, worst, wider));
    const box = boxAround(place, this.#reachMeters);
    this.#cosine = Math.cos((place.lat * Math.PI) / 180) * cosineFloor(box);
    return box;
  }

  /** Haversine only for those that may be among the nearest. @hot bench: index */
  offer(sighting: Sighting): void {
    const { place, k, maxMeters } = this.#question;
    const north = Math.abs(sighting.lat - place.lat) * HALF_RADIANS;
    const across = Math.abs(sighting.lng - place.lng);
    const east = (across > 180 ? 360 - across : across) * HALF_RADIANS;
    const squares = north * north + this.#cosine * east * east;
    const isBounded = north <= HALF_ANGLE_MAX && east <= HALF_ANGLE_MAX;
    if (isBounded && SINE_SQUARED_FLOOR * squares > this.#haversineMax) return;
    const meters = distanceMeters(place, sighting);
    if (meters > maxMeters) return;
    const last = this.found.length === k ? this.found.at(-1) : undefined;
    if (last !== undefined && !this.#isBefore(sighting.slot, meters, last)) return;
    if (this.filter.covers(sighting)) this.#insert(sighting, meters);
  }

  #insert({ slot, status }: Sighting, meters: number): void {
    const { found } = this;
    if (found.length === this.#question.k) found.pop();
    let at = found.length;
    const hit = { slot, status, meters };
    found.push(hit);
    for (; at > 0 && this.#isBefore(slot, meters, found[at - 1] as Hit); at--) {
      found[at] = found[at - 1] as Hit;
    }
    found[at] = hit;
    if (found.length < this.#question.k) return;
    this.#haversineMax = haversineOf((found.at(-1) as Hit).meters);
  }

  #isBefore(slot: number, meters: number, other: Hit): boolean {
    return (
      meters < other.meters || (meters === other.meters && this.#question.order(slot, other.slot))
    );
  }
}

export interface NearestQuestion {
  readonly place: Place;
  /** At least 1. */
  readonly k: number;
  readonly maxMeters: number;
  readonly order: SlotOrder;
  readonly filter: CourierFilter;
}

/** Everybody within a distance, in no order. */
export class CircleHits implements Hits {
  readonly found: Hit[] = [];
  readonly #place: Place;
  readonly #maxMeters: number;
  readonly filter: CourierFilter;
  #isSeen = false;

  constructor(place: Place, maxMeters: number, filter: CourierFilter) {
    this.#place = place;
    this.#maxMeters = maxMeters;
    this.filter = filter;
  }

  reset(): void {
    this.found.length = 0;
    this.#isSeen = false;
  }

  nextBox(): Box | null {
    if (this.#isSeen) return null;
    this.#isSeen = true;
    return boxAround(this.#place, this.#maxMeters);
  }

  offer(sighting: Sighting): void {
    const meters = distanceMeters(this.#place, sighting);
    if (meters > this.#maxMeters || !this.filter.covers(sighting)) return;
    this.found.push({ slot: sighting.slot, status: sighting.status, meters });
  }
}

/** What a map shows. `west` > `east`: it lies across the antimeridian. Edges belong to it. */
export type Viewport = Box;

/** For tiles on whose edge the viewport's edge lies. */
const EDGE_DEGREES = 1e-9;

/** Everybody in a viewport, in no order. */
export class ViewportHits implements Hits {
  readonly found: { readonly slot: number; readonly status: number }[] = [];
  readonly #viewport: Viewport;
  readonly filter: CourierFilter;
  #isSeen = false;

  constructor(viewport: Viewport, filter: CourierFilter) {
    this.#viewport = viewport;
    this.filter = filter;
  }

  reset(): void {
    this.found.length = 0;
    this.#isSeen = false;
  }

  nextBox(): Box | null {
    if (this.#isSeen) return null;
    this.#isSeen = true;
    const { south, west, north, east } = this.#viewport;
    return {
      south: south - EDGE_DEGREES,
      west: west - EDGE_DEGREES,
      north: north + EDGE_DEGREES,
      east: (east < west ? east + 360 : east) + EDGE_DEGREES,
    };
  }

  offer(sighting: Sighting): void {
    const { south, west, north, east } = this.#viewport;
    const { slot, status, lat, lng } = sighting;
    if (lat < south || lat > north) return;
    const isBetween = west <= east ? lng >= west && lng <= east : lng >= west || lng <= east;
    if (isBetween && this.filter.covers(sighting)) this.found.push({ slot, status });
  }
}

/** Sin² of half the angle at the Earth's centre; a hair more, so that rounding excludes nobody. */
function haversineOf(meters: number): number {
  if (meters >= NOBODY_FARTHER_METERS) return 1;
  return Math.sin(meters / (2 * EARTH_RADIUS_METERS)) ** 2 * (1 + 1e-9) + 1e-24;
}
