import RBush from 'rbush';
import { assert, required } from '../runtime/index.ts';
import { isPlace, type Place } from './place.ts';

/** A ring of at least three corners; it closes by itself. Edges are straight in degrees. */
export type Ring = readonly Place[];

/** An area with holes, as in GeoJSON but with `{ lat, lng }`. */
export interface ZonePolygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

/** One edge of a ring, as the box that holds it; x is longitude, y latitude. */
interface Edge {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
  readonly from: Place;
  readonly to: Place;
}

/**
 * Where a city delivers. Inside is by the even-odd rule over all rings of a polygon, so a hole takes
 * out what it covers; polygons add up. A place on an edge counts as on one side, the same each time.
 *
 * The edges of a ring lie in an R-tree, so that a test looks only at edges at the place's own
 * latitude: O(log n + edges there). Source of the crossing rule: W. R. Franklin, PNPOLY.
 */
export class Zone {
  /** Polygons of rings. Each ring for itself: two may be unwrapped to different turns. */
  readonly #polygons: readonly (readonly RBush<Edge>[])[];

  /** @throws AssertionFailed for a ring with fewer than three corners or a corner off the globe */
  constructor(polygons: readonly ZonePolygon[]) {
    this.#polygons = polygons.map(({ outer, holes }) =>
      [outer, ...holes].map((ring) => new RBush<Edge>().load(edgesOf(ring))),
    );
  }

  contains(place: Place): boolean {
    if (!isPlace(place)) return false;
    return this.#polygons.some(
      (rings) => rings.filter((ring) => isInside(ring, place)).length % 2 === 1,
    );
  }
}

function edgesOf(ring: Ring): Edge[] {
  assert(ring.length >= 3, 'a ring has at least three corners');
  assert(ring.every(isPlace), 'corners of a ring are places');
  const flat = unwrapped(ring);
  return flat.map((from, i) => edgeOf(from, flat[(i + 1) % flat.length] ?? from));
}

/**
 * A ring may cross the antimeridian: each corner is taken on that side of it which is nearer to the
 * corner before, so longitudes may run beyond 180, and the ring stays one piece. One that does not
 * come back to where it began has gone around a pole, and is closed over the pole of its hemisphere.
 */
function unwrapped(ring: Ring): Place[] {
  const flat: Place[] = [];
  for (const { lat, lng } of [...ring, ...ring.slice(0, 1)]) {
    const before = flat.at(-1)?.lng ?? lng;
    flat.push({ lat, lng: lng + 360 * Math.round((before - lng) / 360) });
  }
  const [first, again] = [required(flat[0], 'first corner'), required(flat.pop(), 'its return')];
  if (again.lng === first.lng) return flat;
  const north = ring.reduce((sum, { lat }) => sum + lat, 0) > 0;
  // A degree too far, so that the pole itself is inside.
  const lat = north ? 91 : -91;
  return [...flat, again, { lat, lng: again.lng }, { lat, lng: first.lng }];
}

function edgeOf(from: Place, to: Place): Edge {
  return {
    minX: Math.min(from.lng, to.lng),
    minY: Math.min(from.lat, to.lat),
    maxX: Math.max(from.lng, to.lng),
    maxY: Math.max(from.lat, to.lat),
    from,
    to,
  };
}

/** A ring that was unwrapped lies within a turn of its first corner, so three tries are enough. */
function isInside(edges: RBush<Edge>, { lat, lng }: Place): boolean {
  return [lng, lng + 360, lng - 360].some((turned) => crossesOdd(edges, lat, turned));
}

/** Whether a ray from the place to the east crosses an odd number of edges. */
function crossesOdd(edges: RBush<Edge>, lat: number, lng: number): boolean {
  const toTheEast = { minX: lng, minY: lat, maxX: Infinity, maxY: lat };
  let inside = false;
  for (const { from, to } of edges.search(toTheEast)) {
    // Half-open in latitude: a ray through a corner crosses exactly one of its two edges.
    if (from.lat > lat === to.lat > lat) continue;
    const crossingLng = from.lng + ((lat - from.lat) / (to.lat - from.lat)) * (to.lng - from.lng);
    if (lng < crossingLng) inside = !inside;
  }
  return inside;
}
