import {
  CLOSE_CODES,
  decodeServerMessage,
  encodeFixes,
  FIX_AGE_MS_MAX,
  FIXES_PER_FRAME_MAX,
  type Area,
  type ClientMessage,
  type Fix,
  type OrderSummary,
  type ServerMessage,
  type Subprotocol,
} from '../../protocol/index.ts';
import { newId, sleep, systemClock, systemRandom, type Random } from '../../runtime/index.ts';
import { backoffMs } from './backoff.ts';
import { ApiError, ConnectionLost } from './errors.ts';

/** RFC 6455: the connection went without a close frame. */
const ABNORMAL_CLOSURE = 1006;
const ANSWER_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Fixes kept until the engine has acknowledged them: FIX_AGE_MS_MAX at more than one a second. */
const KEPT_FIXES_MAX = 500;
/** A clock that is less off than this is not corrected: the connection's delay would be taken for it. */
const CLOCK_OFF_MS_MIN = 5_000;

/** After these the same token would only be refused again. */
const FINAL_CODES: readonly number[] = [CLOSE_CODES.unauthorized.code, CLOSE_CODES.replaced.code];

type WithoutRequestId<Message> = Message extends unknown ? Omit<Message, 'requestId'> : never;
/** What may be sent: a message of the protocol, without its request id. */
export type Command = WithoutRequestId<
  Exclude<ClientMessage, { type: 'subscribe' | 'watch_area' }>
>;

export interface SocketOptions {
  /** http(s)://host:port, as for the API. */
  readonly url: string;
  readonly token: string;
  readonly subprotocol?: Subprotocol;
  /** Each message of the server but answers to commands and acknowledgements, in order. */
  readonly onMessage: (message: ServerMessage) => void;
  /** The connection was opened, or lost; it is tried again by itself unless `final`. */
  readonly onState?: (state: ConnectionState) => void;
  readonly random?: Random;
}

export interface ConnectionState {
  readonly connected: boolean;
  /** WebSocket close code of a lost connection. */
  readonly code?: number;
  /** The engine wants no more of this token. */
  readonly final?: boolean;
}

