import {
  CLOSE_CODES,
  clientMessageSchema,
  FRAME_BYTES_MAX,
  COURIER_FRAME_BYTES_MAX,
  parseTopic,
  protocolErrors,
  TOPICS_PER_SOCKET_MAX,
  wireError,
  type Actor,
  type ClientMessage,
  type Subprotocol,
  type Topic,
  type TopicPosition,
  type UnsubscribeReason,
} from '../../protocol/index.ts';
import { withDeadline, type AppError, type Logger } from '../../runtime/index.ts';
import { MESSAGE_ROLES, requireRole } from '../authorization.ts';
import type { EdgeSocket, FrameSink, SocketHandler } from '../edge.ts';
import { failureFor, PORT_DEADLINE_MS } from '../failure.ts';
import { SocketBudget } from '../limits/socket-budget.ts';
import { orderIdOf } from '../order-id.ts';
import { sheddableMessage } from '../overload/sheddable.ts';
import type { Identity } from '../tokens.ts';
import { parseJson, requestIdIn, validate } from '../untrusted-input.ts';
import { CommandQueue } from './command-queue.ts';
import { carryOut, type ConversationDeps } from './conversation.ts';
import type { FixSource, FixStream } from './fix-stream.ts';
import { Outlet, type Broadcast } from './outlet.ts';
import { Subscription, type Fact } from './subscription.ts';
import { beginTopic, nameOf } from './begin-topic.ts';
import { topicKey, type TopicListener } from './topics.ts';

/** setTimeout takes no more; a token that is good for longer is looked at again then. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** A client is asked for a newer token so long before its own expires. */
const REFRESH_AHEAD_MS = 60_000;

/** Who is at the other end of a socket, and how it wants to be spoken to. */
export interface SocketIdentity extends Identity {
  readonly subprotocol: Subprotocol;
  /** Where in its own topic it was when its connection was lost; only of couriers and restaurants. */
  readonly since: TopicPosition | null;
}

/**
 * One socket's conversation: commands one after the other, topics, fixes.
 *
 * | state  | entered when    | left when                                  | what then holds            |
 * | ------ | --------------- | ------------------------------------------ | -------------------------- |
 * | open   | the upgrade     | `close()`, the peer, or the token's end     | has sent `welcome`         |
 * | closed | open ends       | never                                      | listens to no topic        |
 */
export class Session implements SocketHandler, FrameSink, FixSource, TopicListener {
  readonly outlet: Outlet;
  readonly #deps: ConversationDeps;
  readonly #ended: (session: Session) => void;
  readonly #log: Logger;
  readonly #queue = new CommandQueue();
  readonly #budget: SocketBudget;
  readonly #fixes: FixStream | null;
  /** By the topic's name, in the one spelling of its id. */
  readonly #subscriptions = new Map<string, Subscription>();
  /** Never rejects; for a courier or a restaurant, when its own topic has been read. */
  #begun: Promise<void> = Promise.resolve();
  #identity: Identity;
  #expiry: NodeJS.Timeout | undefined;

  /** @param ended called once, when the socket has closed, whoever closed it */
  constructor(
    socket: EdgeSocket,
    identity: SocketIdentity,
    deps: ConversationDeps,
    ended: (session: Session) => void,
  ) {
    this.#identity = identity;
    this.#deps = deps;
    this.#ended = ended;
    this.outlet = new Outlet(socket, identity.subprotocol);
    this.#budget = new SocketBudget(deps.config, this.actor);
    const { role, subject, cityId } = this.actor;
    this.#log = deps.log.child({ role, subject, cityId });
    this.#fixes = role === 'courier' ? deps.fixes.open(this) : null;
    const { clock, timeScale } = deps;
    const times = { serverTimeMs: clock.nowMs(), timeScale: timeScale.factor };
    this.outlet.send({ type: 'welcome', role, subject, cityId, ...times });
    this.#watchExpiry(false);
    if (role === 'restaurant' || role === 'courier') {
      this.#begun = this.#begin({ kind: role, id: subject }, identity.since);
    }
  }

  get actor(): Actor {
    return this.#identity.actor;
  }

