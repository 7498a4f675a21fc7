import {
  visibleData,
  type CancelReason,
  type OfferView,
  type OrderEvent,
  type Role,
  type ServerMessage,
} from '../protocol/index.ts';
import { dropOldest, type Metrics } from '../runtime/index.ts';
import { Broadcast } from './socket/outlet.ts';
import { topicKey, type TopicListener, type Topics } from './socket/topics.ts';

/** Orders whose newest sequence is remembered, to tell a repetition from news. */
const REMEMBERED_MAX = 50_000;

type Outcome = Extract<ServerMessage, { type: 'offer_closed' }>['outcome'];
const OFFER_OUTCOMES: Readonly<Partial<Record<OrderEvent['type'], Outcome>>> = {
  'order.assigned': 'accepted',
  'order.offer_declined': 'declined',
  'order.offer_expired': 'expired',
};

const UNPAID: ReadonlySet<CancelReason | null> = new Set([
  'payment_refused',
  'payment_unavailable',
]);

/** Turns committed facts into messages for those who listen. Facts may come twice; they go out once. */
export class Announcer {
  readonly #topics: Topics;
  readonly #newest = new Map<string, number>();
  readonly #sent: ReturnType<Metrics['counter']>;

  constructor(topics: Topics, metrics: Metrics) {
    this.#topics = topics;
    this.#sent = metrics.counter('hexfleet_events_sent_total', 'Events sent to sockets', ['topic']);
  }

  /** @returns false when this fact, or a newer one of its order, was announced before */
  announce(event: OrderEvent): boolean {
    if (!this.#isNews(event)) return false;
    const { cityId, orderId, restaurantId, courierId } = event.order;
    this.#tell({ kind: 'order', id: orderId }, event);
    if (isPaid(event)) this.#tell({ kind: 'restaurant', id: restaurantId }, event);
    if (courierId !== null) this.#tell({ kind: 'courier', id: courierId }, event);
    this.#tellOffer(cityId, event);
    return true;
  }

  #isNews({ order, sequence }: OrderEvent): boolean {
    const newest = this.#newest.get(order.orderId) ?? 0;
    if (sequence <= newest) return false;
    // Deleted and set again, so that the map's first key is the one unchanged for longest.
    this.#newest.delete(order.orderId);
    this.#newest.set(order.orderId, sequence);
    dropOldest(this.#newest, REMEMBERED_MAX);
    return true;
  }

  #tell(topic: { kind: 'order' | 'restaurant' | 'courier'; id: string }, event: OrderEvent): void {
    const name = `${topic.kind}:${topic.id}`;
    const listeners = this.#topics.listeners(topicKey(event.order.cityId, topic));
    const byRole = new Map<Role, Broadcast>();
    for (const session of listeners) {
      const { role } = session.actor;
      const broadcast = byRole.get(role) ?? new Broadcast(messageOf(name, event, role));
      byRole.set(role, broadcast);
      this.#deliver(session, name, broadcast, event);
    }
  }

  #tellOffer(cityId: string, event: OrderEvent): void {
    const told = offerMessage(event);
    if (told === null) return;
    const topic = { kind: 'courier', id: told.courierId } as const;
    const broadcast = new Broadcast(told.message);
    for (const session of this.#topics.listeners(topicKey(cityId, topic))) {
      this.#deliver(session, `courier:${told.courierId}`, broadcast, event);
    }
  }

  #deliver(session: TopicListener, topic: string, broadcast: Broadcast, event: OrderEvent): void {
    session.deliver(topic, broadcast, {
      orderId: event.order.orderId,
      sequence: event.sequence,
    });
    this.#sent.inc({ topic: topic.slice(0, topic.indexOf(':')) });
  }
}

function messageOf(topic: string, event: OrderEvent, role: Role): ServerMessage {
  const { type, sequence, atMs, data, order } = event;
  return {
    type: 'order_event',
    topic,
    event: type,
    orderId: order.orderId,
    sequence,
    atMs,
    state: order.state,
    data: visibleData(role, type, data),
    order,
  };
}

/**
 * A restaurant sees paid orders: neither that one was placed, nor that it came to nothing because the
 * money did not come.
 */
function isPaid({ type, order }: OrderEvent): boolean {
  return type !== 'order.placed' && !UNPAID.has(order.cancelReason);
}

/** What the courier who was asked has to hear, if the event is about an offer. */
function offerMessage(event: OrderEvent): { courierId: string; message: ServerMessage } | null {
  const { type, data, order } = event;
  if (type === 'order.offered') {
    const { offerId, courierId, expiresAtMs } = data as unknown as OfferFacts;
    const offer: OfferView = {
      offerId,
      orderId: order.orderId,
      expiresAtMs,
      restaurantName: order.restaurantName,
      pickup: order.pickup,
      dropoff: order.dropoff.place,
      readyAtMs: order.readyAtMs,
    };
    return { courierId, message: { type: 'offer', offer } };
  }
  const withdrawn = type === 'order.cancelled' || type === 'order.unassigned';
  const facts = (withdrawn ? data['withdrawnOffer'] : data) as OfferFacts | undefined;
  const outcome = withdrawn ? 'withdrawn' : OFFER_OUTCOMES[type];
  if (facts === undefined || outcome === undefined) return null;
  const { offerId, courierId } = facts;
  return {
    courierId,
    message: { type: 'offer_closed', offerId, orderId: order.orderId, outcome },
  };
}

interface OfferFacts {
  readonly offerId: string;
  readonly courierId: string;
  readonly expiresAtMs: number;
}
