import type { Place } from '../../protocol/index.ts';

/**
 * Rings of a delivery zone as they are drawn: corners are put in, moved and taken out, and what crosses
 * itself is no zone. Pure; degrees as if they were flat, which for a city they nearly are.
 */
export type Ring = readonly Place[];

export interface ZonePolygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

const CORNERS_MIN = 3;
/** Of all rings together: each is something to take hold of. Larger zones are set by the protocol. */
export const CORNERS_MAX = 200;

/** With a corner more, in the edge that passes it nearest. */
export function withCorner(ring: Ring, place: Place): Ring {
  let best = 0;
  let bestApart = Infinity;
  for (let i = 0; i < ring.length; i++) {
    const apart = apartFromEdge(place, ...edgeAt(ring, i));
    if (apart >= bestApart) continue;
    bestApart = apart;
    best = i;
  }
  return [...ring.slice(0, best + 1), place, ...ring.slice(best + 1)];
}

export function withCornerMoved(ring: Ring, at: number, place: Place): Ring {
  return ring.map((corner, i) => (i === at ? place : corner));
}

/** As it was when fewer would be no ring. */
export function withoutCorner(ring: Ring, at: number): Ring {
  return ring.length <= CORNERS_MIN ? ring : ring.filter((_corner, i) => i !== at);
}

/** Whether two of its edges meet that are not neighbours. Every pair is looked at. */
export function crossesItself(ring: Ring): boolean {
  const count = ring.length;
  for (let i = 0; i < count; i++) {
    for (let j = i + 2; j < count; j++) {
      if (i === 0 && j === count - 1) continue;
      if (meet(edgeAt(ring, i), edgeAt(ring, j))) return true;
    }
  }
  return false;
}

/** Whether the place is within one of the polygons and none of its holes. */
export function contains(zone: readonly ZonePolygon[], place: Place): boolean {
  return zone.some(
    ({ outer, holes }) => isWithin(outer, place) && !holes.some((hole) => isWithin(hole, place)),
  );
}

/** As a service account sets it, and as people draw it: both say the same zone. */
export function isSameZone(a: readonly ZonePolygon[], b: readonly ZonePolygon[]): boolean {
  return JSON.stringify(a.map(cornersOf)) === JSON.stringify(b.map(cornersOf));
}

export function cornerCount(zone: readonly ZonePolygon[]): number {
  return zone.flatMap(({ outer, holes }) => [outer, ...holes]).flat().length;
}

function cornersOf({ outer, holes }: ZonePolygon): readonly (readonly number[][])[] {
  return [outer, ...holes].map((ring) => ring.map(({ lat, lng }) => [lat, lng]));
}

function edgeAt(ring: Ring, i: number): readonly [Place, Place] {
  const from = ring[i % ring.length] ?? NOWHERE;
  return [from, ring[(i + 1) % ring.length] ?? NOWHERE];
}

const NOWHERE: Place = { lat: 0, lng: 0 };

function isWithin(ring: Ring, { lat, lng }: Place): boolean {
  let inside = false;
  for (let i = 0; i < ring.length; i++) {
    const [a, b] = edgeAt(ring, i);
    if (a.lat > lat === b.lat > lat) continue;
    const crossing = a.lng + ((lat - a.lat) / (b.lat - a.lat)) * (b.lng - a.lng);
    if (lng < crossing) inside = !inside;
  }
  return inside;
}

/** Positive when c lies to the left of the way from a to b, 0 when it lies on it. */
function side(a: Place, b: Place, c: Place): number {
  return (b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng);
}

function meet([a, b]: readonly [Place, Place], [c, d]: readonly [Place, Place]): boolean {
  const [acb, acd] = [side(a, b, c), side(a, b, d)];
  const [cda, cdb] = [side(c, d, a), side(c, d, b)];
  if (acb * acd < 0 && cda * cdb < 0) return true;
  // Where one only touches the other.
  return (
    (acb === 0 && isBetween(a, b, c)) ||
    (acd === 0 && isBetween(a, b, d)) ||
    (cda === 0 && isBetween(c, d, a)) ||
    (cdb === 0 && isBetween(c, d, b))
  );
}

/** Of three places on a line. */
function isBetween(a: Place, b: Place, c: Place): boolean {
  const within = (x: number, y: number, z: number): boolean =>
    Math.min(x, y) <= z && z <= Math.max(x, y);
  return within(a.lat, b.lat, c.lat) && within(a.lng, b.lng, c.lng);
}

function apartFromEdge(place: Place, a: Place, b: Place): number {
  const scale = Math.cos((place.lat * Math.PI) / 180);
  const [x, y] = [(place.lng - a.lng) * scale, place.lat - a.lat];
  const [dx, dy] = [(b.lng - a.lng) * scale, b.lat - a.lat];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / length));
  return Math.hypot(x - part * dx, y - part * dy);
}