interface Waiting {
  readonly resolve: (order: OrderSummary | null) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * A WebSocket that stays: reconnects with backoff and jitter, and listens again to its topics. Each
 * connection begins with snapshots, which are the truth; what was remembered of before is not.
 *
 * | state      | entered when            | left when                          | what then holds         |
 * | ---------- | ----------------------- | ---------------------------------- | ----------------------- |
 * | connecting | constructor, a loss     | it opens, or fails (then again)    | fixes are kept          |
 * | open       | `welcome` came          | the connection is lost             | commands are answered   |
 * | closed     | `close()`, a final code | never                              | nothing is sent         |
 */
export class HexfleetSocket {
  readonly #options: SocketOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #topics = new Set<string>();
  /** Null while none is watched. */
  #area: { readonly area: Area; readonly begins: () => void } | null = null;
  /** What the engine has not acknowledged, oldest first. */
  #kept: Fix[] = [];
  #socket: WebSocket | null = null;
  #open = false;
  #closed = false;
  #tries = 0;
  /** Add to this machine's clock for the engine's. */
  #clockOffMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
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
   * Listens to a topic, also after every reconnect; a snapshot comes first, each time. When the engine
   * says that it may be asked later, it is.
   * @throws ApiError when it is refused for good
   */
  async subscribe(topic: string): Promise<void> {
    this.#topics.add(topic);
    if (this.#open) await this.#listen(topic);
  }

  async unsubscribe(topic: string): Promise<void> {
    this.#topics.delete(topic);
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
    this.#kept.push(...fixes);
    if (this.#kept.length > KEPT_FIXES_MAX) {
      this.#kept.splice(0, this.#kept.length - KEPT_FIXES_MAX);
    }
    if (this.#open) this.#transmit(fixes);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#lost(1000);
  }

  #transmit(fixes: readonly Fix[]): void {
    const offMs = this.#clockOffMs;
    const timed = offMs === 0 ? fixes : fixes.map((fix) => ({ ...fix, atMs: fix.atMs + offMs }));
    for (let at = 0; at < timed.length; at += FIXES_PER_FRAME_MAX) {
      this.#socket?.send(encodeFixes(timed.slice(at, at + FIXES_PER_FRAME_MAX)));
    }
  }

  #connect(): void {
    const { url, token, subprotocol = 'hexfleet.v1.bin' } = this.#options;
    const address = new URL('/v1/ws', url.replace(/^http/, 'ws'));
    const socket = openSocket(address, subprotocol, token);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      this.#received(decodeServerMessage(data as string | ArrayBuffer));
    });
    const lost = (code: number): void => {
      if (this.#socket === socket) this.#lost(code);
    };
    this.#timer = setTimeout(() => {
      socket.close();
      lost(ABNORMAL_CLOSURE);
    }, CONNECT_TIMEOUT_MS);
    socket.addEventListener('close', ({ code }) => lost(code));
    // After a connection that was never made, Node 22 says this and no 'close'.
    socket.addEventListener('error', () => lost(ABNORMAL_CLOSURE));
  }

  #received(message: ServerMessage): void {
    if (message.type === 'ok' || (message.type === 'error' && message.requestId !== null)) {
      return this.#answered(message);
    }
    if (message.type === 'fixes_ack') {
      this.#kept = this.#kept.filter(({ sequence }) => sequence > message.sequence);
      return;
    }
    if (message.type === 'welcome') this.#welcomed(message.serverTimeMs);
    this.#options.onMessage(message);
  }

  #welcomed(serverTimeMs: number): void {
    clearTimeout(this.#timer);
    const offMs = serverTimeMs - systemClock.nowMs();
    this.#clockOffMs = Math.abs(offMs) < CLOCK_OFF_MS_MIN ? 0 : offMs;
    this.#open = true;
    this.#tries = 0;
    for (const topic of this.#topics) {
      // Refused now, it will be refused again; a lost connection brings us back here.
      this.#listen(topic).catch((error: unknown) => {
        if (error instanceof ApiError) this.#topics.delete(topic);
      });
    }
    if (this.#area !== null) {
      const { area, begins } = this.#area;
      this.#watchArea(area, begins).catch(() => {
        // Refused it was said at the first time; a lost connection brings us back here.
      });
    }
    const oldestMs = systemClock.nowMs() - FIX_AGE_MS_MAX;
    this.#kept = this.#kept.filter(({ atMs }) => atMs >= oldestMs);
    this.#transmit(this.#kept);
    this.#options.onState?.({ connected: true });
  }

  async #listen(topic: string): Promise<void> {
    const isWanted = (): boolean => this.#topics.has(topic);
    await this.#insist(isWanted, () => this.#request({ type: 'subscribe', topic }));
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

  /** @param accepted called before the next message is looked at */
  #request(
    message: WithoutRequestId<ClientMessage>,
    accepted: () => void = () => undefined,
  ): Promise<OrderSummary | null> {
    const socket = this.#socket;
    if (!this.#open || socket === null) {
      return Promise.reject(new ConnectionLost(`${message.type}: there is no connection`));
    }
    const requestId = newId<string>();
    return new Promise((resolvePromise, reject) => {
      const resolve = (order: OrderSummary | null): void => {
        accepted();
        resolvePromise(order);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        reject(new ConnectionLost(`${message.type}: no answer`));
      }, ANSWER_TIMEOUT_MS);
      this.#waiting.set(requestId, { resolve, reject, timer });
      socket.send(JSON.stringify({ ...message, requestId }));
    });
  }

  #answered(message: Extract<ServerMessage, { type: 'ok' | 'error' }>): void {
    const waiting = this.#waiting.get(message.requestId ?? '');
    if (waiting === undefined) return;
    this.#waiting.delete(message.requestId ?? '');
    clearTimeout(waiting.timer);
    if (message.type === 'ok') waiting.resolve(message.order ?? null);
    else waiting.reject(new ApiError(message.error, 0));
  }

  #lost(code: number): void {
    clearTimeout(this.#timer);
    this.#socket = null;
    const wasOpen = this.#open;
    this.#open = false;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new ConnectionLost('the connection was lost before the answer'));
    }
    this.#waiting.clear();
    const final = this.#closed || FINAL_CODES.includes(code);
    if (wasOpen || final) this.#options.onState?.({ connected: false, code, final });
    if (final) {
      this.#closed = true;
      return;
    }
    this.#tries += 1;
    const waitMs = backoffMs(this.#tries, this.#options.random ?? systemRandom);
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }
}

/** Node's WebSocket takes headers, which the standard's constructor does not know. */
function openSocket(address: URL, subprotocol: Subprotocol, token: string): WebSocket {
  const Constructor = WebSocket as unknown as new (
    url: URL,
    init: { protocols: string[]; headers: Record<string, string> },
  ) => WebSocket;
  const headers = { Authorization: `Bearer ${token}` };
  return new Constructor(address, { protocols: [subprotocol], headers });
}
