/**
 * Pure spatial code: where couriers are and who is near, how long ways take, where a city delivers,
 * whether a fix can be believed, and where a courier is shown after it. In: places in WGS84 degrees,
 * fixes, settings of a city. Out: ids, metres, seconds. No clock, no sockets, no database. May import runtime/ only.
 */
export {
  CourierIndex,
  type CourierPosition,
  type CourierSight,
  type NearbyCourier,
} from './courier-index.ts';
export { type CourierMemory } from './courier-memory.ts';
export { CourierReader } from './courier-reader.ts';
export { followFix, newFixTrack, type FixTerms } from './fix-check.ts';
export {
  createLiveCity,
  type CityDispatch,
  updateLiveCity,
  type LiveCity,
  type LiveCitySettings,
} from './live-city.ts';
export { CUSTOMER_TERMS, followStop, RESTAURANT_TERMS, type StopWatch } from './geofence.ts';
export { heatByCell, type Demand, type HeatCell } from './heat.ts';
export { moveBy, planeMeters } from './local-plane.ts';
export { LearnedTravel, type TravelTerms } from './learned-travel.ts';
export { mapCellsIn, type MapCell } from './map-cells.ts';
export { followRoute, ROUTE_TERMS } from './off-route.ts';
export { outlookOf, SERVICE_TIMES, type CarriedStop, type Outlook } from './outlook.ts';
export { distanceMeters, type Place } from './place.ts';
export { followSilence } from './silence.ts';
export { type LearnedSums } from './speed-profile.ts';
export { type TravelTimes } from './travel-times.ts';
export {
  newCourierTrack,
  readTrack,
  TRACK_NUMBERS,
  writeTrack,
  type CourierTrack,
} from './track-numbers.ts';
export { newTrackFilter, smooth, type MeasuredFix } from './track-filter.ts';
export {
  endRoute,
  newStopWay,
  readWay,
  startRoute,
  startWay,
  WAY_NUMBERS,
  writeWay,
  type StopWay,
} from './way-numbers.ts';
export { type Zone, type ZonePolygon } from './zone.ts';
