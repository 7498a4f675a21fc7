import { required } from '../../runtime/index.ts';
import { both, NO_CHANGE, type Change } from '../model/change.ts';
import type { Order } from '../model/order.ts';
import { cancel } from './cancel.ts';
import type { Patience } from './decision.ts';

/**
 * Dispatch found nobody in time: from now on people look too, and the customer is told. Dispatch
 * goes on, and whoever is being asked may still say yes.
 */
export function searchEnded(order: Order, { timeScale, manualQueueSeconds }: Patience): Change {
  if (order.courierSearch !== 'waiting' && order.courierSearch !== 'offered') return NO_CHANGE;
  return {
    attention: 'no_courier',
    setTimers: [{ kind: 'manual_queue', inMs: timeScale.wallMs(manualQueueSeconds) }],
    events: [{ type: 'order.needs_operator', data: { why: 'no_courier' } }],
  };
}

/** Nobody is asked any more. A courier who is being asked right now may still say yes. */
export function manualQueueEnded(order: Order): Change {
  return order.courierSearch === 'waiting' ? cancel(order, 'no_courier') : NO_CHANGE;
}

/** The courier said no, or nothing: the next is asked, unless it has been long enough. */
export function offerEnded(order: Order, outcome: 'declined' | 'expired'): Change {
  const { offerId, courierId } = required(order.liveOffer, 'the offer that ended');
  const ended: Change = {
    courierSearch: 'waiting',
    offerBecomes: { offerId, state: outcome },
    events: [{ type: `order.offer_${outcome}`, data: { offerId, courierId } }],
  };
  const queueEnded = !order.timers.some(({ kind }) => kind === 'manual_queue');
  if (order.attention !== 'no_courier' || !queueEnded) return ended;
  return both(ended, cancel({ ...order, liveOffer: null }, 'no_courier'));
}
