import {
  visibleData,
  type CancelReason,
  type OfferView,
  type OrderEvent,
  type Role,
  type ServerMessage,
  type Topic,
} from '../protocol/index.ts';
import { dropOldest, type Metrics } from '../runtime/index.ts';
import { Broadcast } from './socket/outlet.ts';
import { exclusionOf, isEnd } from './socket/topic-access.ts';
import type { TopicEvent } from './socket/topic-memory.ts';
import { topicKey, type Topics } from './socket/topics.ts';

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
    this.#tellOrder({ kind: 'order', id: orderId }, event);
    if (isPaid(event)) this.#tellEvent({ kind: 'restaurant', id: restaurantId }, event);
    if (courierId !== null) this.#tellEvent({ kind: 'courier', id: courierId }, event);
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

  /** Those for whom the order is none of theirs any more do not hear to whom it went. */
  #tellOrder(topic: Topic, event: OrderEvent): void {
    const key = topicKey(event.order.cityId, topic);
    for (const listener of this.#topics.listeners(key)) {
      const reason = exclusionOf(listener.actor, event.order);
      if (reason !== null) listener.exclude(nameOf(topic), reason);
    }
    const memory = this.#topics.memory(key);
    if (memory !== null && isEnd(event.type)) memory.endedAtMs ??= event.atMs;
    this.#tellEvent(topic, event);
  }

  #tellEvent(topic: Topic, event: OrderEvent): void {
    const name = nameOf(topic);
    this.#tell(event.order.cityId, topic, {
      orderId: event.order.orderId,
      sequence: event.sequence,
      messageFor: (role, offset) => messageOf({ topic: name, offset }, event, role),
    });
  }

  #tellOffer(cityId: string, event: OrderEvent): void {
    const told = offerMessage(event);
    if (told === null) return;
    const topic = { kind: 'courier', id: told.courierId } as const;
    this.#tell(cityId, topic, {
      orderId: event.order.orderId,
      sequence: event.sequence,
      messageFor: (_role, offset) => ({ ...told.message, topic: nameOf(topic), offset }),
    });
  }

  /** To everybody who listens, encoded once for each role; and for those who come back. */
  #tell(cityId: string, topic: Topic, event: TopicEvent): void {
    const key = topicKey(cityId, topic);
    const offset = this.#topics.record(key, event);
    if (offset === null) return;
    const { orderId, sequence } = event;
    const byRole = new Map<Role, Broadcast>();
    for (const session of this.#topics.listeners(key)) {
      const { role } = session.actor;
      const broadcast = byRole.get(role) ?? new Broadcast(event.messageFor(role, offset));
      byRole.set(role, broadcast);
      session.deliver(nameOf(topic), broadcast, { orderId, sequence, offset });
      this.#sent.inc({ topic: topic.kind });
    }
  }
}

function nameOf({ kind, id }: Topic): string {
  return `${kind}:${id}`;
}

function messageOf(
  at: { readonly topic: string; readonly offset: number },
  event: OrderEvent,
  role: Role,
): ServerMessage {
  const { type, sequence, atMs, data, order } = event;
  return {
    type: 'order_event',
    ...at,
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

type WithoutPlace<Message> = Message extends unknown ? Omit<Message, 'topic' | 'offset'> : never;
type OfferMessage = WithoutPlace<Extract<ServerMessage, { type: 'offer' | 'offer_closed' }>>;

/** What the courier who was asked has to hear, if the event is about an offer. */
function offerMessage(event: OrderEvent): { courierId: string; message: OfferMessage } | null {
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
