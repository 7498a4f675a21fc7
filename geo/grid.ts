import { EARTH_RADIUS_METERS, METERS_PER_DEGREE, type Place } from './place.ts';

/**
 * The globe in tiles of about 500 m for searches: rows of latitude, and in each row as many columns as
 * keep tiles about square. Rows of one degree have the same columns, so near the poles tiles are
 * slim, which costs time and no exactness: searches go by degrees. (H3 cells are for people: finding
 * the cell of a place takes 600 ns, its tile 4.)
 */
const ROWS_PER_DEGREE = 222;
const ROWS = 180 * ROWS_PER_DEGREE;
/** 360 degrees of the equator in tiles as wide as high. */
const COLUMNS_MAX = 360 * ROWS_PER_DEGREE;
/** Haversine loses 0.2 m for places that are nearly opposite; nearer ones need none of this. */
const ROUNDING_METERS = 1;
const RADIANS = Math.PI / 180;

/** By whole degrees from the south pole; the pole itself has a row of the last. */
const COLUMNS: Int32Array = Int32Array.from({ length: 180 }, (_, degrees) => {
  const towardsEquator = Math.min(Math.abs(degrees - 90), Math.abs(degrees - 89));
  return Math.max(1, Math.floor(COLUMNS_MAX * Math.cos(towardsEquator * RADIANS)));
});

/** An area in degrees: `west` <= `east`, which may lie beyond 180 on either side. */
export interface Box {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** Columns from `first` to `last`, counted on beyond the antimeridian; `last` < `first`: none. */
export interface ColumnSpan {
  first: number;
  last: number;
}

/**
 * A tile's number, as Int32: rows times columns do not fit it, but no two tiles have the same.
 * @hot bench: index
 */
export function tileAt(place: Place): number {
  const row = rowAt(place.lat);
  return tileNumber(row, Math.floor(((place.lng + 180) * columnsIn(row)) / 360));
}

/** Rows go from the south pole, 0, to the north pole. */
export function rowAt(lat: number): number {
  return Math.max(0, Math.min(ROWS - 1, Math.floor((lat + 90) * ROWS_PER_DEGREE)));
}

export function columnsIn(row: number): number {
  return COLUMNS[Math.floor(row / ROWS_PER_DEGREE)] as number;
}

/** @param column may lie up to one turn beyond the antimeridian */
export function tileNumber(row: number, column: number): number {
  const columns = columnsIn(row);
  const turned = column < 0 ? column + columns : column >= columns ? column - columns : column;
  return (row * COLUMNS_MAX + turned) | 0;
}

/** The columns of a row that the box touches, each once. */
export function columnsOf(row: number, box: Box, into: ColumnSpan): void {
  const columns = columnsIn(row);
  into.first = Math.floor(((box.west + 180) * columns) / 360);
  into.last = Math.floor(((box.east + 180) * columns) / 360);
  if (into.last - into.first + 1 < columns) return;
  into.first = 0;
  into.last = columns - 1;
}

/**
 * All places that are not farther away, and some that are.
 * Source: J. P. Matuschek, "Finding Points Within a Distance of a Latitude/Longitude", 2010.
 */
export function boxAround(place: Place, meters: number): Box {
  const reachMeters = Math.min(meters, Math.PI * EARTH_RADIUS_METERS) + ROUNDING_METERS;
  const reachDegrees = reachMeters / METERS_PER_DEGREE;
  const [south, north] = [place.lat - reachDegrees, place.lat + reachDegrees];
  const lat = { south: Math.max(-90, south), north: Math.min(90, north) };
  // A pole is within reach, and with it all longitudes.
  if (south <= -90 || north >= 90) return { ...lat, west: -180, east: 180 };
  const sine = Math.sin(reachDegrees * RADIANS) / Math.cos(place.lat * RADIANS);
  const halfWidth = Math.asin(Math.min(1, sine)) / RADIANS;
  return { ...lat, west: place.lng - halfWidth, east: place.lng + halfWidth };
}

/** The least that the cosine of a latitude is in the tiles that the box touches. */
export function cosineFloor({ south, north }: Box): number {
  const lat = Math.max(Math.abs(south), Math.abs(north)) + 1 / ROWS_PER_DEGREE;
  return lat >= 90 ? 0 : Math.cos(lat * RADIANS);
}
