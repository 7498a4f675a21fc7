import type { CityId, Clock } from '../../runtime/index.ts';
import { systemClock } from '../../runtime/index.ts';
import type { Actor, Topic, UnsubscribeReason } from '../../protocol/index.ts';
import type { Broadcast, Outlet } from './outlet.ts';
import type { Fact } from './subscription.ts';
import { TopicMemory, type TopicEvent } from './topic-memory.ts';

/** For so long a topic is remembered to which nobody listens: whoever was cut off has come back. */
const IDLE_MS_MAX = 5 * 60_000;
/** Topics without a listener that are remembered, 500 bytes each beside their events. */
const IDLE_TOPICS_MAX = 20_000;
/** Events that are remembered, of all topics together; 1.5 KB each at most, for topics share them. */
const EVENTS_MAX = 32_768;

/** Somebody at a socket, as far as topics are concerned. */
export interface TopicListener {
  readonly actor: Actor;
  readonly outlet: Outlet;
  /** @param topic its name, as the listener knows it: `order:ID` */
  deliver(topic: string, broadcast: Broadcast, fact: Fact): void;
  /** It may not listen to this topic any more. */
  exclude(topic: string, reason: UnsubscribeReason): void;
}

/** A topic is known by its city too: ids repeat from city to city. */
export function topicKey(cityId: CityId | string, { kind, id }: Topic): string {
  return `${cityId}/${kind}:${id}`;
}

const NOBODY: ReadonlySet<TopicListener> = new Set();

/** Who listens to a topic, and how many hold it. */
interface Audience {
  readonly listeners: Set<TopicListener>;
  holds: number;
}

/**
 * Who listens to what, in this process, and what was told lately. A topic is remembered from its first
 * listener until some minutes after the last; nobody can have missed events of any other.
 */
export class Topics {
  readonly #clock: Clock;
  readonly #audiences = new Map<string, Audience>();
  readonly #memories = new Map<string, TopicMemory>();
  /** Remembered topics without a listener, those first that have been so for longest; since when, monotonic ms. */
  readonly #idle = new Map<string, number>();
  /** A ring of what is remembered; what is overwritten is forgotten by its topic. */
  readonly #recorded: { readonly memory: TopicMemory; readonly offset: number }[] = [];
  #nextRecord = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** @returns those that listen now; the set changes as they come and go */
  listeners(key: string): ReadonlySet<TopicListener> {
    return this.#audiences.get(key)?.listeners ?? NOBODY;
  }

  /**
   * For who tells this topic again and again, and need not look it up each time.
   * @returns its listeners from now on, until `release`; nothing is remembered for it
   */
  hold(key: string): ReadonlySet<TopicListener> {
    const audience = this.#audienceOf(key);
    audience.holds += 1;
    return audience.listeners;
  }

  /** To be called once for each `hold`. */
  release(key: string): void {
    const audience = this.#audiences.get(key);
    if (audience === undefined || audience.holds === 0) return;
    audience.holds -= 1;
    if (!this.#memories.has(key)) this.#forgetUnheld(key);
  }

  /** Null for a topic that nobody has listened to lately. */
  memory(key: string): TopicMemory | null {
    return this.#memories.get(key) ?? null;
  }

  /** Every topic that has a listener. */
  *listened(): Iterable<
    readonly [key: string, memory: TopicMemory, listeners: ReadonlySet<TopicListener>]
  > {
    for (const [key, memory] of this.#memories) {
      const listeners = this.listeners(key);
      if (listeners.size > 0) yield [key, memory, listeners];
    }
  }

  /** @returns the topic's memory */
  add(key: string, listener: TopicListener): TopicMemory {
    this.#forgetIdle();
    this.#idle.delete(key);
    this.#audienceOf(key).listeners.add(listener);
    const memory = this.#memories.get(key) ?? new TopicMemory();
    this.#memories.set(key, memory);
    return memory;
  }

  remove(key: string, listener: TopicListener): void {
    const listeners = this.#audiences.get(key)?.listeners;
    if (listeners === undefined || !listeners.delete(listener)) return;
    if (listeners.size === 0) this.#idle.set(key, this.#clock.monotonicMs());
    this.#forgetIdle();
  }

  /** @returns the event's offset; null when nobody could ever have missed it */
  record(key: string, event: TopicEvent): number | null {
    const memory = this.memory(key);
    if (memory === null) return null;
    const offset = memory.record(event);
    const oldest = this.#recorded[this.#nextRecord];
    oldest?.memory.forgetThrough(oldest.offset);
    this.#recorded[this.#nextRecord] = { memory, offset };
    this.#nextRecord = (this.#nextRecord + 1) % EVENTS_MAX;
    return offset;
  }

  #audienceOf(key: string): Audience {
    const known = this.#audiences.get(key);
    if (known !== undefined) return known;
    const audience: Audience = { listeners: new Set(), holds: 0 };
    this.#audiences.set(key, audience);
    return audience;
  }

  #forgetIdle(): void {
    const longSinceMs = this.#clock.monotonicMs() - IDLE_MS_MAX;
    for (const [key, sinceMs] of this.#idle) {
      if (sinceMs > longSinceMs && this.#idle.size <= IDLE_TOPICS_MAX) return;
      this.#idle.delete(key);
      this.#memories.delete(key);
      this.#forgetUnheld(key);
    }
  }

  #forgetUnheld(key: string): void {
    if (this.#audiences.get(key)?.holds === 0) this.#audiences.delete(key);
  }
}
