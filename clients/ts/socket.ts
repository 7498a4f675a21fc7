import type {
  Area,
  ClientMessage,
  Fix,
  OrderSummary,
  OrderView,
  ServerMessage,
  Subprotocol,
} from '../../protocol/index.ts';
import { CLOSE_CODES, decodeServerMessage } from '../../protocol/wire.ts';
import { sleep, systemRandom, type Random } from '../../runtime/portable.ts';
import { currentToken, type TokenSource } from './access-token.ts';
import { HexfleetApi } from './api.ts';
import { backoffMs } from './backoff.ts';
import { ApiError, ConnectionLost } from './errors.ts';
import { Heartbeat } from './heartbeat.ts';
import { KeptFixes } from './kept-fixes.ts';
import { NEEDS_TICKET, openSocket, type Grant } from './open-socket.ts';
import { OrderPolling } from './order-polling.ts';
import { PendingAnswers } from './pending-answers.ts';
import { TopicPositions } from './topic-positions.ts';

/** RFC 6455: the connection went without a close frame. */
const ABNORMAL_CLOSURE = 1006;
const CONNECT_TIMEOUT_MS = 10_000;
/** So many connections in a row that were not made: this network may let no WebSocket through. */
const TRIES_BEFORE_POLLING = 3;
const POLL_MS = 5_000;

/** After these the same token would only be refused again. */
const FINAL_CODES: readonly number[] = [
  CLOSE_CODES.unauthorized.code,
  CLOSE_CODES.revoked.code,
  CLOSE_CODES.replaced.code,
];

type WithoutRequestId<Message> = Message extends unknown ? Omit<Message, 'requestId'> : never;
type OwnMessage = 'subscribe' | 'watch_area' | 'ping' | 'refresh';
/** What may be sent: a message of the protocol, without its request id. */
export type Command = WithoutRequestId<Exclude<ClientMessage, { type: OwnMessage }>>;

export interface SocketOptions {
  /** http(s)://host:port, as for the API. */
  readonly url: string;
  /** A function is asked for each connection, and when a token is about to expire. */
  readonly token: TokenSource;
  readonly subprotocol?: Subprotocol;
  /**
   * Each message of the server but answers to commands and acknowledgements, in order, and no event
   * twice. While orders are polled: a snapshot of each that has changed.
   */
  readonly onMessage: (message: ServerMessage) => void;
  /** The connection was opened, or lost; it is tried again by itself unless `final`. */
  readonly onState?: (state: ConnectionState) => void;
  /** Come with a one-time ticket, as browsers must and do by themselves. */
  readonly ticket?: boolean;
  /** A server that was silent for so long is asked whether it is there, and left when it is not. */
  readonly heartbeatMs?: number;
  /** Between two looks at an order while no WebSocket can be opened. */
  readonly pollMs?: number;
  readonly random?: Random;
}

export interface ConnectionState {
  readonly connected: boolean;
  /** WebSocket close code of a lost connection. */
  readonly code?: number;
  /** The engine wants no more of this token. */
  readonly final?: boolean;
  /** No WebSocket can be opened: orders that are subscribed to are read by REST meanwhile. */
  readonly polling?: boolean;
}

/**
 * A WebSocket that stays: reconnects with backoff and jitter, and goes on with its topics where it was.
 * A topic of which the engine does not remember everything that was missed begins with a snapshot, which
 * is the truth; what was remembered of before is not.
 *
 * | state      | entered when            | left when                          | what then holds         |
 * | ---------- | ----------------------- | ---------------------------------- | ----------------------- |
 * | connecting | constructor, a loss     | it opens, or fails (then again)    | fixes are kept; orders are polled after some failures |
 * | open       | `welcome` came          | the connection is lost             | commands are answered   |
 * | closed     | `close()`, a final code | never                              | nothing is sent         |
 */
