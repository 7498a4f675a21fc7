/** Which part of what a map shows the engine is asked for. Pure; degrees. */
export interface Area {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** Beyond the edges, so that a small move of the map shows nobody late. */
const AROUND = 0.25;
/** The engine watches 256 cells of 5.2 km² for one operator; some of these lie across the edges. */
const SQUARE_KILOMETERS_MAX = 900;
const KILOMETERS_PER_DEGREE = 111.2;

/** The view and a bit around it; of one that is too large its middle. */
export function watchedArea(view: Area): { readonly area: Area; readonly isCut: boolean } {
  const lat = (view.south + view.north) / 2;
  const lng = (view.west + view.east) / 2;
  const high = view.north - view.south;
  const wide = view.east - view.west;
  const perDegreeLng = KILOMETERS_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  const size = high * KILOMETERS_PER_DEGREE * wide * perDegreeLng;
  const most = Math.sqrt(SQUARE_KILOMETERS_MAX / Math.max(size, Number.EPSILON));
  const part = Math.min(1 + 2 * AROUND, most) / 2;
  const area = {
    south: Math.max(-90, lat - high * part),
    west: Math.max(-180, lng - wide * part),
    north: Math.min(90, lat + high * part),
    east: Math.min(180, lng + wide * part),
  };
  return { area, isCut: most < 1 };
}
