import type { OrderCommand } from '../../protocol/index.ts';
import { cancel, moveTo } from '../model/change.ts';
import type { Decide } from './decision.ts';

type Command<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

/** The restaurant takes the order and says when the food will be ready; dispatch begins. */
export const acceptOrder: Decide<Command<'accept_order'>> = (order, command, { patience }) => {
  const readyAtMs = order.nowMs + patience.timeScale.wallMs(command.preparationSeconds);
  return moveTo(order, 'CONFIRMED', {
    readyAtMs,
    courierSearch: 'waiting',
    clearTimers: ['restaurant_answer'],
    setTimer: {
      kind: 'courier_search',
      inMs: patience.timeScale.wallMs(patience.courierSearchSeconds),
    },
    events: [
      {
        type: 'order.confirmed',
        data: {
          preparationSeconds: command.preparationSeconds,
          readyAtMs: Math.round(readyAtMs),
        },
      },
    ],
  });
};

/** Only before it was accepted: afterwards a restaurant has to call the operator. */
export const rejectOrder: Decide<Command<'reject_order'>> = (order, command) => {
  moveTo(order, 'CONFIRMED', { events: [] });
  return cancel(order, 'restaurant_rejected', { why: command.reason });
};

export const startPreparation: Decide<Command<'start_preparation'>> = (order) =>
  moveTo(order, 'PREPARING', { events: [{ type: 'order.preparing', data: {} }] });

export const markReady: Decide<Command<'mark_ready'>> = (order) =>
  moveTo(order, 'READY', { events: [{ type: 'order.ready', data: {} }] });
