import type { CancelReason } from '../../protocol/index.ts';
import { both, moveTo, type Change } from '../model/change.ts';
import type { LiveOffer, Order, TimerKind } from '../model/order.ts';
import { compensation } from '../saga/order-saga.ts';

const ALL_TIMERS: readonly TimerKind[] = [
  'payment',
  'activation',
  'authorization_renewal',
  'restaurant_answer',
  'courier_search',
  'manual_queue',
  'offer',
  'courier_silence',
  'delivery_overdue',
  'complete',
];

interface Terms {
  /** What goes back to the customer, or is never taken; everything when it is left out. */
  readonly refundMinor?: number;
  /** Kept with the event. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Cancels, with the compensation of every step that was done, in reverse order.
 * @throws AppError `state_conflict` after pickup
 */
export function cancel(order: Order, reason: CancelReason, terms: Terms = {}): Change {
  const { refundMinor = order.totalMinor, details = {} } = terms;
  // Only money that is held can be kept: cash never is, and what was not answered for may not be.
  const feeMinor = order.payment.state === 'authorized' ? order.totalMinor - refundMinor : 0;
  const data = { reason, feeMinor, ...details, ...withdrawn(order.liveOffer) };
  const cancelled = moveTo(order, 'CANCELLED', {
    cancelReason: reason,
    courierSearch: 'none',
    attention: null,
    ...(order.modification === null ? {} : { modification: null }),
    events: [{ type: 'order.cancelled', data }],
    clearTimers: ALL_TIMERS,
  });
  return both(cancelled, compensation(order, feeMinor));
}

/** The courier who is asked, or bound, has to hear that it is over. */
function withdrawn(liveOffer: LiveOffer | null): Readonly<Record<string, unknown>> {
  if (liveOffer === null) return {};
  const { offerId, courierId } = liveOffer;
  return { withdrawnOffer: { offerId, courierId } };
}
