import type { Place } from './place.ts';
import type { TravelModel } from './travel-model.ts';

/** A delivery as far as its arrival depends on it. */
export interface Delivery {
  readonly pickup: Place;
  readonly dropoff: Place;
  /** The courier has the food. */
  readonly pickedUp: boolean;
  /** City seconds until the food is ready; 0 or less when it is. */
  readonly readyInSeconds: number;
}

/**
 * City seconds until the courier is at the door: straight there with the food; without it first to
 * the restaurant, where it waits until the food is ready.
 */
export function etaSeconds(travel: TravelModel, courier: Place, delivery: Delivery): number {
  const { pickup, dropoff, pickedUp, readyInSeconds } = delivery;
  if (pickedUp) return travel.travelSeconds(courier, dropoff);
  const withFood = Math.max(travel.travelSeconds(courier, pickup), readyInSeconds);
  return withFood + travel.travelSeconds(pickup, dropoff);
}
