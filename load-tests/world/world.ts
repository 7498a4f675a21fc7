import type { OrderSummary, Place, PlaceOrder } from '../../protocol/index.ts';
import type { Day } from '../days/index.ts';
import { extentOf, Plane } from '../days/index.ts';

/**
 * A city as its actors see it: plain data, sent whole to each actor process. Times are minutes of the
 * city's day.
 */
export interface World {
  readonly url: string;
  readonly jwtSecret: string;
  readonly cityId: string;
  readonly schedule: Schedule;
  readonly couriers: readonly WorldCourier[];
  readonly restaurants: readonly WorldRestaurant[];
  readonly orders: readonly WorldOrder[];
  readonly courierSpeedMps: number;
  readonly pickupServiceSeconds: number;
  readonly dropoffServiceSeconds: number;
  /** Where the city delivers. */
  readonly zone: readonly Place[];
  readonly seed: number;
  /**
   * How unlike its plans the city is, 0 to 1: ways take up to so much longer or shorter, and half of it
   * longer on the whole; food is late by up to 20 minutes times it; a courier declines a fifth of it.
   */
  readonly noise: number;
}

/** Which minute of the day it is at which moment of the clock. */
export interface Schedule {
  /** Wall clock, ms, at which the day's `fromMinute` begins. */
  readonly startsAtMs: number;
  readonly fromMinute: number;
  /** City seconds per second of the clock. */
  readonly timeScale: number;
}

export interface WorldCourier {
  readonly courierId: string;
  readonly place: Place;
  readonly onAtMinute: number;
  /** Null: works until the end. */
  readonly offAtMinute: number | null;
}

export interface WorldRestaurant {
  readonly restaurantId: string;
  readonly place: Place;
}

export interface WorldOrder {
  /** The order's `reference`, by which a restaurant knows when its food is ready. */
  readonly reference: string;
  readonly restaurantId: string;
  readonly dropoff: Place;
  readonly placedAtMinute: number;
  readonly readyAtMinute: number;
}

/** The one dish of every restaurant: what is eaten does not matter here. */
export const DISH = { itemId: 'dish', name: 'Dish of the day', priceMinor: 1_450 };

/** Around everything that a day has, so that every address lies well inside. */
const ZONE_MARGIN_METERS = 2_000;

/** A day, laid onto the globe. */
export function worldOf(
  day: Day,
  where: Pick<World, 'url' | 'jwtSecret' | 'cityId' | 'schedule' | 'seed' | 'noise'>,
  anchor: Place,
): World {
  const plane = Plane.of(day, anchor);
  const { west, east, south, north } = extentOf(day);
  const corners = [
    { x: west - ZONE_MARGIN_METERS, y: south - ZONE_MARGIN_METERS },
    { x: east + ZONE_MARGIN_METERS, y: south - ZONE_MARGIN_METERS },
    { x: east + ZONE_MARGIN_METERS, y: north + ZONE_MARGIN_METERS },
    { x: west - ZONE_MARGIN_METERS, y: north + ZONE_MARGIN_METERS },
  ];
  return {
    ...where,
    couriers: day.couriers.map((courier) => ({
      courierId: courier.courierId,
      place: plane.placeOf(courier),
      onAtMinute: courier.onAtMinute,
      offAtMinute: courier.offAtMinute,
    })),
    restaurants: day.restaurants.map((restaurant) => ({
      restaurantId: restaurant.restaurantId,
      place: plane.placeOf(restaurant),
    })),
    orders: day.orders.map((order) => ({
      reference: order.orderId,
      restaurantId: order.restaurantId,
      dropoff: plane.placeOf(order),
      placedAtMinute: order.placedAtMinute,
      readyAtMinute: order.readyAtMinute,
    })),
    courierSpeedMps: day.terms.metersPerMinute / 60,
    pickupServiceSeconds: day.terms.pickupServiceMinutes * 60,
    dropoffServiceSeconds: day.terms.dropoffServiceMinutes * 60,
    zone: corners.map((corner) => plane.placeOf(corner)),
  };
}

/** The order as the customer's app sends it. */
export function requestOf(order: WorldOrder): PlaceOrder {
  return {
    restaurantId: order.restaurantId,
    items: [{ itemId: DISH.itemId, quantity: 1 }],
    dropoff: { place: order.dropoff, address: `Door of ${order.reference}` },
    paymentToken: 'pm_card_visa',
    reference: order.reference,
  };
}

/** Wall clock, ms, at this minute of the day. */
export function wallMsAt({ startsAtMs, fromMinute, timeScale }: Schedule, minute: number): number {
  return startsAtMs + ((minute - fromMinute) * 60_000) / timeScale;
}

/** Wall ms that so many city seconds take. */
export function wallMsOf({ timeScale }: Schedule, citySeconds: number): number {
  return (citySeconds * 1000) / timeScale;
}

/** Nothing will happen to this order any more, as far as its customer cares. */
export function isOver(state: OrderSummary['state']): boolean {
  return state === 'DELIVERED' || state === 'COMPLETED' || state === 'CANCELLED';
}
