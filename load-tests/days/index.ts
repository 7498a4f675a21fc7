/**
 * Days of orders: read and written in the public benchmark's format, made up from a seed, and laid
 * onto the globe.
 */
export {
  spanOf,
  type Day,
  type DayCourier,
  type DayOrder,
  type DayRestaurant,
  type PlanePoint,
} from './day.ts';
export { readDay, writeDay } from './files.ts';
export { generateDay, type DayRecipe } from './generate-day.ts';
export { extentOf, Plane } from './plane.ts';
