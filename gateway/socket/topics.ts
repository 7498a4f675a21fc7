import type { CityId } from '../../runtime/index.ts';
import type { Actor, Topic } from '../../protocol/index.ts';
import type { Broadcast, Outlet } from './outlet.ts';
import type { Fact } from './subscription.ts';

/** Somebody at a socket, as far as topics are concerned. */
export interface TopicListener {
  readonly actor: Actor;
  readonly outlet: Outlet;
  /** @param topic its name, as the listener knows it: `order:ID` */
  deliver(topic: string, broadcast: Broadcast, fact: Fact): void;
}

/** A topic is known by its city too: ids repeat from city to city. */
export function topicKey(cityId: CityId | string, { kind, id }: Topic): string {
  return `${cityId}/${kind}:${id}`;
}

const NOBODY: ReadonlySet<TopicListener> = new Set();

/** Who listens to what, in this process. */
export class Topics {
  readonly #listeners = new Map<string, Set<TopicListener>>();

  /** @returns those that listen now; the set changes as they come and go */
  listeners(key: string): ReadonlySet<TopicListener> {
    return this.#listeners.get(key) ?? NOBODY;
  }

  add(key: string, listener: TopicListener): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) this.#listeners.set(key, new Set([listener]));
    else listeners.add(listener);
  }

  remove(key: string, listener: TopicListener): void {
    const listeners = this.#listeners.get(key);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(key);
  }
}
