import type { DispatchSettings, OrderSummary, Place } from '../protocol/index.ts';

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
  /**
   * A commit changed what a courier carries. A hint for the index; the database decides.
   * @param available on duty, with nothing in hand
   */
  courierChanged(cityId: string, courierId: string, available: boolean): void;
}

export interface CourierPresence {
  /** How long the courier has not been heard of, ms; 0 while its app is connected. */
  silentMs(cityId: string, courierId: string): number;
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
  readonly dispatch: DispatchSettings;
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

/** Which order, and which of its authorizations, a request to the provider is about. */
export interface AuthorizationRef {
  readonly orderId: string;
  readonly generation: number;
}

/**
 * Where money is. Each call carries an idempotency key made of the order and our own row, never of the
 * attempt, so asking again after a lost answer never takes effect twice. Failures other than a
 * refusal are AppErrors (`payment_provider_failed`), and may be tried again.
 */
export interface PaymentProvider {
  authorize(
    order: Pick<OrderSummary, 'orderId' | 'cityId' | 'currency' | 'correlationId'>,
    authorization: { readonly generation: number; readonly amountMinor: number },
    paymentToken: string,
  ): Promise<
    | { readonly outcome: 'authorized'; readonly intentId: string }
    | { readonly outcome: 'refused'; readonly reason: string }
  >;
  capture(ref: AuthorizationRef, intentId: string, amountMinor: number): Promise<void>;
  void(ref: AuthorizationRef, intentId: string): Promise<void>;
  refund(
    order: Pick<OrderSummary, 'orderId' | 'cityId'>,
    intentId: string,
    refund: { readonly number: number; readonly amountMinor: number },
  ): Promise<{ readonly refundId: string }>;
  /** Every payment of ours that the provider knows, in pages, newest first. */
  ledger(): AsyncIterable<LedgerEntry>;
  /** What a webhook says. @throws AppError `webhook_refused` when it is not the provider's, or old */
  notice(body: Buffer, signature: string): ProviderNotice;
}

/** Something that the provider tells of its own accord, as far as it concerns an order. */
export interface ProviderNotice {
  readonly eventId: string;
  readonly type: string;
  /** Null when it is about nothing of ours. */
  readonly about: { readonly cityId: string; readonly orderId: string } | null;
  readonly fact:
    | { readonly kind: 'authorized'; readonly generation: number; readonly intentId: string }
    | { readonly kind: 'refused'; readonly generation: number; readonly reason: string }
    | { readonly kind: 'captured'; readonly generation: number; readonly amountMinor: number }
    | { readonly kind: 'canceled'; readonly generation: number; readonly intentId: string }
    | { readonly kind: 'refunded'; readonly number: number; readonly providerRefundId: string }
    | { readonly kind: 'other' };
}
