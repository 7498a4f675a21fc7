import type { OrderItem } from '../../protocol/index.ts';
import type { Change, StockMove } from '../model/change.ts';
import type { Order } from '../model/order.ts';

/** What giving back `before` and taking `after` does to counted items, by item. */
export function stockBetween(
  before: readonly OrderItem[],
  after: readonly OrderItem[],
): readonly StockMove[] {
  const deltas = new Map(before.map(({ itemId, quantity }) => [itemId, quantity]));
  for (const { itemId, quantity } of after) {
    deltas.set(itemId, (deltas.get(itemId) ?? 0) - quantity);
  }
  return [...deltas].map(([itemId, delta]) => ({ itemId, delta })).filter(({ delta }) => delta);
}

/** The order stays as it is; what the wish has taken goes back. */
export function dropModification(order: Order, why: string): Change {
  const { modification } = order;
  if (modification === null) return { events: [] };
  const added = stockBetween(order.items, modification.items).filter(({ delta }) => delta < 0);
  return {
    modification: null,
    stock: added.map(({ itemId, delta }) => ({ itemId, delta: -delta })),
    events: [
      { type: 'order.modification_dropped', data: { why, totalMinor: modification.totalMinor } },
    ],
  };
}
