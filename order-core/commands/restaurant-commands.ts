import type { OrderCommand } from '../../protocol/index.ts';
import { orderErrors } from '../errors.ts';
import { both, moveTo } from '../model/change.ts';
import { assertMayFollow } from '../model/transitions.ts';
import { cancel } from './cancel.ts';
import type { Decide } from './decision.ts';
import { dropModification } from './modification.ts';

type Command<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

/** Dispatch may keep an order back until a courier has to set out; nobody is missing before this. */
const COURIER_NEEDED_SECONDS = 600;

/**
 * The restaurant takes the order as it is shown and says when the food will be ready; dispatch
 * begins. A change of items that still waits for its money comes too late.
 */
export const acceptOrder: Decide<Command<'accept_order'>> = (order, command, { patience }) => {
  const { preparationSeconds } = command;
  const readyAtMs = order.nowMs + patience.timeScale.wallMs(preparationSeconds);
  const earlySeconds = Math.max(0, preparationSeconds - COURIER_NEEDED_SECONDS);
  const searchSeconds = patience.courierSearchSeconds + earlySeconds;
  const accepted = moveTo(order, 'CONFIRMED', {
    readyAtMs,
    confirmed: true,
    courierSearch: 'waiting',
    clearTimers: ['restaurant_answer'],
    setTimers: [{ kind: 'courier_search', inMs: patience.timeScale.wallMs(searchSeconds) }],
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
  return both(accepted, dropModification(order, 'restaurant_accepted'));
};

/** Only before it was accepted: afterwards a restaurant has to call the operator. */
export const rejectOrder: Decide<Command<'reject_order'>> = (order, command) => {
  assertMayFollow(order.state, 'CONFIRMED');
  return cancel(order, 'restaurant_rejected', { details: { why: command.reason } });
};

export const startPreparation: Decide<Command<'start_preparation'>> = (order) =>
  both(
    moveTo(order, 'PREPARING', { events: [{ type: 'order.preparing', data: {} }] }),
    dropModification(order, 'preparation_began'),
  );

/** Dispatch and the customer's ETA go by the new time. */
export const delayOrder: Decide<Command<'delay_order'>> = (order, command, { patience }) => {
  if (order.state !== 'CONFIRMED' && order.state !== 'PREPARING') {
    throw orderErrors.make('state_conflict', { details: { state: order.state } });
  }
  const from = Math.max(order.readyAtMs ?? 0, order.nowMs);
  const readyAtMs = from + patience.timeScale.wallMs(command.bySeconds);
  const { bySeconds, why } = command;
  const data = { bySeconds, readyAtMs: Math.round(readyAtMs), ...(why ? { why } : {}) };
  return { readyAtMs, events: [{ type: 'order.delayed', data }] };
};

export const markReady: Decide<Command<'mark_ready'>> = (order) =>
  moveTo(order, 'READY', { events: [{ type: 'order.ready', data: {} }] });
