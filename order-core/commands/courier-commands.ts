import type { Actor, OrderCommand } from '../../protocol/index.ts';
import { required } from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';
import { moveTo } from '../model/change.ts';
import type { LiveOffer, Order } from '../model/order.ts';
import { COMPLETE_AFTER_SECONDS, DELIVERY_OVERDUE_SECONDS, type Decide } from './decision.ts';

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
  const offer = answerableOffer(order, command.offerId, context.actor);
  const { timeScale } = context.patience;
  return {
    courierId: offer.courierId,
    courierSearch: 'assigned',
    offerBecomes: { offerId: offer.offerId, state: 'accepted' },
    clearTimers: ['offer', 'courier_search'],
    setTimer: { kind: 'delivery_overdue', inMs: timeScale.wallMs(DELIVERY_OVERDUE_SECONDS) },
    events: [
      {
        type: 'order.assigned',
        data: { offerId: offer.offerId, courierId: offer.courierId },
      },
    ],
  };
};

export const declineOffer: Decide<Command<'decline_offer'>> = (order, command, { actor }) => {
  const offer = answerableOffer(order, command.offerId, actor);
  return {
    courierSearch: 'waiting',
    offerBecomes: { offerId: offer.offerId, state: 'declined' },
    clearTimers: ['offer'],
    events: [
      {
        type: 'order.offer_declined',
        data: { offerId: offer.offerId, courierId: offer.courierId },
      },
    ],
  };
};

/** The pivot: from here on the order is only carried forward, and the money is taken. */
export const pickUp: Decide<Command<'pick_up'>> = (order) =>
  moveTo(order, 'PICKED_UP', {
    steps: ['capture_payment'],
    events: [{ type: 'order.picked_up', data: { courierId: order.courierId } }],
  });

export const depart: Decide<Command<'depart'>> = (order) =>
  moveTo(order, 'OUT_FOR_DELIVERY', {
    events: [{ type: 'order.out_for_delivery', data: { courierId: order.courierId } }],
  });

export const deliver: Decide<Command<'deliver'>> = (order, _command, { patience }) =>
  moveTo(order, 'DELIVERED', {
    courierSearch: 'none',
    offerBecomes: {
      offerId: required(order.liveOffer, 'the accepted offer of a carried order').offerId,
      state: 'delivered',
    },
    clearTimers: ['delivery_overdue'],
    setTimer: { kind: 'complete', inMs: patience.timeScale.wallMs(COMPLETE_AFTER_SECONDS) },
    events: [{ type: 'order.delivered', data: { courierId: order.courierId } }],
  });
