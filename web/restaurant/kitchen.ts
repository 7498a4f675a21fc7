import type {
  CourierEventType,
  OrderState,
  OrderSummary,
  ServerMessage,
} from '../../protocol/index.ts';

/**
 * What a restaurant has in hand, put together from what its topic says. Pure: each message makes a new
 * kitchen. A snapshot is the truth, whatever was known before; events come on top of it, and one that is
 * older than the order that is known changes nothing.
 */
export interface Ticket {
  readonly order: OrderSummary;
  /** Since when the restaurant has to answer; null: not known yet, or answered. */
  readonly paidAtMs: number | null;
  /** When the courier will be here; null: nobody knows. */
  readonly courierAtMs: number | null;
  /** Where the courier is on its way here. */
  readonly courier: 'none' | 'coming' | 'near' | 'here';
}

export type Kitchen = ReadonlyMap<string, Ticket>;

/** In which of them it is the restaurant's. */
const COLUMNS: Partial<Record<OrderState, Column>> = {
  PAID: 'new',
  CONFIRMED: 'cooking',
  PREPARING: 'cooking',
  READY: 'ready',
};
export type Column = 'new' | 'cooking' | 'ready';

export function columnOf({ order }: Pick<Ticket, 'order'>): Column | null {
  return COLUMNS[order.state] ?? null;
}

/** Oldest first. */
export function ticketsIn(kitchen: Kitchen, column: Column): readonly Ticket[] {
  return [...kitchen.values()]
    .filter((ticket) => columnOf(ticket) === column)
    .toSorted((a, b) => a.order.placedAtMs - b.order.placedAtMs);
}

export function afterMessage(kitchen: Kitchen, message: ServerMessage): Kitchen {
  if (message.type === 'snapshot') {
    return new Map(message.orders.map((order) => [order.orderId, ticketOf(order, kitchen)]));
  }
  if (message.type === 'order_event') {
    const paid = message.event === 'order.paid' ? { paidAtMs: message.atMs } : {};
    return withOrder(kitchen, message.order, paid);
  }
  if (message.type === 'eta_update') {
    return changed(kitchen, message.orderId, () => ({ courierAtMs: message.pickupAtMs }));
  }
  if (message.type === 'courier_event') {
    return changed(kitchen, message.orderId, ({ courier }) => ({
      courier: NEARNESS[message.event] ?? courier,
    }));
  }
  return kitchen;
}

/** The order as it is now: after a command of our own, or read anew. */
export function withOrder(
  kitchen: Kitchen,
  order: OrderSummary,
  more: Partial<Ticket> = {},
): Kitchen {
  const known = kitchen.get(order.orderId);
  if (known !== undefined && known.order.sequence > order.sequence) return kitchen;
  const next = new Map(kitchen);
  const ticket = { ...ticketOf(order, kitchen), ...more };
  if (columnOf(ticket) === null) next.delete(order.orderId);
  else next.set(order.orderId, ticket);
  return next;
}

/** Orders of `after` that the restaurant has to answer, and did not know of. */
export function newlyAsked(before: Kitchen, after: Kitchen): readonly Ticket[] {
  const asked = ticketsIn(after, 'new');
  return asked.filter(({ order }) => before.get(order.orderId)?.order.state !== 'PAID');
}

const NEARNESS: Partial<Record<CourierEventType, Ticket['courier']>> = {
  near_restaurant: 'near',
  arrived_restaurant: 'here',
  left_restaurant: 'coming',
};

function ticketOf(order: OrderSummary, kitchen: Kitchen): Ticket {
  const known = kitchen.get(order.orderId);
  const isSameCourier = known?.order.courierId === order.courierId;
  return {
    order,
    paidAtMs: order.state === 'PAID' ? (known?.paidAtMs ?? null) : null,
    courierAtMs: known?.courierAtMs ?? null,
    courier:
      order.courierId === null
        ? 'none'
        : isSameCourier && known !== undefined
          ? known.courier
          : 'coming',
  };
}

function changed(
  kitchen: Kitchen,
  orderId: string,
  change: (ticket: Ticket) => Partial<Ticket>,
): Kitchen {
  const ticket = kitchen.get(orderId);
  if (ticket === undefined) return kitchen;
  return new Map(kitchen).set(orderId, { ...ticket, ...change(ticket) });
}
