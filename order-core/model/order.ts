import type {
  CityInput,
  OrderItem,
  OrderSummary,
  PaymentMethod,
  PaymentState,
  Rating,
} from '../../protocol/index.ts';

/** Whether a courier is wanted, asked or found. */
export type CourierSearch = 'none' | 'waiting' | 'offered' | 'assigned';

export type TimerKind =
  | 'payment'
  | 'activation'
  | 'authorization_renewal'
  | 'restaurant_answer'
  | 'courier_search'
  | 'manual_queue'
  | 'offer'
  | 'courier_silence'
  | 'delivery_overdue'
  | 'complete';

export type StepName = 'authorize_payment' | 'capture_payment' | 'void_payment' | 'refund_payment';

/** A saga step of one order: `number` says which authorization, or which refund, it is about. */
export interface StepRef {
  readonly step: StepName;
  readonly number: number;
}

/** An offer that holds a courier's slot: asked and not yet answered, or accepted. */
export interface LiveOffer {
  readonly offerId: string;
  readonly courierId: string;
  readonly state: 'offered' | 'accepted';
  readonly expiresAtMs: number;
}

/** Money that was asked for. A changed order, or an authorization that lapses, gets another. */
export interface Authorization {
  /** From 1; the provider's idempotency keys are made of it. */
  readonly generation: number;
  readonly amountMinor: number;
  readonly state: PaymentState;
  /** The provider's name for it; null until it has answered. */
  readonly intentId: string | null;
}

export interface Payment {
  readonly method: PaymentMethod;
  readonly state: PaymentState;
  /** The authorization that counts. */
  readonly generation: number;
  /** What that one holds, or held. */
  readonly authorizedMinor: number;
  /** What shall be captured; null until pickup or a cancellation decides it. */
  readonly captureMinor: number | null;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

/** What an operator gives back after the money was taken. */
export interface Refund {
  /** From 1; the provider's idempotency key is made of it. */
  readonly number: number;
  readonly amountMinor: number;
  readonly state: 'pending' | 'done';
}

/** Items and their price, in the currency's minor unit. */
export interface Basket {
  readonly items: readonly OrderItem[];
  readonly subtotalMinor: number;
  readonly deliveryFeeMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** What a customer wants instead, while the provider is asked for the money. */
export interface Modification extends Basket {
  readonly generation: number;
}

/** Everything that a decision about one order looks at, read in one statement. */
export interface Order extends OrderSummary {
  /** The part that others may see, as an object of its own. */
  readonly summary: OrderSummary;
  readonly version: number;
  readonly sagaVersion: number;
  readonly courierSearch: CourierSearch;
  readonly paymentToken: string;
  readonly payment: Payment;
  /** By generation. */
  readonly authorizations: readonly Authorization[];
  readonly refunds: readonly Refund[];
  readonly modification: Modification | null;
  readonly confirmedAtMs: number | null;
  readonly deliveryCode: string | null;
  readonly codeAttempts: number;
  readonly rating: Rating | null;
  readonly liveOffer: LiveOffer | null;
  /** Every courier that was ever offered this order. */
  readonly askedCouriers: readonly string[];
  readonly timers: readonly { readonly kind: TimerKind; readonly due: boolean }[];
  /** Whether the restaurant takes orders now. */
  readonly restaurantOpen: boolean;
  /** The city's cancellation policy. */
  readonly cancellation: NonNullable<CityInput['cancellation']>;
  /** The database's clock at the read, ms since the Unix epoch. */
  readonly nowMs: number;
}
