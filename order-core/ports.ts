import type { OrderSummary, Place } from '../protocol/index.ts';

/** What the order core needs from the rest of the engine; `engine.ts` joins them. */

export interface ServiceArea {
  /** Whether the city delivers to this place. */
  covers(cityId: string, place: Place): boolean;
}

export interface CourierAssigner {
  /**
   * An order of this city wants a courier. Only a nudge: that it waits is in the database, and
   * dispatch looks there by itself when a nudge is lost.
   */
  requestCourier(cityId: string): void;
}

export interface CourierBoard {
  /** A commit changed what a courier carries. A hint for the index; the database decides. */
  courierChanged(cityId: string, courierId: string, available: boolean): void;
}

export interface CityBoard {
  /** A city was provisioned or changed. */
  cityChanged(city: CitySettings): void;
}

export interface CitySettings {
  readonly cityId: string;
  readonly deliveryZone: readonly {
    readonly outer: readonly Place[];
    readonly holes: readonly (readonly Place[])[];
  }[];
  readonly courierSpeedMps: number;
  readonly detourFactor: number;
}

/** One payment as the provider's own books show it; amounts in minor units. */
export interface LedgerEntry {
  readonly intentId: string;
  readonly orderId: string;
  /** Live: money is held and may still be captured. */
  readonly live: boolean;
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

/**
 * Where money is. Each call carries an idempotency key made from the order and the step, so asking
 * again after a lost answer never takes effect twice. Failures other than a refusal are AppErrors
 * (`payment_provider_failed`), and may be tried again.
 */
export interface PaymentProvider {
  authorize(
    order: Pick<OrderSummary, 'orderId' | 'cityId' | 'totalMinor' | 'currency' | 'correlationId'>,
    paymentToken: string,
  ): Promise<
    | { readonly outcome: 'authorized'; readonly intentId: string }
    | { readonly outcome: 'refused'; readonly reason: string }
  >;
  capture(orderId: string, intentId: string, amountMinor: number): Promise<void>;
  void(orderId: string, intentId: string): Promise<void>;
  /** Every payment of ours that the provider knows, in pages, newest first. */
  ledger(): AsyncIterable<LedgerEntry>;
}
