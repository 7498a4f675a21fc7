import type { Place } from '../protocol/index.ts';

/** An order that wants a courier. */
export interface WaitingOrder {
  readonly orderId: string;
  readonly correlationId: string;
  readonly pickup: Place;
  readonly dropoff: Place;
  /** When it began to wait, by the database's clock. */
  readonly waitingSinceMs: number;
  readonly readyAtMs: number;
  /** Couriers that declined this order or let its offer lapse. */
  readonly declinedBy: readonly string[];
}

/** What the database says of a courier; only this decides, the index only proposes. */
export interface CourierLoad {
  readonly courierId: string;
  /** Grows with each change; a reservation names the version that it was decided on. */
  readonly version: number;
  readonly onDuty: boolean;
  readonly activeOrders: number;
  readonly capacity: number;
}

export interface Reservation {
  readonly cityId: string;
  readonly orderId: string;
  readonly courierId: string;
  readonly courierVersion: number;
}

/** What dispatch needs from the order core; `engine.ts` joins them. */
export interface DispatchStore {
  /** Oldest first, at most `limit` after the first `skip`. */
  waitingOrders(
    cityId: string,
    page: { readonly skip: number; readonly limit: number },
  ): Promise<readonly WaitingOrder[]>;
  courierLoads(cityId: string, courierIds: readonly string[]): Promise<readonly CourierLoad[]>;
  /** Every courier on duty with its load, for keeping the index's availability true. */
  couriersOnDuty(cityId: string): Promise<readonly CourierLoad[]>;
  /**
   * One transaction: the courier's version-checked update, the offer, its timer and its event.
   * `courier_taken`: the courier changed since `courierVersion`. `order_taken`: it waits no more.
   */
  reserve(reservation: Reservation): Promise<'reserved' | 'courier_taken' | 'order_taken'>;
}
