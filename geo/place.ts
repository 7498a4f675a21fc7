/** WGS84 degrees. */
export interface Place {
  readonly lat: number;
  readonly lng: number;
}

/** Mean radius of the Earth (IUGG), metres. */
export const EARTH_RADIUS_METERS = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** Metres that a degree of latitude spans. */
export const METERS_PER_DEGREE = EARTH_RADIUS_METERS * RADIANS;

/**
 * Great-circle distance by the haversine formula, metres; within 0.5 % of the ellipsoid's. Exact
 * also for places on both sides of the antimeridian, and near the poles.
 * @hot bench: index
 */
export function distanceMeters(from: Place, to: Place): number {
  const sinLat = Math.sin(((to.lat - from.lat) * RADIANS) / 2);
  const sinLng = Math.sin(((to.lng - from.lng) * RADIANS) / 2);
  const chord =
    sinLat * sinLat + Math.cos(from.lat * RADIANS) * Math.cos(to.lat * RADIANS) * sinLng * sinLng;
  // Rounding may lift the chord of antipodes a hair above 1.
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.sqrt(Math.min(1, chord)));
}

/** Finite, and within the degrees that there are. */
export function isPlace(place: Place): boolean {
  return Math.abs(place.lat) <= 90 && Math.abs(place.lng) <= 180;
}

/** The place on the unit sphere: x towards 0, 0; y towards 0, 90; z towards the north pole. */
export function unitVector({ lat, lng }: Place): readonly [x: number, y: number, z: number] {
  const cosLat = Math.cos(lat * RADIANS);
  const z = Math.sin(lat * RADIANS);
  return [cosLat * Math.cos(lng * RADIANS), cosLat * Math.sin(lng * RADIANS), z];
}

/** The same meridian between -180 and 180. */
export function wrapLng(lng: number): number {
  return lng >= -180 && lng <= 180 ? lng : ((((lng + 180) % 360) + 360) % 360) - 180;
}
