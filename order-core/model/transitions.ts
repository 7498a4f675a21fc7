import type { OrderState } from '../../protocol/index.ts';
import { orderErrors } from '../errors.ts';

/**
 * Which state may follow which. The only place that says so in code; the database's CHECK lists the
 * same states. PICKED_UP is the pivot: before it everything can be undone, after it nothing is.
 */
const NEXT: Readonly<Record<OrderState, readonly OrderState[]>> = {
  SCHEDULED: ['PLACED', 'CANCELLED'],
  PLACED: ['PAID', 'CANCELLED'],
  PAID: ['CONFIRMED', 'CANCELLED'],
  CONFIRMED: ['PREPARING', 'CANCELLED'],
  PREPARING: ['READY', 'CANCELLED'],
  READY: ['PICKED_UP', 'CANCELLED'],
  PICKED_UP: ['OUT_FOR_DELIVERY'],
  OUT_FOR_DELIVERY: ['DELIVERED'],
  DELIVERED: ['COMPLETED'],
  COMPLETED: [],
  CANCELLED: [],
};

export function mayFollow(from: OrderState, to: OrderState): boolean {
  return NEXT[from].includes(to);
}

/** @throws AppError `state_conflict` when `to` may not follow `from` */
export function assertMayFollow(from: OrderState, to: OrderState): void {
  if (!mayFollow(from, to)) {
    throw orderErrors.make('state_conflict', { details: { state: from, wanted: to } });
  }
}

/** Nothing will ever change any more. */
export function isFinal(state: OrderState): boolean {
  return NEXT[state].length === 0;
}
