import { orderErrors } from '../errors.ts';
import { cancel, moveTo, NO_CHANGE, type Change } from '../model/change.ts';
import type { Order } from '../model/order.ts';
import type { Decide } from './decision.ts';

/**
 * What the provider said, put into the books. Each of these may come late, or twice: an outcome that
 * is already known, or that a cancellation has overtaken, changes nothing.
 */
export const paymentAuthorized: Decide<{ intentId: string; amountMinor: number }> = (
  order,
  { intentId, amountMinor },
  { patience },
) => {
  if (order.payment.state !== 'pending') return NO_CHANGE;
  const payment = { state: 'authorized', intentId, authorizedMinor: amountMinor } as const;
  // Cancelled in the meantime: only write down what is held, for the step that releases it.
  if (order.state === 'CANCELLED') return { payment, events: [] };
  return moveTo(order, 'PAID', {
    payment,
    clearTimers: ['payment'],
    setTimer: {
      kind: 'restaurant_answer',
      inMs: patience.timeScale.wallMs(patience.restaurantAnswerSeconds),
    },
    events: [{ type: 'order.paid', data: { authorizedMinor: amountMinor } }],
  });
};

export const paymentRefused: Decide<{ reason: string }> = (order, { reason }) => {
  if (order.payment.state !== 'pending') return NO_CHANGE;
  const payment = { state: 'refused' } as const;
  if (order.state === 'CANCELLED') return { payment, events: [] };
  return { ...cancel(order, 'payment_refused', { why: reason }), payment };
};

export const paymentCaptured: Decide<{ amountMinor: number }> = (order, { amountMinor }) => {
  if (order.payment.state !== 'authorized') return NO_CHANGE;
  return {
    payment: { state: 'captured', capturedMinor: amountMinor },
    events: [{ type: 'order.payment_captured', data: { capturedMinor: amountMinor } }],
  };
};

/** @param intentId null when the provider had refused, so that nothing was held */
export const paymentVoided: Decide<{ intentId: string | null }> = (order, { intentId }) => {
  if (order.state !== 'CANCELLED') {
    throw orderErrors.make('state_conflict', { details: { state: order.state } });
  }
  return isSettled(order) ? NO_CHANGE : voided(order, intentId);
};

function isSettled(order: Order): boolean {
  return order.payment.state === 'voided' || order.payment.state === 'refused';
}

function voided(order: Order, intentId: string | null): Change {
  if (intentId === null) return { payment: { state: 'refused' }, events: [] };
  const releasedMinor = order.totalMinor;
  return {
    payment: { state: 'voided', intentId, authorizedMinor: releasedMinor },
    events: [{ type: 'order.payment_voided', data: { releasedMinor } }],
  };
}

/** The provider could not be asked in time. Whether money is held is unknown until the void step. */
export const paymentUnavailable: Decide<object> = (order) =>
  order.state === 'PLACED' ? cancel(order, 'payment_unavailable') : NO_CHANGE;
