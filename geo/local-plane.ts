import { METERS_PER_DEGREE, wrapLng, type Place } from './place.ts';

const RADIANS = Math.PI / 180;
/** Keeps a step to the east finite where there is no east: at the poles. */
const COS_MIN = 1e-6;

/**
 * A place that is changed in place. A class: literals of one shape share how their fields are kept, also
 * with a schema (`{ lat: z.number() }`), whose fields are objects; a number that is written to such a
 * field is a new heap object each time.
 */
export class MovingPlace {
  lat = 0;
  lng = 0;
}

/*
 * The plane that touches the globe at `from`: right to 0.1 % within some kilometres, below 85 degrees.
 * Distances of neighbouring fixes cost a cosine so, a third of the great circle.
 */

/** Metres that a degree of longitude spans here: the scale of the plane. @hot bench: track */
export function eastScale({ lat }: Place): number {
  return METERS_PER_DEGREE * Math.max(COS_MIN, Math.cos(lat * RADIANS));
}

/**
 * Metres from `from` to `to` towards the east, the shorter way round.
 * @param scale of the plane: of somewhere near, where it is known
 * @hot bench: track
 */
export function eastMeters(from: Place, to: Place, scale = eastScale(from)): number {
  return wrapLng(to.lng - from.lng) * scale;
}

/** Metres from `from` to `to` towards the north. @hot bench: track */
export function northMeters(from: Place, to: Place): number {
  return (to.lat - from.lat) * METERS_PER_DEGREE;
}

/** Metres between two places near each other. @hot bench: track */
export function planeMeters(from: Place, to: Place, scale = eastScale(from)): number {
  const east = eastMeters(from, to, scale);
  const north = northMeters(from, to);
  return Math.sqrt(east * east + north * north);
}

/** Moves a place so many metres; over the antimeridian, and not beyond a pole. @hot bench: track */
export function moveBy(
  place: MovingPlace,
  east: number,
  north: number,
  scale = eastScale(place),
): void {
  place.lng = wrapLng(place.lng + east / scale);
  place.lat = Math.min(90, Math.max(-90, place.lat + north / METERS_PER_DEGREE));
}

/** Degrees clockwise from north, 0 up to 360; of no way at all 0. @hot bench: track */
export function headingOf(east: number, north: number): number {
  const degrees = Math.atan2(east, north) / RADIANS;
  const positive = degrees < 0 ? degrees + 360 : degrees;
  // A hair west of north is rounded to 360.
  return positive >= 360 ? 0 : positive;
}
