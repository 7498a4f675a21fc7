import { both, moveTo, NO_CHANGE, type Change } from '../model/change.ts';
import type { Order, TimerKind } from '../model/order.ts';
import { cancel } from './cancel.ts';
import { manualQueueEnded, offerEnded, searchEnded } from './courier-search.ts';
import {
  DELIVERY_OVERDUE_SECONDS,
  RENEWAL_RETRY_SECONDS,
  type Decide,
  type Patience,
} from './decision.ts';
import { unassigned } from './operator-commands.ts';
import { askAgain, toRestaurant } from './payment-outcomes.ts';

/** A deadline, and what only somebody outside the database knows about it. */
export interface FiredTimer {
  readonly kind: TimerKind;
  /** How long the order's courier has not been heard of, ms; 0 when there is none. */
  readonly courierSilentMs: number;
}

/**
 * A deadline has passed. The timer's row goes in the same commit, so it acts once; when the order
 * has moved on in the meantime, or the timer was set anew, nothing happens.
 */
export const timerFired: Decide<FiredTimer> = (order, fired, { patience }) => {
  const due = order.timers.some((timer) => timer.kind === fired.kind && timer.due);
  if (!due) return NO_CHANGE;
  const change = WHAT_NOW[fired.kind](order, patience, fired);
  if (change.setTimers?.some((timer) => timer.kind === fired.kind) === true) return change;
  return { ...change, clearTimers: [...(change.clearTimers ?? []), fired.kind] };
};

type WhatNow = (order: Order, patience: Patience, fired: FiredTimer) => Change;

/** What each deadline means; for an order that is past it, nothing. */
const WHAT_NOW: Readonly<Record<TimerKind, WhatNow>> = {
  payment: (order) =>
    order.state === 'PLACED' || order.state === 'SCHEDULED'
      ? cancel(order, 'payment_unavailable')
      : NO_CHANGE,
  activation: (order, patience) =>
    order.state === 'SCHEDULED' ? activate(order, patience) : NO_CHANGE,
  authorization_renewal: (order, patience) =>
    order.state === 'SCHEDULED' ? both(askAgain(order), renewAgain(patience)) : NO_CHANGE,
  restaurant_answer: (order) =>
    order.state === 'PAID' ? cancel(order, 'restaurant_silent') : NO_CHANGE,
  courier_search: searchEnded,
  manual_queue: manualQueueEnded,
  offer: (order) =>
    order.liveOffer?.state === 'offered' ? offerEnded(order, 'expired') : NO_CHANGE,
  courier_silence: courierSilent,
  delivery_overdue: deliveryOverdue,
  complete: (order) =>
    order.state === 'DELIVERED'
      ? moveTo(order, 'COMPLETED', { events: [{ type: 'order.completed', data: {} }] })
      : NO_CHANGE,
};

/** Until it is there, in case the provider is away; a renewal that succeeds sets the timer anew. */
function renewAgain({ timeScale }: Patience): Change {
  const inMs = timeScale.wallMs(RENEWAL_RETRY_SECONDS);
  return { events: [], setTimers: [{ kind: 'authorization_renewal', inMs }] };
}

/** The hour of a scheduled order has come: from here it is an order like any other. */
function activate(order: Order, patience: Patience): Change {
  if (!order.restaurantOpen) return cancel(order, 'restaurant_closed');
  const placed = moveTo(order, 'PLACED', {
    clearTimers: ['authorization_renewal'],
    events: [{ type: 'order.placed', data: {} }],
  });
  const { method, state } = order.payment;
  const paid = method === 'cash' || state === 'authorized';
  if (paid) return both(placed, toRestaurant({ ...order, state: 'PLACED' }, patience));
  const inMs = patience.timeScale.wallMs(patience.paymentDeadlineSeconds);
  return { ...placed, setTimers: [{ kind: 'payment', inMs }] };
}

/**
 * A courier who is gone before pickup is replaced; one who has the food can only be looked for by
 * people. Whoever was heard of lately is looked at again when the silence would be long enough.
 */
function courierSilent(order: Order, patience: Patience, fired: FiredTimer): Change {
  const { courierSilentMs: silentMs } = fired;
  if (order.courierSearch !== 'assigned') return NO_CHANGE;
  const patienceMs = patience.timeScale.wallMs(patience.courierSilenceSeconds);
  const again = (inMs: number) => ({ setTimers: [{ kind: 'courier_silence', inMs }] as const });
  if (silentMs < patienceMs) {
    const heardAgain: Change =
      order.attention === 'courier_silent' ? { attention: null, events: [] } : NO_CHANGE;
    return { ...heardAgain, ...again(patienceMs - silentMs) };
  }
  const hasFood = order.state === 'PICKED_UP' || order.state === 'OUT_FOR_DELIVERY';
  if (!hasFood) return unassigned(order, 'courier_silent', patience);
  if (order.attention !== null) return { events: [], ...again(patienceMs) };
  return {
    attention: 'courier_silent',
    events: [{ type: 'order.needs_operator', data: { why: 'courier_silent' } }],
    ...again(patienceMs),
  };
}

/** Said again and again until somebody ends it: the timer sets itself anew. */
function deliveryOverdue(order: Order, { timeScale }: Patience): Change {
  if (order.courierSearch !== 'assigned') return NO_CHANGE;
  return {
    events: [{ type: 'order.delivery_overdue', data: { courierId: order.courierId } }],
    setTimers: [{ kind: 'delivery_overdue', inMs: timeScale.wallMs(DELIVERY_OVERDUE_SECONDS) }],
  };
}
