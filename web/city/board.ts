import type { OrderState, OrderSummary } from '../../protocol/index.ts';

/** Which of the live orders a board shows. Pure. */

export const STAGES = ['all', 'kitchen', 'ready', 'underWay', 'late', 'attention'] as const;
export type Stage = (typeof STAGES)[number];

const STATES: Readonly<Partial<Record<Stage, readonly OrderState[]>>> = {
  kitchen: ['SCHEDULED', 'PLACED', 'PAID', 'CONFIRMED', 'PREPARING'],
  ready: ['READY'],
  underWay: ['PICKED_UP', 'OUT_FOR_DELIVERY'],
};

export interface BoardClock {
  readonly nowMs: number;
  /** City seconds per second of the clock. */
  readonly timeScale: number;
  /** City minutes, from the click to the door. */
  readonly promiseMinutes: number;
}

/** How long the order is under way, city minutes; one for later begins when it was wanted. */
export function ageMinutes(order: OrderSummary, { nowMs, timeScale }: BoardClock): number {
  const sinceMs = order.scheduledForMs ?? order.placedAtMs;
  return ((nowMs - sinceMs) / 60_000) * timeScale;
}

/** Whether what was promised to its customer is broken; one for later: whether its time is over. */
export function isLate(order: OrderSummary, clock: BoardClock): boolean {
  const allowed = order.scheduledForMs === null ? clock.promiseMinutes : 0;
  return ageMinutes(order, clock) > allowed;
}

/** Whether an operator may bind a courier to it now. */
export function isAssignable({ state }: OrderSummary): boolean {
  return state === 'CONFIRMED' || state === 'PREPARING' || state === 'READY';
}

function isOf(stage: Stage, order: OrderSummary, clock: BoardClock): boolean {
  if (stage === 'all') return true;
  if (stage === 'attention') return order.attention !== null;
  if (stage === 'late') return isLate(order, clock);
  return STATES[stage]?.includes(order.state) ?? false;
}

/** Those of a stage in which the words occur; who waits for a person first, then the oldest. */
export function boardOf(
  orders: readonly OrderSummary[],
  { stage, search }: { readonly stage: Stage; readonly search: string },
  clock: BoardClock,
): readonly OrderSummary[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const waits = ({ attention }: OrderSummary): number => (attention === null ? 1 : 0);
  return orders
    .filter((order) => isOf(stage, order, clock) && has(order, words))
    .toSorted((a, b) => waits(a) - waits(b) || a.placedAtMs - b.placedAtMs);
}

export function countsOf(
  orders: readonly OrderSummary[],
  clock: BoardClock,
): Readonly<Record<Stage, number>> {
  const count = (stage: Stage): number => orders.filter((one) => isOf(stage, one, clock)).length;
  const entries = STAGES.map((stage) => [stage, count(stage)] as const);
  return Object.fromEntries(entries) as Record<Stage, number>;
}

function has(order: OrderSummary, words: readonly string[]): boolean {
  const { orderId, reference, restaurantName, courierId, customerId, dropoff } = order;
  const text = [orderId, reference, restaurantName, courierId, customerId, dropoff.address]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
