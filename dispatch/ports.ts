import type { OfferWhy, OrderState, Place, Vehicle } from '../protocol/index.ts';

/** An order that wants a courier. Times are ms since the Unix epoch, by the database's clock. */
export interface WaitingOrder {
  readonly orderId: string;
  readonly correlationId: string;
  readonly restaurantId: string;
  readonly pickup: Place;
  readonly dropoff: Place;
  readonly placedAtMs: number;
  /** When the customer wants it at the door; null for as soon as possible. */
  readonly scheduledForMs: number | null;
  /** When it began to wait. */
  readonly waitingSinceMs: number;
  readonly readyAtMs: number;
  /** Couriers that lately declined this order, let its offer lapse, or were taken off it. */
  readonly declinedBy: readonly string[];
}

/** What the database says of a courier; only this decides, the index only proposes. */
export interface CourierOnDuty {
  readonly courierId: string;
  /** Grows with each change; a reservation names the version that it was decided on. */
  readonly version: number;
  readonly onDuty: boolean;
  readonly activeOrders: number;
  readonly capacity: number;
  readonly vehicle: Vehicle;
  /** From then on it gets no new offers; null: it did not say, or is off duty. */
  readonly shiftEndsAtMs: number | null;
}

/** And all that one of them is chosen by. */
export interface CourierLoad extends CourierOnDuty {
  /** Since its last delivery, or since it came on duty; null off duty and with orders in hand. */
  readonly idleSinceMs: number | null;
  /** Offers of the last seven days, a moment behind. */
  readonly accepted: number;
  readonly declined: number;
  readonly lapsed: number;
  /** Of these, 0 to 1; 1 when there were none. */
  readonly acceptanceRate: number;
  /** Mean stars of the last seven days, 1 to 5; null when nobody gave any. */
  readonly rating: number | null;
  /** Orders, since midnight UTC. */
  readonly deliveredToday: number;
  /** What holds its places, in the order in which it was offered; at most `capacity`. */
  readonly carrying: readonly CarriedOrder[];
}

/** An order that a courier has in hand, or is being asked to carry. */
export interface CarriedOrder {
  readonly orderId: string;
  readonly restaurantId: string;
  /** False while the courier has not answered. */
  readonly accepted: boolean;
  readonly state: OrderState;
  readonly pickup: Place;
  readonly dropoff: Place;
  readonly readyAtMs: number | null;
  readonly placedAtMs: number;
  readonly scheduledForMs: number | null;
}

export interface Reservation {
  readonly cityId: string;
  readonly orderId: string;
  readonly courierId: string;
  readonly courierVersion: number;
  /** Kept with the offer, for operators. */
  readonly why?: OfferWhy;
}

/** What dispatch needs from the order core; `engine.ts` joins them. */
export interface DispatchStore {
  /** Oldest first, at most `limit` after the first `skip`. */
  waitingOrders(
    cityId: string,
    page: { readonly skip: number; readonly limit: number },
  ): Promise<readonly WaitingOrder[]>;
  courierLoads(cityId: string, courierIds: readonly string[]): Promise<readonly CourierLoad[]>;
  /** Every courier on duty, for keeping the index's availability true. */
  couriersOnDuty(cityId: string): Promise<readonly CourierOnDuty[]>;
  /**
   * One transaction: the courier's version-checked update, the offer, its timer and its event.
   * `courier_taken`: the courier changed since `courierVersion`. `order_taken`: it waits no more.
   */
  reserve(reservation: Reservation): Promise<'reserved' | 'courier_taken' | 'order_taken'>;
}

/** When an order that nobody carries yet is meant to be where, ms since the Unix epoch. */
export interface PlannedTimes {
  readonly cityId: string;
  readonly orderId: string;
  readonly restaurantId: string;
  readonly pickupAtMs: number;
  readonly dropoffAtMs: number;
}

/** Who tells customers and restaurants; never waits, and may be told the same again. */
export interface EstimateBoard {
  planned(times: PlannedTimes): void;
}
