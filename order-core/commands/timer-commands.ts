import { unreachable } from '../../runtime/index.ts';
import { cancel, moveTo, NO_CHANGE, type Change } from '../model/change.ts';
import type { Order, TimerKind } from '../model/order.ts';
import { DELIVERY_OVERDUE_SECONDS, type Decide, type Patience } from './decision.ts';

/**
 * A deadline has passed. The timer's row goes in the same commit, so it acts once; when the order
 * has moved on in the meantime, or the timer was set anew, nothing happens.
 */
export const timerFired: Decide<{ kind: TimerKind }> = (order, { kind }, { patience }) => {
  const due = order.timers.some((timer) => timer.kind === kind && timer.due);
  if (!due) return NO_CHANGE;
  const change = whatNow(order, kind, patience);
  if (change.setTimer?.kind === kind) return change;
  return { ...change, clearTimers: [...(change.clearTimers ?? []), kind] };
};

function whatNow(order: Order, kind: TimerKind, patience: Patience): Change {
  switch (kind) {
    case 'payment':
      return order.state === 'PLACED' ? cancel(order, 'payment_unavailable') : NO_CHANGE;
    case 'restaurant_answer':
      return order.state === 'PAID' ? cancel(order, 'restaurant_silent') : NO_CHANGE;
    case 'courier_search':
      return searchEnded(order, patience);
    case 'offer':
      return offerLapsed(order);
    case 'delivery_overdue':
      return deliveryOverdue(order, patience);
    case 'complete':
      return order.state === 'DELIVERED'
        ? moveTo(order, 'COMPLETED', { events: [{ type: 'order.completed', data: {} }] })
        : NO_CHANGE;
    default:
      return unreachable(kind);
  }
}

/** A courier who is just being asked may still answer: the search ends after that offer does. */
function searchEnded(order: Order, patience: Patience): Change {
  if (order.courierSearch === 'waiting') return cancel(order, 'no_courier');
  if (order.courierSearch !== 'offered') return NO_CHANGE;
  const inMs = patience.timeScale.wallMs(patience.offerSeconds);
  return { events: [], setTimer: { kind: 'courier_search', inMs } };
}

function offerLapsed(order: Order): Change {
  const offer = order.liveOffer;
  if (offer?.state !== 'offered') return NO_CHANGE;
  return {
    courierSearch: 'waiting',
    offerBecomes: { offerId: offer.offerId, state: 'expired' },
    events: [
      {
        type: 'order.offer_expired',
        data: { offerId: offer.offerId, courierId: offer.courierId },
      },
    ],
  };
}

/** Said again and again until somebody ends it: the timer sets itself anew. */
function deliveryOverdue(order: Order, { timeScale }: Patience): Change {
  if (order.courierSearch !== 'assigned') return NO_CHANGE;
  return {
    events: [{ type: 'order.delivery_overdue', data: { courierId: order.courierId } }],
    setTimer: { kind: 'delivery_overdue', inMs: timeScale.wallMs(DELIVERY_OVERDUE_SECONDS) },
  };
}
