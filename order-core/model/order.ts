import type { OrderSummary, PaymentState } from '../../protocol/index.ts';

/** Whether a courier is wanted, asked or found. */
export type CourierSearch = 'none' | 'waiting' | 'offered' | 'assigned';

export type TimerKind =
  'payment' | 'restaurant_answer' | 'courier_search' | 'offer' | 'delivery_overdue' | 'complete';

export type StepName = 'authorize_payment' | 'capture_payment' | 'void_payment';

/** An offer that holds a courier's slot: asked and not yet answered, or accepted. */
export interface LiveOffer {
  readonly offerId: string;
  readonly courierId: string;
  readonly state: 'offered' | 'accepted';
  readonly expiresAtMs: number;
}

/** Everything that a decision about one order looks at, read in one statement. */
export interface Order extends OrderSummary {
  /** The part that others may see, as an object of its own. */
  readonly summary: OrderSummary;
  readonly version: number;
  readonly courierSearch: CourierSearch;
  readonly paymentToken: string;
  readonly payment: {
    readonly state: PaymentState;
    readonly intentId: string | null;
    readonly authorizedMinor: number;
    readonly capturedMinor: number;
  };
  readonly liveOffer: LiveOffer | null;
  /** Every courier that was ever offered this order. */
  readonly askedCouriers: readonly string[];
  readonly timers: readonly { readonly kind: TimerKind; readonly due: boolean }[];
  /** The database's clock at the read, ms since the Unix epoch. */
  readonly nowMs: number;
}
