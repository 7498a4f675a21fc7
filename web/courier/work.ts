import type { OfferView, OrderSummary, ServerMessage } from '../../protocol/index.ts';

/**
 * What a courier has to do, put together from what the engine says on the courier's own topic, and on
 * those of the orders that it carries. Pure: messages in, a new picture out.
 */
export interface CourierWork {
  /** Null: the engine has not said it yet. */
  readonly onDuty: boolean | null;
  /** What is carried, or to be picked up. */
  readonly orders: readonly OrderSummary[];
  readonly offers: readonly SeenOffer[];
  /** By order, as the engine expects them. */
  readonly times: ReadonlyMap<string, StopTimes>;
}

export interface SeenOffer {
  readonly offer: OfferView;
  /** When this page heard of it, by the engine's clock: a countdown begins there. */
  readonly seenAtMs: number;
}

interface StopTimes {
  readonly pickupAtMs: number | null;
  readonly dropoffAtMs: number | null;
}

export const NOTHING_YET: CourierWork = {
  onDuty: null,
  orders: [],
  offers: [],
  times: new Map(),
};

/** @param who the courier's id */
export function workAfter(
  work: CourierWork,
  message: ServerMessage,
  { who, nowMs }: { readonly who: string; readonly nowMs: number },
): CourierWork {
  const { type } = message;
  if (type === 'snapshot') return afterSnapshot(work, message, { who, nowMs });
  if (type === 'recovered') {
    return message.topic === ownTopic(who)
      ? { ...work, onDuty: message.onDuty ?? work.onDuty }
      : work;
  }
  if (type === 'order_event') return withOrder(work, message.order, who);
  if (type === 'offer') {
    return { ...work, offers: [...without(work, message.offer), seen(work, message.offer, nowMs)] };
  }
  if (type === 'offer_closed') return { ...work, offers: without(work, message) };
  if (type !== 'eta_update') return work;
  const { orderId, pickupAtMs, dropoffAtMs } = message;
  return { ...work, times: new Map(work.times).set(orderId, { pickupAtMs, dropoffAtMs }) };
}

/** The courier's own topic is the truth of everything; an order's, of that order. */
function afterSnapshot(
  work: CourierWork,
  message: Extract<ServerMessage, { type: 'snapshot' }>,
  { who, nowMs }: { readonly who: string; readonly nowMs: number },
): CourierWork {
  const { topic, orders, offers } = message;
  if (topic !== ownTopic(who)) return orders.reduce((w, order) => withOrder(w, order, who), work);
  return {
    onDuty: message.onDuty ?? work.onDuty,
    orders: orders.filter((order) => isCarried(order, who)),
    offers: offers.map((offer) => seen(work, offer, nowMs)),
    times: work.times,
  };
}

function ownTopic(who: string): string {
  return `courier:${who}`;
}

/** The order as it is now; one that is older than what is known changes nothing. */
export function withOrder(work: CourierWork, order: OrderSummary, who: string): CourierWork {
  const { orderId, sequence } = order;
  const known = work.orders.find((other) => other.orderId === orderId);
  if (known !== undefined && known.sequence > sequence) return work;
  if (!isCarried(order, who)) {
    if (known === undefined) return work;
    const times = new Map(work.times);
    times.delete(orderId);
    return { ...work, times, orders: work.orders.filter((other) => other !== known) };
  }
  const orders =
    known === undefined
      ? [...work.orders, order]
      : work.orders.map((other) => (other === known ? order : other));
  return { ...work, orders };
}

/** Offers that may still be answered. */
export function openOffers(work: CourierWork, nowMs: number): readonly SeenOffer[] {
  return work.offers.filter(({ offer }) => offer.expiresAtMs > nowMs);
}

export interface Stop {
  readonly kind: 'restaurant' | 'door';
  readonly order: OrderSummary;
  readonly place: { readonly lat: number; readonly lng: number };
  /** When the engine expects the courier there; null: it has not said. */
  readonly atMs: number | null;
}

const HAS_FOOD: ReadonlySet<string> = new Set(['PICKED_UP', 'OUT_FOR_DELIVERY']);

/** Whether the courier has the food already. */
export function isOnBoard({ state }: OrderSummary): boolean {
  return HAS_FOOD.has(state);
}

/**
 * Where to go, in sequence: as the engine expects it, which is how it was planned. What it has not said
 * comes after, restaurants before doors.
 */
export function stopsOf({ orders, times }: CourierWork): readonly Stop[] {
  const stops = orders.flatMap((order): Stop[] => {
    const { pickupAtMs = null, dropoffAtMs = null } = times.get(order.orderId) ?? {};
    const door = { kind: 'door', order, place: order.dropoff.place, atMs: dropoffAtMs } as const;
    if (isOnBoard(order)) return [door];
    // It cannot be behind the door, whatever was said.
    const atMs = pickupAtMs ?? dropoffAtMs;
    return [{ kind: 'restaurant', order, place: order.pickup, atMs }, door];
  });
  const rank = ({ kind }: Stop): number => (kind === 'restaurant' ? 0 : 1);
  return stops.toSorted(
    (a, b) => (a.atMs ?? Infinity) - (b.atMs ?? Infinity) || rank(a) - rank(b) || 0,
  );
}

function isCarried(order: OrderSummary, who: string): boolean {
  const { courierId, state } = order;
  return (
    courierId === who && state !== 'DELIVERED' && state !== 'COMPLETED' && state !== 'CANCELLED'
  );
}

function seen(work: CourierWork, offer: OfferView, nowMs: number): SeenOffer {
  const known = work.offers.find((other) => other.offer.offerId === offer.offerId);
  return known ?? { offer, seenAtMs: nowMs };
}

function without(
  { offers }: CourierWork,
  { offerId }: { readonly offerId: string },
): readonly SeenOffer[] {
  return offers.filter(({ offer }) => offer.offerId !== offerId);
}
