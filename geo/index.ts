/**
 * Pure spatial code: where couriers are and who is near, how long ways take, where a city delivers,
 * whether a fix can be believed, and where a courier is shown after it. In: places in WGS84 degrees, fixes, settings of a city. Out: ids,
 * metres, seconds. No clock, no sockets, no database. May import runtime/ only.
 */
export { type CourierIndex, type CourierPosition, type NearbyCourier } from './courier-index.ts';
export { etaSeconds, type Delivery } from './eta.ts';
export { followFix, newFixTrack, type FixTerms, type FixTrack } from './fix-check.ts';
export {
  createLiveCity,
  type CityDispatch,
  updateLiveCity,
  type LiveCity,
  type LiveCitySettings,
} from './live-city.ts';
export { moveBy, planeMeters } from './local-plane.ts';
export { type Place } from './place.ts';
export { newTrackFilter, smooth, type MeasuredFix, type TrackFilter } from './track-filter.ts';
export { type Zone, type ZonePolygon } from './zone.ts';
