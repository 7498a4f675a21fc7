import type { ServerMessage } from '../../protocol/index.ts';
import type { Broadcast, Outlet } from './outlet.ts';
import type { TopicMemory } from './topic-memory.ts';

/** Events that may wait for the snapshot; a read that takes longer than so many ends the socket. */
const BUFFERED_MAX = 1_000;

/** What a topic looks like; where among its events that is, is known when it is sent. */
export type Snapshot = Omit<Extract<ServerMessage, { type: 'snapshot' }>, 'position'>;

type Recovered = Extract<ServerMessage, { type: 'recovered' }>;

/** Which fact a message tells; a fact that the snapshot already contains is not told again. */
export interface Fact {
  readonly orderId: string;
  readonly sequence: number;
  /** Of its message in the topic. */
  readonly offset: number;
}

/**
 * One socket's interest in one topic: first the snapshot, then every event that is newer.
 *
 * | state   | entered when             | left when    | what then holds                             |
 * | ------- | ------------------------ | ------------ | ------------------------------------------- |
 * | waiting | it is made, before the snapshot is read | `begin()`, `resume()` | events are kept, nothing was sent |
 * | live    | `begin()`, `resume()`    | never        | events go out as they come                  |
 *
 * It listens before the snapshot is read, or an event that is committed in between would be lost.
 * An event may also come after a snapshot that contains it already (the relay is behind the
 * database), so the snapshot's sequences stay as a floor until they are passed.
 */
export class Subscription {
  readonly #outlet: Outlet;
  #waiting: { readonly broadcast: Broadcast; readonly fact: Fact }[] | null = [];
  readonly #floor = new Map<string, number>();

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  /** @returns false when too much waits for the snapshot: the socket has to start over */
  deliver(broadcast: Broadcast, fact: Fact): boolean {
    if (this.#waiting !== null) {
      this.#waiting.push({ broadcast, fact });
      return this.#waiting.length <= BUFFERED_MAX;
    }
    const floor = this.#floor.get(fact.orderId);
    if (floor !== undefined) {
      if (fact.sequence <= floor) return true;
      this.#floor.delete(fact.orderId);
    }
    this.#outlet.sendEvent(broadcast);
    return true;
  }

  /** Everything is in the snapshot, or comes after it. */
  begin(snapshot: Snapshot, { epoch, offset }: TopicMemory): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const { orderId, sequence } of snapshot.orders) this.#floor.set(orderId, sequence);
    const news = waiting.find(({ fact }) => fact.sequence > (this.#floor.get(fact.orderId) ?? 0));
    const at = news === undefined ? offset : news.fact.offset - 1;
    this.#outlet.send({ ...snapshot, position: { epoch, offset: at } });
    for (const { broadcast, fact } of waiting) this.deliver(broadcast, fact);
  }

  /** In place of a snapshot: everything that was missed, what came while it waited included. */
  resume(recovered: Recovered, missed: readonly ServerMessage[]): void {
    this.#waiting = null;
    this.#outlet.send(recovered);
    for (const message of missed) this.#outlet.send(message);
  }
}
