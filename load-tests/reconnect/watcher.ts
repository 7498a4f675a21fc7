import { HexfleetSocket } from '../../clients/ts/index.ts';
import type { OrderEventType, ServerMessage, TimelineEntry } from '../../protocol/index.ts';

/** Somebody who watches one order over a bad link, and what the SDK told of it. */
export class Watcher {
  readonly orderId: string;
  readonly #socket: HexfleetSocket;
  /** By sequence. */
  readonly #events = new Map<number, OrderEventType>();
  #newest = 0;
  /** Events that the SDK told twice, or after newer ones. */
  repetitions = 0;
  /** Subscriptions that went on where they were, and those that began with a snapshot. */
  readonly begun = { recovered: 0, snapshots: 0 };

  constructor(
    options: { readonly url: string; readonly token: string; readonly heartbeatMs: number },
    orderId: string,
  ) {
    this.orderId = orderId;
    this.#socket = new HexfleetSocket({
      ...options,
      onMessage: (message) => this.#heard(message),
    });
  }

  /** The newest sequence that it knows. */
  get newest(): number {
    return this.#newest;
  }

  /** Of the connection that is open, or of the next. */
  subscribe(): void {
    // Without a connection it is asked again by itself.
    this.#socket.subscribe(`order:${this.orderId}`).catch(() => undefined);
  }

  /** Where what was heard is not what the database says. */
  differences(timeline: readonly TimelineEntry[]): string[] {
    return timeline.flatMap(({ sequence, type }) => {
      const heard = this.#events.get(sequence);
      return heard === type ? [] : [`${this.orderId} ${sequence}: ${type}, heard ${heard}`];
    });
  }

  close(): void {
    this.#socket.close();
  }

  #heard(message: ServerMessage): void {
    if (message.type === 'recovered') this.begun.recovered += 1;
    if (message.type === 'snapshot') {
      this.begun.snapshots += 1;
      for (const order of message.orders) {
        if (!('timeline' in order)) continue;
        for (const { sequence, type } of order.timeline) this.#events.set(sequence, type);
        this.#newest = order.sequence;
      }
    }
    if (message.type !== 'order_event') return;
    if (message.sequence <= this.#newest) this.repetitions += 1;
    this.#events.set(message.sequence, message.event);
    this.#newest = message.sequence;
  }
}
