import type { Actor, OrderCommand } from '../../protocol/index.ts';
import { required } from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';
import { both, moveTo, type Change } from '../model/change.ts';
import type { LiveOffer, Order } from '../model/order.ts';
import { assertMayFollow } from '../model/transitions.ts';
import { offerEnded } from './courier-search.ts';
import {
  CODE_ATTEMPTS_MAX,
  COMPLETE_AFTER_SECONDS,
  DELIVERY_OVERDUE_SECONDS,
  type Decide,
  type Patience,
} from './decision.ts';

type Command<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

/** The offer that the courier answers. Late by the database's clock is late. */
function answerableOffer(order: Order, offerId: string, actor: Actor | null): LiveOffer {
  const offer = order.liveOffer;
  const open = offer?.offerId === offerId && offer.state === 'offered';
  if (!open || offer.courierId !== actor?.subject || offer.expiresAtMs <= order.nowMs) {
    throw orderErrors.make('offer_gone', { details: { offerId } });
  }
  return offer;
}

export const acceptOffer: Decide<Command<'accept_offer'>> = (order, command, context) => {
  const { offerId, courierId } = answerableOffer(order, command.offerId, context.actor);
  return {
    ...bound(courierId, context.patience),
    offerBecomes: { offerId, state: 'accepted' },
    events: [{ type: 'order.assigned', data: { offerId, courierId } }],
  };
};

/** From now on this courier has the order, and is watched over. */
export function bound(courierId: string, patience: Patience): Omit<Change, 'events'> {
  const { timeScale } = patience;
  return {
    courierId,
    courierSearch: 'assigned',
    attention: null,
    clearTimers: ['offer', 'courier_search', 'manual_queue'],
    setTimers: [
      { kind: 'delivery_overdue', inMs: timeScale.wallMs(DELIVERY_OVERDUE_SECONDS) },
      { kind: 'courier_silence', inMs: timeScale.wallMs(patience.courierSilenceSeconds) },
    ],
  };
}

export const declineOffer: Decide<Command<'decline_offer'>> = (order, command, { actor }) => {
  answerableOffer(order, command.offerId, actor);
  return both(offerEnded(order, 'declined'), { clearTimers: ['offer'], events: [] });
};

/** The pivot: from here on the order is only carried forward, and the money is taken. */
export const pickUp: Decide<Command<'pick_up'>> = (order) => {
  const picked = moveTo(order, 'PICKED_UP', {
    events: [{ type: 'order.picked_up', data: { courierId: order.courierId } }],
  });
  const { method, generation } = order.payment;
  if (method === 'cash') return picked;
  return {
    ...picked,
    payment: { captureMinor: order.totalMinor },
    steps: [{ step: 'capture_payment', number: generation }],
  };
};

export const depart: Decide<Command<'depart'>> = (order) =>
  moveTo(order, 'OUT_FOR_DELIVERY', {
    events: [{ type: 'order.out_for_delivery', data: { courierId: order.courierId } }],
  });

/** With the customer's code, where the city asks for one; a wrong one is counted. */
export const deliver: Decide<Command<'deliver'>> = (order, { code }, { patience }) => {
  if (order.deliveryCode !== null) {
    assertMayFollow(order.state, 'DELIVERED');
    // Also the right one: whoever has guessed so often may have guessed it.
    if (order.codeAttempts >= CODE_ATTEMPTS_MAX) throw orderErrors.make('code_locked');
    if (order.deliveryCode !== code) return codeRefused(order, code !== undefined);
  }
  return delivered(order, patience, {});
};

/** @param details kept with the event */
export function delivered(order: Order, patience: Patience, details: object): Change {
  // First of all: an order that was delivered before has no offer any more.
  assertMayFollow(order.state, 'DELIVERED');
  const { courierId, payment, totalMinor } = order;
  const paidNow = payment.method === 'cash';
  return moveTo(order, 'DELIVERED', {
    courierSearch: 'none',
    attention: null,
    offerBecomes: {
      offerId: required(order.liveOffer, 'the accepted offer of a carried order').offerId,
      state: 'delivered',
    },
    clearTimers: ['delivery_overdue', 'courier_silence'],
    setTimers: [{ kind: 'complete', inMs: patience.timeScale.wallMs(COMPLETE_AFTER_SECONDS) }],
    ...(paidNow ? { payment: { state: 'captured', capturedMinor: totalMinor } } : {}),
    events: [
      { type: 'order.delivered', data: { courierId, ...details } },
      ...(paidNow
        ? [{ type: 'order.payment_captured' as const, data: { capturedMinor: totalMinor } }]
        : []),
    ],
  });
}

/** Guessing is counted, asking without a code is not. */
function codeRefused(order: Order, wasGiven: boolean): Change {
  const attemptsLeft = CODE_ATTEMPTS_MAX - order.codeAttempts - (wasGiven ? 1 : 0);
  const refusal = orderErrors.make('wrong_code', { details: { attemptsLeft } });
  if (!wasGiven) throw refusal;
  return {
    codeAttempts: order.codeAttempts + 1,
    ...(attemptsLeft === 0 ? { attention: 'delivery_code' } : {}),
    events: [{ type: 'order.code_refused', data: { attemptsLeft } }],
    refusal,
  };
}
