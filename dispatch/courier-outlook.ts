import type { LiveCity, Place } from '../geo/index.ts';
import type { CarriedOrder, CourierLoad } from './ports.ts';

/** Who has something in hand is not free before this, however near its end it should be. */
const BUSY_MINUTES_MIN = 2;

/** When and where a courier will have nothing in hand. */
export interface Outlook {
  /** City minutes from now. */
  readonly freeInMinutes: number;
  readonly place: Place;
}

export interface ServiceTimes {
  readonly halfPickupMinutes: number;
  readonly halfDropoffMinutes: number;
}

/**
 * Drives through what the courier carries: first to the restaurants that it has not been to, in the
 * order of its offers, then to the doors. What was offered counts as accepted.
 * @param minutesUntil from now, in city minutes; negative for the past
 */
export function outlookOf(
  city: LiveCity,
  load: CourierLoad,
  position: Place,
  { service, minutesUntil }: { service: ServiceTimes; minutesUntil: (atMs: number) => number },
): Outlook {
  const { speedFactor } = city.dispatch.vehicles[load.vehicle];
  const drive = (from: Place, to: Place): number =>
    city.travel.travelSeconds(from, to) / 60 / speedFactor;
  let minutes = 0;
  let place = position;
  for (const order of load.carrying.filter(isAhead)) {
    const hereAt = minutes + drive(place, order.pickup) + service.halfPickupMinutes;
    minutes = Math.max(hereAt, minutesUntil(order.readyAtMs ?? 0)) + service.halfPickupMinutes;
    place = order.pickup;
  }
  for (const order of load.carrying) {
    minutes += drive(place, order.dropoff) + 2 * service.halfDropoffMinutes;
    place = order.dropoff;
  }
  const isBusy = load.activeOrders > 0;
  return { freeInMinutes: isBusy ? Math.max(minutes, BUSY_MINUTES_MIN) : 0, place };
}

/** The food is still at the restaurant. */
function isAhead({ state }: CarriedOrder): boolean {
  return state !== 'PICKED_UP' && state !== 'OUT_FOR_DELIVERY';
}
