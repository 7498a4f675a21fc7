import type { Place } from './place.ts';

/**
 * How long couriers of a city need: the port behind which there is what the fleet has taught
 * (`LearnedTravel`), or a routing service that knows the streets.
 */
export interface TravelTimes {
  /**
   * City seconds from one place to the other, for a vehicle whose speed factor is 1. Never waits.
   * @param hour of the city's day, 0 to 23
   */
  seconds(from: Place, to: Place, hour: number): number;

  /** Metres by air per city second, over the whole city, for planning on a plane. */
  airSpeedMps(hour: number): number;
}