export class HexfleetSocket {
  readonly #options: SocketOptions;
  readonly #api: HexfleetApi;
  readonly #pending = new PendingAnswers();
  readonly #positions = new TopicPositions();
  readonly #fixes = new KeptFixes();
  readonly #heartbeat: Heartbeat;
  readonly #polling: OrderPolling;
  readonly #topics = new Set<string>();
  /** Of a courier or a restaurant: what it listens to without having asked. */
  #ownTopic: string | null = null;
  /** Null while none is watched. */
  #area: { readonly area: Area; readonly begins: () => void } | null = null;
  #socket: WebSocket | null = null;
  #open = false;
  /** The token or ticket for the next connection is asked for. */
  #granting = false;
  #closed = false;
  #tries = 0;
  /** What the engine has asked for when it went away. */
  #reconnectInMs: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
    const { url, token, heartbeatMs, pollMs = POLL_MS } = options;
    this.#api = new HexfleetApi({ url, token, tries: 1 });
    this.#heartbeat = new Heartbeat({
      ask: () => void this.#request({ type: 'ping' }).catch(() => undefined),
      silent: () => this.#cut(),
      ...(heartbeatMs === undefined ? {} : { everyMs: heartbeatMs }),
    });
    this.#polling = new OrderPolling({
      api: this.#api,
      everyMs: pollMs,
      orders: () => [...this.#topics].map((topic) => topic.slice('order:'.length)),
      reachable: () => this.#connectNow(),
      seen: (order) => this.#polled(order),
      refused: () => this.#lost(CLOSE_CODES.unauthorized.code),
    });
    this.#connect();
  }

  get connected(): boolean {
    return this.#open;
  }

  /**
   * Carries out one command.
   * @returns the order after it, for commands about one
   * @throws ApiError when it is refused; ConnectionLost when there is no connection, or no answer
   */
  send(command: Command): Promise<OrderSummary | null> {
    return this.#request(command);
  }

  /**
   * Listens to an order's topic, also after every reconnect. It begins with a snapshot; after a loss it
   * goes on with what was missed (`recovered`), or with another snapshot. When the engine says that it
   * may be asked later, it is.
   * @throws ApiError when it is refused for good
   */
  async subscribe(topic: string): Promise<void> {
    this.#topics.add(topic);
    this.#positions.forget(nameOf(topic));
    if (this.#open) await this.#listen(topic);
  }

  async unsubscribe(topic: string): Promise<void> {
    this.#topics.delete(topic);
    this.#positions.forget(nameOf(topic));
    if (this.#open) await this.#request({ type: 'unsubscribe', topic });
  }

  /**
   * For operators: `couriers_moved` tells of this area, and of no other, also after every reconnect;
   * null: of none. `CouriersInArea` puts the messages together.
   * @param begins called when what was told before is void: the next messages are of this area
   */
  async watchArea(area: Area | null, begins: () => void = () => undefined): Promise<void> {
    this.#area = area === null ? null : { area, begins };
    if (this.#open) await this.#watchArea(area, begins);
  }

  /**
   * Sends a courier's fixes, oldest first, with growing sequences, timed by this machine's clock: when
   * that is wrong, they are sent with the engine's time. The newest are kept until the engine has
   * acknowledged them, and sent again by the next connection as long as it would take them; those that
   * it has already it knows by their time.
   */
  sendFixes(fixes: readonly Fix[]): void {
    this.#fixes.add(fixes);
    if (this.#open) this.#transmit(fixes);
  }

  /**
   * For who has a reason to doubt that the connection is alive: a device that woke up, a network that came
   * back. One that does not answer is left and made anew; while there is none, it is tried at once.
   */
  check(): void {
    if (this.#closed) return;
    if (this.#open) this.#heartbeat.check();
    else this.#connectNow();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.close(1000);
    this.#lost(1000);
  }

  #transmit(fixes: readonly Fix[]): void {
    for (const frame of this.#fixes.frames(fixes)) this.#socket?.send(frame);
  }

  #connect(): void {
    const { token, ticket = NEEDS_TICKET } = this.#options;
    if (typeof token === 'string' && !ticket) return this.#attach({ token });
    void this.#connectBy(this.#grant(ticket));
  }

  /** Never rejects. */
  async #connectBy(granted: Promise<Grant>): Promise<void> {
    this.#granting = true;
    try {
      const grant = await granted;
      this.#granting = false;
      if (!this.#closed) this.#attach(grant);
    } catch (error) {
      this.#granting = false;
      const isRefused = error instanceof ApiError && error.status === 401;
      if (!this.#closed) this.#lost(isRefused ? CLOSE_CODES.unauthorized.code : ABNORMAL_CLOSURE);
    }
  }

  /** Unless it is being tried. */
  #connectNow(): void {
    if (this.#socket !== null || this.#granting) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  async #grant(ticket: boolean): Promise<Grant> {
    if (ticket) return { ticket: (await this.#api.webSocketTicket()).ticket };
    return { token: await currentToken(this.#options.token) };
  }

  #attach(grant: Grant): void {
    const { url, subprotocol = 'hexfleet.v1.bin' } = this.#options;
    const since = this.#ownTopic === null ? null : this.#positions.of(this.#ownTopic);
    const socket = openSocket({ url, subprotocol, since }, grant);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket === socket)
        this.#received(decodeServerMessage(data as string | ArrayBuffer));
    });
    const lost = (code: number): void => {
      if (this.#socket === socket) this.#lost(code);
    };
    this.#timer = setTimeout(() => this.#cut(), CONNECT_TIMEOUT_MS);
    socket.addEventListener('close', ({ code }) => lost(code));
    // After a connection that was never made, Node 22 says this and no 'close'.
    socket.addEventListener('error', () => lost(ABNORMAL_CLOSURE));
  }

  /** Nobody answers there: what the peer may still say is not waited for. */
  #cut(): void {
    const socket = this.#socket;
    this.#lost(ABNORMAL_CLOSURE);
    socket?.close();
  }

  #received(message: ServerMessage): void {
    this.#heartbeat.heard();
    if (message.type === 'ok' || (message.type === 'error' && message.requestId !== null)) {
      return this.#pending.answered(message);
    }
    if (message.type === 'fixes_ack') return this.#fixes.acknowledged(message.sequence);
    if (!this.#positions.isNews(message)) return;
    if (message.type === 'welcome') this.#welcomed(message);
    if (message.type === 'token_expires') this.#refresh();
    if (message.type === 'going_away') this.#reconnectInMs = message.reconnectInMs;
    if (message.type === 'unsubscribed') this.#excluded(message.topic);
    this.#options.onMessage(message);
  }

  #excluded(name: string): void {
    for (const topic of this.#topics) if (nameOf(topic) === name) this.#topics.delete(topic);
    this.#positions.forget(name);
  }

  #welcomed({ role, subject, serverTimeMs }: Extract<ServerMessage, { type: 'welcome' }>): void {
    clearTimeout(this.#timer);
    this.#polling.stop();
    this.#heartbeat.start();
    this.#open = true;
    this.#tries = 0;
    this.#reconnectInMs = null;
    this.#ownTopic = role === 'courier' || role === 'restaurant' ? `${role}:${subject}` : null;
    for (const topic of this.#topics) {
      this.#listen(topic).catch((error: unknown) => {
        // Refused now, it will be refused again; a lost connection brings us back here.
        if (error instanceof ApiError) this.#topics.delete(topic);
      });
    }
    if (this.#area !== null) {
      const { area, begins } = this.#area;
      this.#watchArea(area, begins).catch(() => {
        // Refused it was said at the first time; a lost connection brings us back here.
      });
    }
    this.#transmit(this.#fixes.welcomed(serverTimeMs));
    this.#options.onState?.({ connected: true });
  }

  async #listen(topic: string): Promise<void> {
    const isWanted = (): boolean => this.#topics.has(topic);
    await this.#insist(isWanted, () => {
      const since = this.#positions.of(nameOf(topic));
      return this.#request({ type: 'subscribe', topic, ...(since === null ? {} : { since }) });
    });
  }

  async #watchArea(area: Area | null, begins: () => void): Promise<void> {
    const isWanted = (): boolean => (this.#area?.area ?? null) === area;
    await this.#insist(isWanted, () => this.#request({ type: 'watch_area', area }, begins));
  }

  /** Asks again as long as the engine says later, it is wanted, and the connection stays. */
  async #insist(isWanted: () => boolean, ask: () => Promise<unknown>): Promise<void> {
    const socket = this.#socket;
    while (this.#socket === socket && isWanted()) {
      try {
        await ask();
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || error.retryAfterMs === null) throw error;
        await sleep(error.retryAfterMs + backoffMs(1, this.#options.random ?? systemRandom));
      }
    }
  }

  /** Whoever gave the token is asked for a newer one; without, the engine closes when it expires. */
  #refresh(): void {
    const { token } = this.#options;
    if (typeof token === 'string') return;
    currentToken(token)
      .then((newer) => this.#request({ type: 'refresh', token: newer }))
      .catch(() => {
        // Then the connection ends with the token, and the next one asks again.
      });
  }

  #polled(order: OrderView): void {
    const topic = `order:${order.orderId}`;
    if (!this.#positions.isNewer(topic, order.orderId, order.sequence)) return;
    const position = this.#positions.of(topic);
    if (position === null) return;
    this.#options.onMessage({ type: 'snapshot', topic, orders: [order], offers: [], position });
  }

  /** @param accepted called before the next message is looked at */
  #request(
    message: WithoutRequestId<ClientMessage>,
    accepted: () => void = () => undefined,
  ): Promise<OrderSummary | null> {
    const socket = this.#socket;
    if (!this.#open || socket === null) {
      return Promise.reject(new ConnectionLost(`${message.type}: there is no connection`));
    }
    const send = (requestId: string): void =>
      socket.send(JSON.stringify({ ...message, requestId }));
    return this.#pending.ask(message.type, send, accepted);
  }

  #lost(code: number): void {
    clearTimeout(this.#timer);
    this.#heartbeat.stop();
    this.#socket = null;
    const wasOpen = this.#open;
    this.#open = false;
    this.#pending.lost();
    const final = this.#closed || this.#isFinal(code);
    if (wasOpen || final) this.#options.onState?.({ connected: false, code, final });
    if (final) {
      this.#closed = true;
      this.#polling.stop();
      return;
    }
    this.#tries += 1;
    if (this.#tries > TRIES_BEFORE_POLLING && !this.#polling.isRunning && this.#topics.size > 0) {
      this.#polling.start();
      this.#options.onState?.({ connected: false, polling: true });
    }
    const waitMs =
      this.#reconnectInMs ?? backoffMs(this.#tries, this.#options.random ?? systemRandom);
    this.#reconnectInMs = null;
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }

  /** Whoever can get a new token comes back with it. */
  #isFinal(code: number): boolean {
    const renewable = typeof this.#options.token !== 'string';
    if (renewable && code === CLOSE_CODES.unauthorized.code) return false;
    return FINAL_CODES.includes(code);
  }
}

/** As the engine spells it. */
function nameOf(topic: string): string {
  return topic.toLowerCase();
}
