import type { OrderCommand } from '../../protocol/index.ts';
import { orderErrors } from '../errors.ts';
import { both, moveTo, NO_CHANGE, type Change } from '../model/change.ts';
import type { Basket, Order } from '../model/order.ts';
import {
  cancellationQuote,
  priceOrder,
  type MenuPrice,
  type PriceTerms,
} from '../model/pricing.ts';
import { cancel } from './cancel.ts';
import type { Decide } from './decision.ts';
import { stockBetween } from './modification.ts';
import { nextGeneration } from './payment-outcomes.ts';

type Command<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

/** What a change of items is priced by: read when the command came. */
export interface Prices {
  readonly menu: readonly MenuPrice[];
  readonly terms: PriceTerms;
}

/** By the city's policy; the customer is never given less than they were shown. */
export const cancelOrder: Decide<Command<'cancel_order'>> = (order, command, { patience }) => {
  const { refundMinor } = cancellationQuote(order, (s) => patience.timeScale.wallMs(s));
  const { expectedRefundMinor } = command;
  if (expectedRefundMinor !== undefined && expectedRefundMinor !== refundMinor) {
    const details = { expectedRefundMinor, refundMinor };
    throw orderErrors.make('refund_changed', { details });
  }
  return cancel(order, 'customer', { refundMinor });
};

/**
 * New items, before the kitchen begins. When they cost more than what is held, the whole new amount
 * is asked for first, and nothing changes until it is there; what is held in excess is released
 * when the money is taken.
 */
export const modifyOrder: Decide<Command<'modify_order'> & { readonly prices: Prices }> = (
  order,
  { items, expectedTotalMinor, prices },
) => {
  if (!['SCHEDULED', 'PAID', 'CONFIRMED'].includes(order.state)) {
    throw orderErrors.make('state_conflict', { details: { state: order.state } });
  }
  if (order.modification !== null) throw orderErrors.make('modification_pending');
  const basket = priceOrder(items, prices.menu, prices.terms, order.items);
  const { totalMinor } = basket;
  if (expectedTotalMinor !== undefined && expectedTotalMinor !== totalMinor) {
    throw orderErrors.make('total_mismatch', { details: { expectedTotalMinor, totalMinor } });
  }
  const moves = stockBetween(order.items, basket.items);
  if (moves.length === 0 && totalMinor === order.totalMinor) return NO_CHANGE;
  const { payment } = order;
  const enough = payment.method === 'cash' || totalMinor <= payment.authorizedMinor;
  // Money that was not answered for yet: asking for other money beside it would hold both.
  if (payment.method === 'card' && payment.state !== 'authorized') {
    throw orderErrors.make('state_conflict', { details: { payment: payment.state } });
  }
  return enough ? modifyNow(order, basket) : askForMore(order, basket);
};

function modifyNow(order: Order, basket: Basket): Change {
  const { totalMinor } = basket;
  return {
    basket,
    stock: stockBetween(order.items, basket.items),
    events: [
      {
        type: 'order.modified',
        data: { totalMinor, previousTotalMinor: order.totalMinor, items: basket.items },
      },
    ],
  };
}

function askForMore(order: Order, basket: Basket): Change {
  const generation = nextGeneration(order);
  const { totalMinor } = basket;
  return {
    modification: { ...basket, generation },
    // Taken now, so that nobody else has it when the money is there; given back when it is not.
    stock: stockBetween(order.items, basket.items).filter(({ delta }) => delta < 0),
    authorizations: [{ generation, amountMinor: totalMinor, state: 'pending' }],
    steps: [{ step: 'authorize_payment', number: generation }],
    events: [{ type: 'order.modification_requested', data: { totalMinor } }],
  };
}

/** What the customer thought of it; with it the order is complete. */
export const rateOrder: Decide<Command<'rate_order'>> = (order, command) => {
  const { courierStars, restaurantStars, comment } = command;
  const { courierId } = order;
  const rating = {
    ...(courierStars === undefined ? {} : { courierStars }),
    ...(restaurantStars === undefined ? {} : { restaurantStars }),
    ...(comment === undefined ? {} : { comment }),
  };
  const completed = moveTo(order, 'COMPLETED', {
    clearTimers: ['complete'],
    events: [{ type: 'order.completed', data: {} }],
  });
  return both(
    { rating, events: [{ type: 'order.rated', data: { ...rating, courierId } }] },
    completed,
  );
};
