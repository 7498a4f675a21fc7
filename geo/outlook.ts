import type { Place } from './place.ts';

/** Somebody's order on a courier, as far as times depend on it. */
export interface CarriedStop {
  readonly restaurantId: string;
  readonly pickup: Place;
  readonly dropoff: Place;
  /** The courier has the food. */
  readonly pickedUp: boolean;
  /** City minutes until the food is ready; 0 or less when it is. */
  readonly readyInMinutes: number;
}

/** City minutes that a courier needs at a stop, before and again after the handover. */
export interface ServiceTimes {
  readonly halfPickupMinutes: number;
  readonly halfDropoffMinutes: number;
}

/** As in the benchmark of the literature (Reyes et al., "The Meal Delivery Routing Problem", 2018). */
export const SERVICE_TIMES: ServiceTimes = { halfPickupMinutes: 2, halfDropoffMinutes: 2 };

/** What lies before a courier, city minutes from now. */
export interface Outlook {
  /** When, and where, nothing is in hand. */
  readonly freeInMinutes: number;
  readonly place: Place;
  /** Per order, in the given sequence; 0 for what is picked up. */
  readonly pickupsInMinutes: readonly number[];
  /** Per order, in the given sequence: at the door, handed over. */
  readonly dropoffsInMinutes: readonly number[];
}

/**
 * Drives through what a courier carries: first to the restaurants that it has not been to, in the
 * given sequence, then to the doors in the same. One visit picks up all that is of one restaurant.
 * @param drive city minutes from one place to the other, for this courier's vehicle
 */
export function outlookOf(
  position: Place,
  carrying: readonly CarriedStop[],
  drive: (from: Place, to: Place) => number,
  service: ServiceTimes = SERVICE_TIMES,
): Outlook {
  let minutes = 0;
  let place = position;
  let shop: string | null = null;
  const pickupsInMinutes = carrying.map((order) => {
    if (order.pickedUp) return 0;
    // What is of one restaurant is picked up together.
    const hereIn =
      order.restaurantId === shop
        ? minutes - service.halfPickupMinutes
        : minutes + drive(place, order.pickup) + service.halfPickupMinutes;
    const pickupIn = Math.max(hereIn, order.readyInMinutes);
    minutes = pickupIn + service.halfPickupMinutes;
    place = order.pickup;
    shop = order.restaurantId;
    return pickupIn;
  });
  const dropoffsInMinutes = carrying.map((order) => {
    const atDoor = minutes + drive(place, order.dropoff) + service.halfDropoffMinutes;
    minutes = atDoor + service.halfDropoffMinutes;
    place = order.dropoff;
    return atDoor;
  });
  return { freeInMinutes: minutes, place, pickupsInMinutes, dropoffsInMinutes };
}
