import { orderErrors } from '../errors.ts';
import { both, moveTo, NO_CHANGE, type Change } from '../model/change.ts';
import type { Authorization, Order } from '../model/order.ts';
import { cancel } from './cancel.ts';
import { AUTHORIZATION_VALID_SECONDS, type Decide, type Patience } from './decision.ts';
import { dropModification, stockBetween } from './modification.ts';

/**
 * What the provider said, put into the books. Each of these may come late, twice, or by two ways (an
 * answer and a webhook): an outcome that is already known, or that something has overtaken, changes
 * nothing. `generation` names the authorization that it is about.
 */
export const paymentAuthorized: Decide<{ generation: number; intentId: string }> = (
  order,
  { generation, intentId },
  { patience },
) => {
  const authorization = authorizationOf(order, generation);
  const known: Change = {
    events: [],
    authorizations: [{ ...authorization, state: 'authorized', intentId }],
  };
  const { amountMinor } = authorization;
  if (authorization.state === 'refused') return both(known, heldAfterAll(order, authorization));
  if (authorization.state !== 'pending') return NO_CHANGE;
  if (generation === order.payment.generation) {
    return both(known, firstMoney(order, amountMinor, patience));
  }
  if (generation === order.modification?.generation) {
    return both(known, modified(order, patience));
  }
  if (mayRenew(order, authorization)) return both(known, renewed(order, generation, patience));
  // The order went another way in the meantime: what is held for nothing is released.
  return both(known, release(generation));
};

export const paymentRefused: Decide<{ generation: number; reason: string }> = (
  order,
  { generation, reason },
) => {
  const authorization = authorizationOf(order, generation);
  if (authorization.state !== 'pending') return NO_CHANGE;
  const refused = { ...authorization, state: 'refused', intentId: null } as const;
  const known: Change = { events: [], authorizations: [refused] };
  // What a cancellation has to release does not include what was just refused.
  const others = order.authorizations.filter((a) => a.generation !== generation);
  const told: Order = { ...order, authorizations: [...others, refused] };
  if (generation === order.payment.generation) {
    const payment = { state: 'refused' } as const;
    if (order.state === 'CANCELLED') return { ...known, payment };
    const unpaid = { ...told, payment: { ...order.payment, ...payment } };
    const cancelled = cancel(unpaid, 'payment_refused', { details: { why: reason } });
    return { ...both(known, cancelled), payment };
  }
  if (generation === order.modification?.generation) {
    return both(known, dropModification(order, 'payment_refused'));
  }
  // A scheduled order whose money cannot be held any longer will not be paid.
  if (mayRenew(order, authorization)) {
    return both(known, cancel(told, 'payment_refused', { details: { why: reason } }));
  }
  return known;
};

export const paymentCaptured: Decide<{ generation: number; amountMinor: number }> = (
  order,
  { generation, amountMinor },
) => {
  if (order.payment.state !== 'authorized' || generation !== order.payment.generation) {
    return NO_CHANGE;
  }
  return {
    payment: { state: 'captured', capturedMinor: amountMinor },
    authorizations: [{ ...authorizationOf(order, generation), state: 'captured' }],
    events: [{ type: 'order.payment_captured', data: { capturedMinor: amountMinor } }],
  };
};

/** @param intentId null when the provider had refused, so that nothing was held */
export const paymentVoided: Decide<{ generation: number; intentId: string | null }> = (
  order,
  { generation, intentId },
) => {
  const authorization = authorizationOf(order, generation);
  if (authorization.state === 'voided' || authorization.state === 'refused') return NO_CHANGE;
  const counts = generation === order.payment.generation;
  if (counts && order.state !== 'CANCELLED' && order.state !== 'SCHEDULED') {
    throw orderErrors.make('state_conflict', { details: { state: order.state } });
  }
  const state = intentId === null ? 'refused' : 'voided';
  const releasedMinor = authorization.amountMinor;
  const voided: Change = {
    authorizations: [{ ...authorization, state, intentId }],
    ...(counts ? { payment: { state, authorizedMinor: releasedMinor } } : {}),
    events:
      intentId === null
        ? []
        : [{ type: 'order.payment_voided', data: { releasedMinor, generation } }],
  };
  return counts && order.state === 'SCHEDULED' ? both(voided, askAgain(order)) : voided;
};

/** The provider could not be asked in time. Whether money is held is unknown until the void step. */
export const paymentUnavailable: Decide<{ generation: number }> = (order, { generation }) => {
  if (authorizationOf(order, generation).state !== 'pending') return NO_CHANGE;
  if (generation === order.payment.generation) {
    const waits = order.state === 'PLACED' || order.state === 'SCHEDULED';
    return waits ? cancel(order, 'payment_unavailable') : NO_CHANGE;
  }
  const dropped =
    generation === order.modification?.generation
      ? dropModification(order, 'payment_unavailable')
      : NO_CHANGE;
  return both(dropped, release(generation));
};

export const paymentRefunded: Decide<{ number: number; providerRefundId: string }> = (
  order,
  { number, providerRefundId },
) => {
  const refund = order.refunds.find((r) => r.number === number);
  if (refund === undefined || refund.state === 'done') return NO_CHANGE;
  const { amountMinor } = refund;
  return {
    refund: { ...refund, state: 'done', providerRefundId },
    payment: { refundedMinor: order.payment.refundedMinor + amountMinor },
    events: [{ type: 'order.payment_refunded', data: { number, refundedMinor: amountMinor } }],
  };
};

