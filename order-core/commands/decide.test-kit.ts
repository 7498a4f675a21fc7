import { actorOf, offerWith, orderWith, PATIENCE } from '../model/order.test-kit.ts';
import type { Order, TimerKind } from '../model/order.ts';
import { decisionOf, type PricedCommand } from './command-table.ts';
import { timerFired } from './timer-commands.ts';

/** Commands and deadlines on orders that nobody has stored. */
export const { orderId } = orderWith();
export const { offerId } = offerWith();
const restaurant = actorOf('restaurant', 'r1');
export const courier = actorOf('courier', 'k1');

export const context = { patience: PATIENCE, actor: null };

export function decide(order: Order, command: PricedCommand, actor = restaurant) {
  return decisionOf(command)(order, command, { patience: PATIENCE, actor });
}

export function fire(order: Order, kind: TimerKind) {
  const due = { ...order, timers: [{ kind, due: true }] };
  return timerFired(due, { kind, courierSilentMs: 0 }, { patience: PATIENCE, actor: null });
}
