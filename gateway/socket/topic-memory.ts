import {
  TOPIC_EVENTS_MAX,
  type Role,
  type ServerMessage,
  type TopicPosition,
} from '../../protocol/index.ts';
import { newId } from '../../runtime/index.ts';

/** A fact as one topic tells it. */
export interface TopicEvent {
  readonly orderId: string;
  readonly sequence: number;
  /** What somebody of this role may see of it. */
  messageFor(role: Role, offset: number): ServerMessage;
}

/**
 * The newest events of one topic, for those who lost their connection: offsets grow by one with each
 * event, and the window is that of the newest, without a gap. What is not in it any more is told by a
 * snapshot.
 */
export class TopicMemory {
  readonly epoch: string = newId<string>();
  /** Oldest first; the last has offset `#offset`. */
  readonly #events: TopicEvent[] = [];
  #offset = 0;
  /** When the order of the topic was delivered or cancelled, ms since the Unix epoch. */
  endedAtMs: number | null = null;

  /** Of the newest event; 0 before the first. */
  get offset(): number {
    return this.#offset;
  }

  /** @returns its offset */
  record(event: TopicEvent): number {
    this.#events.push(event);
    if (this.#events.length > TOPIC_EVENTS_MAX) this.#events.shift();
    return ++this.#offset;
  }

  /** Nobody will ask for what came up to this offset. */
  forgetThrough(offset: number): void {
    const oldest = this.#offset - this.#events.length + 1;
    if (offset >= oldest) this.#events.splice(0, offset - oldest + 1);
  }

  /**
   * What came after `position`, in order, as `role` sees it; null when that cannot be said, because it
   * is a position of another epoch or too old.
   */
  missedSince({ epoch, offset }: TopicPosition, role: Role): readonly ServerMessage[] | null {
    const known = this.#offset - this.#events.length;
    if (epoch !== this.epoch || offset < known || offset > this.#offset) return null;
    return this.#events
      .slice(offset - known)
      .map((event, i) => event.messageFor(role, offset + i + 1));
  }
}
