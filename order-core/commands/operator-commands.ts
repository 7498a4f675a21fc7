import type { OrderCommand } from '../../protocol/index.ts';
import { newId, type OfferId } from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';
import type { Change } from '../model/change.ts';
import type { Order } from '../model/order.ts';
import { cancel } from './cancel.ts';
import { bound, delivered } from './courier-commands.ts';
import type { Decide, Patience } from './decision.ts';

/** What operators do when the engine cannot go on alone; each with a reason that is kept. */
type Command<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

/**
 * Binds a courier without asking. Before pickup it is taken from whoever has it, or is asked for it, in
 * the same change; who is asked already has its slot reserved, and keeps it.
 */
export const assignCourier: Decide<Command<'assign_courier'>> = (
  order,
  { courierId, why },
  { patience },
) => {
  const { courierSearch } = order;
  if (courierSearch === 'none' || order.courierId === courierId) {
    throw orderErrors.make('state_conflict', { details: { courierSearch } });
  }
  const { liveOffer } = order;
  if (courierSearch === 'offered' && liveOffer?.courierId === courierId) {
    const { offerId } = liveOffer;
    return {
      ...bound(courierId, patience),
      offerBecomes: { offerId, state: 'accepted' },
      events: [{ type: 'order.assigned', data: { offerId, courierId, why } }],
    };
  }
  const before = courierSearch === 'waiting' ? null : takenFrom(order, why);
  const offerId = newId<OfferId>();
  return {
    ...bound(courierId, patience),
    ...(before === null ? {} : { offerBecomes: before.offerBecomes }),
    newOffer: {
      offerId,
      courierId,
      courierVersion: null,
      state: 'accepted',
      expiresAtMs: order.nowMs,
      why: null,
    },
    events: [
      ...(before?.events ?? []),
      { type: 'order.assigned', data: { offerId, courierId, why } },
    ],
  };
};

/** Takes the order from its courier, who has not picked it up; dispatch finds another. */
export const unassignCourier: Decide<Command<'unassign_courier'>> = (
  order,
  { why },
  { patience },
) => {
  if (order.courierSearch !== 'assigned') {
    throw orderErrors.make('state_conflict', { details: { courierSearch: order.courierSearch } });
  }
  return unassigned(order, why, patience);
};

/** @throws AppError `state_conflict` when the courier has the food */
export function unassigned(order: Order, why: string, patience: Patience): Change {
  return {
    ...takenFrom(order, why),
    courierId: null,
    courierSearch: 'waiting',
    clearTimers: ['delivery_overdue', 'courier_silence'],
    setTimers: [
      { kind: 'courier_search', inMs: patience.timeScale.wallMs(patience.courierSearchSeconds) },
    ],
  };
}

/**
 * What the courier hears who has the order, or was asked and has not answered.
 * @throws AppError `state_conflict` when it has the food
 */
function takenFrom(order: Order, why: string): Required<Pick<Change, 'offerBecomes' | 'events'>> {
  const { liveOffer, state } = order;
  if (liveOffer === null || state === 'PICKED_UP' || state === 'OUT_FOR_DELIVERY') {
    throw orderErrors.make('state_conflict', { details: { state } });
  }
  const { offerId, courierId } = liveOffer;
  const data = { courierId, why, withdrawnOffer: { offerId, courierId } };
  return {
    offerBecomes: { offerId, state: 'withdrawn' },
    events: [{ type: 'order.unassigned', data }],
  };
}

export const operatorCancel: Decide<Command<'operator_cancel'>> = (order, command) => {
  const { refundMinor = order.totalMinor, why } = command;
  if (refundMinor > order.totalMinor) {
    throw orderErrors.make('refund_too_large', { details: { totalMinor: order.totalMinor } });
  }
  return cancel(order, 'operator', { refundMinor, details: { why } });
};

export const confirmDelivery: Decide<Command<'confirm_delivery'>> = (
  order,
  { why },
  { patience },
) => delivered(order, patience, { why });

/** Never more than was taken, however many refunds there are. */
export const refundOrder: Decide<Command<'refund_order'>> = (order, { amountMinor, why }) => {
  const { payment, refunds } = order;
  if (payment.method === 'cash' || payment.state !== 'captured') {
    throw orderErrors.make('state_conflict', {
      details: { method: payment.method, payment: payment.state },
    });
  }
  const promised = refunds.reduce((sum, refund) => sum + refund.amountMinor, 0);
  const leftMinor = payment.capturedMinor - promised;
  if (amountMinor > leftMinor) {
    throw orderErrors.make('refund_too_large', { details: { amountMinor, leftMinor } });
  }
  const number = refunds.length + 1;
  return {
    refund: { number, amountMinor, state: 'pending' },
    steps: [{ step: 'refund_payment', number }],
    events: [{ type: 'order.refund_requested', data: { number, amountMinor, why } }],
  };
};
