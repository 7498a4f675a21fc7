import type {
  CancelReason,
  OrderEventType,
  OrderState,
  PaymentState,
} from '../../protocol/index.ts';
import { assertMayFollow } from './transitions.ts';
import type { CourierSearch, LiveOffer, Order, StepName, TimerKind } from './order.ts';

/**
 * What one decision does to one order. Committed whole, as one statement, or not at all:
 * `commit-change.ts`. A change is a value; building it touches nothing.
 */
export interface Change {
  readonly state?: OrderState;
  readonly cancelReason?: CancelReason;
  readonly courierId?: string | null;
  readonly courierSearch?: CourierSearch;
  readonly readyAtMs?: number;
  readonly payment?: {
    readonly state: PaymentState;
    readonly intentId?: string;
    readonly authorizedMinor?: number;
    readonly capturedMinor?: number;
  };
  /** Appended in this order. */
  readonly events: readonly {
    readonly type: OrderEventType;
    readonly data: Readonly<Record<string, unknown>>;
  }[];
  /** Work to begin at other systems. */
  readonly steps?: readonly StepName[];
  /** Replaces a timer of the same kind. */
  readonly setTimer?: { readonly kind: TimerKind; readonly inMs: number };
  readonly clearTimers?: readonly TimerKind[];
  /** A courier is asked: reserves a slot, if the courier is still at this version. */
  readonly newOffer?: {
    readonly offerId: string;
    readonly courierId: string;
    readonly courierVersion: number;
    readonly expiresAtMs: number;
  };
  /** The live offer moves on. All but `accepted` free the courier's slot. */
  readonly offerBecomes?: {
    readonly offerId: string;
    readonly state: 'accepted' | 'declined' | 'expired' | 'withdrawn' | 'delivered';
  };
}

const ALL_TIMERS: readonly TimerKind[] = [
  'payment',
  'restaurant_answer',
  'courier_search',
  'offer',
  'delivery_overdue',
  'complete',
];

/** Nothing to do: the outcome is already in the books. */
export const NO_CHANGE: Change = { events: [] };

/** Moves the order to `state`. @throws AppError `state_conflict` when it may not go there */
export function moveTo(order: Order, state: OrderState, rest: Change): Change {
  assertMayFollow(order.state, state);
  return { ...rest, state };
}

/**
 * Cancels, with its whole compensation in reverse order of what was done: the courier's slot is
 * freed, then the money is released. The restaurant learns of it by the event.
 * @throws AppError `state_conflict` after pickup
 */
export function cancel(
  order: Order,
  reason: CancelReason,
  details: Readonly<Record<string, unknown>> = {},
): Change {
  const { liveOffer } = order;
  const moneyMayBeHeld = order.payment.state === 'authorized' || order.payment.state === 'pending';
  return moveTo(order, 'CANCELLED', {
    cancelReason: reason,
    courierSearch: 'none',
    events: [{ type: 'order.cancelled', data: { reason, ...details, ...withdrawn(liveOffer) } }],
    clearTimers: ALL_TIMERS,
    ...(liveOffer === null
      ? {}
      : { offerBecomes: { offerId: liveOffer.offerId, state: 'withdrawn' } }),
    ...(moneyMayBeHeld && reason !== 'payment_refused' ? { steps: ['void_payment'] } : {}),
  });
}

/** The courier who is asked, or bound, has to hear that it is over. */
function withdrawn(liveOffer: LiveOffer | null): Readonly<Record<string, unknown>> {
  if (liveOffer === null) return {};
  const { offerId, courierId } = liveOffer;
  return { withdrawnOffer: { offerId, courierId } };
}