/**
 * Holds the same amount anew; the old authorization is released when the new one is there. Nothing
 * when that was asked for already.
 */
export function askAgain(order: Order): Change {
  const isAsked = order.authorizations.some(
    (a) => a.state === 'pending' && mayRenew(order, a) && !isModification(order, a),
  );
  if (isAsked) return NO_CHANGE;
  const generation = nextGeneration(order);
  const amountMinor = order.totalMinor;
  return {
    authorizations: [{ generation, amountMinor, state: 'pending' }],
    steps: [{ step: 'authorize_payment', number: generation }],
    events: [],
  };
}

export function nextGeneration(order: Order): number {
  return Math.max(...order.authorizations.map(({ generation }) => generation)) + 1;
}

/** The money that the order waited for is there. */
function firstMoney(order: Order, authorizedMinor: number, patience: Patience): Change {
  const payment = { state: 'authorized', authorizedMinor } as const;
  const held: Change = { payment, events: [] };
  // Cancelled in the meantime: only write down what is held, for the step that releases it.
  if (order.state === 'CANCELLED') return held;
  if (order.state === 'SCHEDULED') {
    return {
      payment,
      clearTimers: ['payment'],
      setTimers: [renewalTimer(patience)],
      events: [{ type: 'order.payment_held', data: { authorizedMinor } }],
    };
  }
  const paid = { ...order, payment: { ...order.payment, ...payment } };
  if (!order.restaurantOpen) return both(held, cancel(paid, 'restaurant_closed'));
  return both(held, toRestaurant(paid, patience));
}

/** The order is paid for: the restaurant is asked. */
export function toRestaurant(order: Order, patience: Patience): Change {
  const { method, authorizedMinor } = order.payment;
  return moveTo(order, 'PAID', {
    clearTimers: ['payment'],
    setTimers: [
      {
        kind: 'restaurant_answer',
        inMs: patience.timeScale.wallMs(patience.restaurantAnswerSeconds),
      },
    ],
    events: [{ type: 'order.paid', data: { authorizedMinor, method } }],
  });
}

function renewalTimer({ timeScale }: Patience) {
  const inMs = timeScale.wallMs(AUTHORIZATION_VALID_SECONDS);
  return { kind: 'authorization_renewal', inMs } as const;
}

/** The changed order counts from now on, and with it the new authorization. */
function modified(order: Order, patience: Patience): Change {
  const { modification } = order;
  if (modification === null) return NO_CHANGE;
  const { generation, ...basket } = modification;
  return {
    basket,
    modification: null,
    payment: { generation, authorizedMinor: basket.totalMinor },
    // The addition was taken when it was asked for; what is no longer wanted goes back now.
    stock: stockBetween(order.items, basket.items).filter(({ delta }) => delta > 0),
    steps: [{ step: 'void_payment', number: order.payment.generation }],
    ...(order.state === 'SCHEDULED' ? { setTimers: [renewalTimer(patience)] } : {}),
    events: [
      {
        type: 'order.modified',
        data: { totalMinor: basket.totalMinor, previousTotalMinor: order.totalMinor },
      },
    ],
  };
}

function isModification(order: Order, { generation }: Authorization): boolean {
  return generation === order.modification?.generation;
}

/** Before its hour; or after it, when the money was let go and the order waits for it again. */
function mayRenew(order: Order, { generation, amountMinor }: Authorization): boolean {
  const { state, payment } = order;
  const waits = state === 'SCHEDULED' || (state === 'PLACED' && payment.state === 'voided');
  return waits && generation > payment.generation && amountMinor >= order.totalMinor;
}

function renewed(order: Order, generation: number, patience: Patience): Change {
  const { amountMinor } = authorizationOf(order, generation);
  const payment = { generation, state: 'authorized', authorizedMinor: amountMinor } as const;
  const old = order.payment.state === 'authorized' ? order.payment.generation : null;
  const held: Change = {
    payment,
    ...(old === null ? {} : { steps: [{ step: 'void_payment', number: old }] }),
    events: [{ type: 'order.payment_renewed', data: { authorizedMinor: amountMinor } }],
  };
  if (order.state === 'SCHEDULED') return { ...held, setTimers: [renewalTimer(patience)] };
  return both(
    held,
    toRestaurant({ ...order, payment: { ...order.payment, ...payment } }, patience),
  );
}

/** The provider had said no, and holds it all the same: nobody waits for it any more. */
function heldAfterAll(order: Order, { generation, amountMinor }: Authorization): Change {
  const counts = generation === order.payment.generation;
  const payment = { state: 'authorized', authorizedMinor: amountMinor } as const;
  return { ...release(generation), ...(counts ? { payment } : {}) };
}

function release(generation: number): Change {
  return { events: [], steps: [{ step: 'void_payment', number: generation }] };
}

/** @throws AppError `not_found`: the provider speaks of money that we never asked for */
function authorizationOf(order: Order, generation: number): Authorization {
  const found = order.authorizations.find((a) => a.generation === generation);
  if (found === undefined) throw orderErrors.make('payment_unknown', { details: { generation } });
  return found;
}
