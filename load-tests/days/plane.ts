import type { Place } from '../../protocol/index.ts';
import type { Day, PlanePoint } from './day.ts';

/** Metres that a degree of latitude spans on the sphere that the engine measures distances on. */
const METERS_PER_DEGREE = (6_371_008.8 * Math.PI) / 180;

/**
 * Maps a day's plane onto the globe: its middle comes to lie on the anchor. Equirectangular, so
 * distances keep within 0.2 % for days of 15 km across at latitudes up to 50 degrees.
 */
export class Plane {
  readonly #anchor: Place;
  readonly #middle: PlanePoint;
  readonly #metersPerDegreeLng: number;

  constructor(anchor: Place, middle: PlanePoint) {
    this.#anchor = anchor;
    this.#middle = middle;
    this.#metersPerDegreeLng = METERS_PER_DEGREE * Math.cos((anchor.lat * Math.PI) / 180);
  }

  /** The plane of this day, with its middle on the anchor. */
  static of(day: Day, anchor: Place): Plane {
    const { west, east, south, north } = extentOf(day);
    return new Plane(anchor, { x: (west + east) / 2, y: (south + north) / 2 });
  }

  placeOf({ x, y }: PlanePoint): Place {
    return {
      lat: this.#anchor.lat + (y - this.#middle.y) / METERS_PER_DEGREE,
      lng: this.#anchor.lng + (x - this.#middle.x) / this.#metersPerDegreeLng,
    };
  }
}

/** The box around everything that the day has, metres. */
export function extentOf(day: Day): { west: number; east: number; south: number; north: number } {
  const points: readonly PlanePoint[] = [...day.orders, ...day.restaurants, ...day.couriers];
  const box = { west: Infinity, east: -Infinity, south: Infinity, north: -Infinity };
  for (const { x, y } of points) {
    box.west = Math.min(box.west, x);
    box.east = Math.max(box.east, x);
    box.south = Math.min(box.south, y);
    box.north = Math.max(box.north, y);
  }
  return box;
}
