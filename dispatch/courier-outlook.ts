import type { LiveCity, Place } from '../geo/index.ts';
import type { CarriedOrder, CourierLoad } from './ports.ts';

/** Who has something in hand is not free before this, however near its end it should be. */
const BUSY_MINUTES_MIN = 2;

/** When and where a courier will have nothing in hand. */
export interface Outlook {
  /** City minutes from now. */
  readonly freeInMinutes: number;
  readonly place: Place;
  /** When the last food that is not yet picked up will be; 0 when there is none. */
  readonly pickedUpInMinutes: number;
  /** When each of the carried orders is at its door, in their sequence. */
  readonly dropoffsInMinutes: readonly number[];
}

export interface CourierTimes {
  readonly service: ServiceTimes;
  /** City minutes from now; negative for the past. */
  readonly minutesUntil: (atMs: number) => number;
}

export interface ServiceTimes {
  readonly halfPickupMinutes: number;
  readonly halfDropoffMinutes: number;
}

/**
 * Drives through what the courier carries: first to the restaurants that it has not been to, in the
 * order of its offers, then to the doors. What was offered counts as accepted.
 */
export function outlookOf(
  city: LiveCity,
  load: CourierLoad,
  position: Place,
  { service, minutesUntil }: CourierTimes,
): Outlook {
  const { speedFactor } = city.dispatch.vehicles[load.vehicle];
  const drive = (from: Place, to: Place): number =>
    city.travel.travelSeconds(from, to) / 60 / speedFactor;
  let minutes = 0;
  let place = position;
  let shop: string | null = null;
  for (const order of load.carrying.filter(isAhead)) {
    // What is of one restaurant is picked up together.
    const hereAt =
      order.restaurantId === shop
        ? minutes - service.halfPickupMinutes
        : minutes + drive(place, order.pickup) + service.halfPickupMinutes;
    minutes = Math.max(hereAt, minutesUntil(order.readyAtMs ?? 0)) + service.halfPickupMinutes;
    place = order.pickup;
    shop = order.restaurantId;
  }
  const pickedUpInMinutes = Math.max(0, minutes - service.halfPickupMinutes);
  const dropoffsInMinutes = load.carrying.map((order) => {
    const atDoor = minutes + drive(place, order.dropoff) + service.halfDropoffMinutes;
    minutes = atDoor + service.halfDropoffMinutes;
    place = order.dropoff;
    return atDoor;
  });
  const isBusy = load.activeOrders > 0;
  const freeInMinutes = isBusy ? Math.max(minutes, BUSY_MINUTES_MIN) : 0;
  return { freeInMinutes, place, pickedUpInMinutes, dropoffsInMinutes };
}

/** The food is still at the restaurant. */
function isAhead({ state }: CarriedOrder): boolean {
  return state !== 'PICKED_UP' && state !== 'OUT_FOR_DELIVERY';
}