  /** Of the newest token. */
  get identity(): Identity {
    return this.#identity;
  }

  get frames(): FrameSink {
    return this.#fixes ?? this;
  }

  /** Nobody but couriers sends frames. */
  frame(bytes: ArrayBuffer): void {
    this.badFrame(bytes.byteLength > FRAME_BYTES_MAX);
  }

  text(bytes: ArrayBuffer): void {
    const bytesMax = this.actor.role === 'courier' ? COURIER_FRAME_BYTES_MAX : FRAME_BYTES_MAX;
    if (bytes.byteLength > bytesMax) return this.close(CLOSE_CODES.tooBig);
    const nowMs = this.#deps.clock.monotonicMs();
    if (!this.#budget.mayRead(nowMs)) return this.close(CLOSE_CODES.flooding);
    // The bytes are only ours during this call.
    let requestId: string | null = null;
    try {
      const sent = parseJson(bytes);
      requestId = requestIdIn(sent);
      const message = validate(clientMessageSchema, sent);
      requireRole(this.actor, MESSAGE_ROLES[message.type]);
      this.#budget.requireMessage(message.type, nowMs);
      this.#deps.overload.require(sheddableMessage(message));
      const refusal = message.type === 'fix' ? null : this.#deps.refusesWork();
      if (refusal !== null) throw refusal;
      // In hand from here on, also while it waits for those before it: a drain waits for its answer.
      const answered = this.#queue.add(() => this.#answer(message));
      void this.#deps.inFlight.during(() => answered);
    } catch (error) {
      this.#refuse(requestId, error);
    }
  }

  drained(): void {
    this.outlet.drained();
  }

  closed(): void {
    clearTimeout(this.#expiry);
    for (const name of this.#subscriptions.keys()) this.#forget(name);
    this.#deps.liveMap.forget(this);
    if (this.#fixes !== null) this.#deps.fixes.close(this.#fixes);
    this.#ended(this);
  }

  close(code: { readonly code: number; readonly reason: string }): void {
    this.outlet.close(code);
  }

  acknowledge(sequence: number): void {
    this.outlet.send({ type: 'fixes_ack', sequence });
  }

  tooMany(fullAtMs: number, nowMs: number): void {
    const verdict = this.#budget.frameRefused(nowMs);
    if (verdict === 'close') this.close(CLOSE_CODES.flooding);
    if (verdict === 'warn') this.#refuse(null, this.#budget.frameWarning(fullAtMs, nowMs));
  }

  badFrame(isTooBig: boolean): void {
    this.close(isTooBig ? CLOSE_CODES.tooBig : CLOSE_CODES.badFrame);
  }

  /** A fact for one of this session's topics. */
  deliver(topic: string, broadcast: Broadcast, fact: Fact): void {
    const kept = this.#subscriptions.get(topic)?.deliver(broadcast, fact) ?? true;
    if (!kept) this.close(CLOSE_CODES.tooSlow);
  }

  exclude(topic: string, reason: UnsubscribeReason): void {
    this.#forget(topic);
    this.outlet.send({ type: 'unsubscribed', topic, reason });
  }

  /** Never rejects. */
  async #answer(message: ClientMessage): Promise<void> {
    if (!this.outlet.isOpen) return;
    const { instruments, clock } = this.#deps;
    const startedAtMs = clock.monotonicMs();
    let outcome = 'ok';
    try {
      const order = await this.#perform(message);
      const { requestId } = message;
      this.outlet.send({ type: 'ok', requestId, ...(order === null ? {} : { order }) });
    } catch (error) {
      outcome = this.#refuse(message.requestId, error).code;
    }
    instruments.commands.inc({ type: message.type, outcome });
    const seconds = (clock.monotonicMs() - startedAtMs) / 1000;
    instruments.commandSeconds.observe({ type: message.type }, seconds);
  }

  async #begin(own: Topic, since: TopicPosition | null): Promise<void> {
    try {
      await this.#listen(own, since);
      if (this.#fixes !== null) this.#deps.fixes.admit(this.#fixes);
    } catch (error) {
      this.#cannotBegin(error);
    }
  }

  async #perform(message: ClientMessage): ReturnType<typeof carryOut> {
    if (message.type === 'subscribe') {
      await this.#listen(this.#topicOf(message.topic), message.since ?? null);
      return null;
    }
    if (message.type === 'unsubscribe') {
      this.#forget(nameOf(this.#topicOf(message.topic)));
      return null;
    }
    if (message.type === 'ping') return null;
    if (message.type === 'refresh') {
      this.#refresh(message.token);
      return null;
    }
    if (message.type === 'watch_area') {
      if (message.area === null) this.#deps.liveMap.forget(this);
      else this.#deps.liveMap.watch(this, message.area);
      return null;
    }
    if (message.type === 'fix') await this.#begun;
    const work = carryOut(this.#deps, message, { actor: this.actor, fixes: this.#fixes });
    return await withDeadline(work, PORT_DEADLINE_MS, message.type);
  }

  /** @throws AppError `unauthorized`; somebody else's token ends the session */
  #refresh(token: string): void {
    const newer = this.#deps.tokens.verify(`Bearer ${token}`);
    const { role, subject, cityId } = newer.actor;
    const known = this.actor;
    if (role !== known.role || subject !== known.subject || cityId !== known.cityId) {
      return this.close(CLOSE_CODES.unauthorized);
    }
    this.#identity = newer;
    clearTimeout(this.#expiry);
    this.#watchExpiry(false);
  }

  /** Topics of others are those that a client may name; its own it has anyway. */
  #topicOf(name: string): Topic {
    const topic = parseTopic(name);
    const id = topic?.kind === 'order' ? orderIdOf(topic.id) : null;
    if (id === null) throw protocolErrors.make('not_found');
    return { kind: 'order', id };
  }

  async #listen(topic: Topic, since: TopicPosition | null): Promise<void> {
    const name = nameOf(topic);
    if (this.#subscriptions.has(name)) this.#forget(name);
    if (this.#subscriptions.size >= TOPICS_PER_SOCKET_MAX) {
      throw protocolErrors.make('too_many_topics');
    }
    const subscription = new Subscription(this.outlet);
    const key = topicKey(this.actor.cityId, topic);
    this.#subscriptions.set(name, subscription);
    const memory = this.#deps.topics.add(key, this);
    try {
      const work = beginTopic(this.#deps, this, { topic, since, memory, subscription });
      await withDeadline(work, PORT_DEADLINE_MS, 'snapshot');
    } catch (error) {
      this.#forget(name);
      throw error;
    }
    // The socket may have closed while the snapshot was read; nobody would forget the topic then.
    if (!this.outlet.isOpen) this.#forget(name);
  }

  #forget(name: string): void {
    const topic = parseTopic(name);
    if (topic === null || !this.#subscriptions.delete(name)) return;
    this.#deps.topics.remove(topicKey(this.actor.cityId, topic), this);
    this.outlet.forgetState(topic.id);
  }

  #refuse(requestId: string | null, error: unknown): AppError {
    const failure = failureFor(error, this.#log, { requestId });
    this.outlet.send({ type: 'error', requestId, error: wireError(failure) });
    return failure;
  }

  /** A courier or restaurant without its own topic would wait for orders that never come. */
  #cannotBegin(error: unknown): void {
    const { retryable } = this.#refuse(null, error);
    this.close(retryable ? CLOSE_CODES.tryAgain : CLOSE_CODES.unauthorized);
  }

  /** @param asked the client knows that it has to refresh its token */
  #watchExpiry(asked: boolean): void {
    const { expiresAtMs } = this.#identity;
    const leftMs = expiresAtMs - this.#deps.clock.nowMs();
    if (leftMs <= 0) return this.close(CLOSE_CODES.unauthorized);
    const asks = !asked && leftMs <= REFRESH_AHEAD_MS;
    if (asks) this.outlet.send({ type: 'token_expires', atMs: expiresAtMs });
    const waitMs = asked || asks ? leftMs : Math.min(leftMs - REFRESH_AHEAD_MS, TIMER_MS_MAX);
    this.#expiry = setTimeout(() => this.#watchExpiry(asked || asks), waitMs);
    this.#expiry.unref();
  }
}
