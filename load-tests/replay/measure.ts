import type { OrderEventType, OrderView } from '../../protocol/index.ts';

/** What a day came to; times of an order in city minutes, latencies in wall milliseconds. */
export interface OrderFigures {
  readonly clickToDoorMinutes: number[];
  /** From ready food to its pickup. */
  readonly readyToPickupMinutes: number[];
  /** From the restaurant's yes to a courier's. */
  readonly assignmentMinutes: number[];
}

/** @param timeScale city seconds per second of the clock */
export function measureOrders(orders: readonly OrderView[], timeScale: number): OrderFigures {
  const between = (from: OrderEventType, to: OrderEventType): number[] =>
    orders.flatMap((order) => {
      const [start, end] = [timeOf(order, from), timeOf(order, to)];
      return start === null || end === null ? [] : [((end - start) * timeScale) / 60_000];
    });
  return {
    clickToDoorMinutes: between('order.placed', 'order.delivered'),
    readyToPickupMinutes: between('order.ready', 'order.picked_up'),
    assignmentMinutes: between('order.confirmed', 'order.assigned'),
  };
}

/** Ms since the Unix epoch of the last event of this kind. */
function timeOf(order: OrderView, type: OrderEventType): number | null {
  return order.timeline.findLast((entry) => entry.type === type)?.atMs ?? null;
}
