import type { Place } from '../geo/index.ts';

/** Mean radius of the earth (IUGG), metres. */
const EARTH_RADIUS_METERS = 6_371_008.8;
const METERS_PER_DEGREE = (EARTH_RADIUS_METERS * Math.PI) / 180;

export interface PlanePlace {
  readonly x: number;
  readonly y: number;
}

/**
 * The city as a plane, for the planner: metres to the east and north of a place in it. Within 30 km of
 * that place, distances are true to 1 % below 60 degrees of latitude.
 */
export function planeAround(origin: Place): (place: Place) => PlanePlace {
  const perLng = METERS_PER_DEGREE * Math.cos((origin.lat * Math.PI) / 180);
  return ({ lat, lng }) => ({
    // Across the antimeridian the short way round.
    x: (((((lng - origin.lng + 540) % 360) + 360) % 360) - 180) * perLng,
    y: (lat - origin.lat) * METERS_PER_DEGREE,
  });
}
