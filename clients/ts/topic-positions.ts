import type { ServerMessage, TopicPosition } from '../../protocol/index.ts';

/** Orders of one topic whose newest event is known; a restaurant has fewer in hand. */
const ORDERS_MAX = 2_000;

interface Known {
  position: TopicPosition;
  /** Newest event by order, those that changed last at the end. */
  readonly sequences: Map<string, number>;
}

/** What was heard of each topic: to ask for what is missed, and to hear nothing twice. */
export class TopicPositions {
  readonly #known = new Map<string, Known>();

  /** Null: the topic begins with a snapshot. */
  of(topic: string): TopicPosition | null {
    return this.#known.get(topic)?.position ?? null;
  }

  forget(topic: string): void {
    this.#known.delete(topic);
  }

  /** @returns false for what was heard before */
  isNews(message: ServerMessage): boolean {
    if (message.type === 'snapshot') this.#begin(message);
    if (message.type === 'order_event') return this.#moves(message) && this.#isNewest(message);
    if (message.type === 'offer' || message.type === 'offer_closed') return this.#moves(message);
    return true;
  }

  /** An order as it stands now, that did not come by its topic. @returns false when it is known */
  isNewer(topic: string, orderId: string, sequence: number): boolean {
    const known = this.#known.get(topic) ?? { position: NOWHERE, sequences: new Map() };
    this.#known.set(topic, known);
    return this.#isNewest({ topic, orderId, sequence });
  }

  #begin({ topic, position, orders }: Extract<ServerMessage, { type: 'snapshot' }>): void {
    const sequences = new Map(orders.map(({ orderId, sequence }) => [orderId, sequence]));
    this.#known.set(topic, { position, sequences });
  }

  #moves({ topic, offset }: { readonly topic: string; readonly offset: number }): boolean {
    const known = this.#known.get(topic);
    if (known === undefined) return true;
    if (offset <= known.position.offset) return false;
    known.position = { epoch: known.position.epoch, offset };
    return true;
  }

  #isNewest(event: { topic: string; orderId: string; sequence: number }): boolean {
    const sequences = this.#known.get(event.topic)?.sequences;
    if (sequences === undefined) return true;
    if (event.sequence <= (sequences.get(event.orderId) ?? 0)) return false;
    sequences.delete(event.orderId);
    sequences.set(event.orderId, event.sequence);
    if (sequences.size > ORDERS_MAX) {
      for (const oldest of sequences.keys()) {
        sequences.delete(oldest);
        break;
      }
    }
    return true;
  }
}

/** No engine has this epoch. */
const NOWHERE: TopicPosition = { epoch: '00000000-0000-0000-0000-000000000000', offset: 0 };
