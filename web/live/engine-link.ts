import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import {
  ApiError,
  HexfleetApi,
  HexfleetSocket,
  type Command,
  type ConnectionState,
} from '../../clients/ts/index.ts';
import type {
  OrderSummary,
  PageSession,
  PagesConfig,
  ServerMessage,
} from '../../protocol/index.ts';
import { CLOSE_CODES } from '../../protocol/wire.ts';
import { systemClock } from '../../runtime/portable.ts';
import { toast } from '../design/toasts.tsx';
import { t } from '../i18n/locale.ts';
import { resumeSession } from '../session/session.ts';
import { MessageFan } from './message-fan.ts';
import { deviceNowMs } from './now.ts';

/**
 * | state      | entered when                          | what then holds                              |
 * | ---------- | ------------------------------------- | -------------------------------------------- |
 * | connecting | the page has begun                    | nothing was heard yet                        |
 * | live       | the engine has welcomed us            | commands are answered, news come             |
 * | lost       | the connection went                   | it is tried again by itself                  |
 * | polling    | no WebSocket gets through             | orders are read every few seconds            |
 * | replaced   | another screen has signed in          | nothing more comes here                      |
 * | ended      | the token is no good, and none newer  | nothing more comes here                      |
 */
export type Connection = 'connecting' | 'live' | 'lost' | 'polling' | 'replaced' | 'ended';

/** A link that is dead without having been closed is noticed after about ten seconds. */
const HEARTBEAT_MS = 8_000;
/** A token is asked for anew so long before its end. */
const TOKEN_SPARE_MS = 60_000;

/** A page's connection with the engine: one API, one socket, one clock. */
export class EngineLink {
  readonly session: PageSession;
  readonly config: PagesConfig;
  readonly api: HexfleetApi;
  readonly #socket: HexfleetSocket;
  /** As far as the socket knows. */
  readonly #socketState = signal<Connection>('connecting');
  /** What this device says of its network, before a socket notices anything. */
  readonly #hasNetwork = signal(navigator.onLine);
  readonly connection: ReadonlySignal<Connection> = computed(() => {
    const state = this.#socketState.value;
    return state === 'live' && !this.#hasNetwork.value ? 'lost' : state;
  });
  readonly #fan = new MessageFan();
  #token: string;
  #tokenEndsAtMs: number;
  /** What this device's clock lacks to the engine's. */
  readonly #offsetMs = signal(0);
  readonly #end = new AbortController();

  constructor(session: PageSession, config: PagesConfig) {
    this.session = session;
    this.config = config;
    this.#token = session.token;
    this.#tokenEndsAtMs = session.expiresAtMs;
    const url = location.origin;
    const token = () => this.#currentToken();
    this.api = new HexfleetApi({ url, token });
    this.#socket = new HexfleetSocket({
      url,
      token,
      heartbeatMs: HEARTBEAT_MS,
      onMessage: (message) => this.#received(message),
      onState: (state) => this.#stateChanged(state),
    });
    const { signal: ended } = this.#end;
    for (const event of ['online', 'offline'] as const) {
      addEventListener(event, () => this.#networkChanged(), { signal: ended });
    }
    // A device that slept has often lost its connections, and no one told it.
    document.addEventListener('visibilitychange', () => this.#awake(), { signal: ended });
    ended.addEventListener('abort', sayWhenBack(this.connection));
  }

  /** The engine's clock, told once a second. */
  get nowMs(): number {
    return deviceNowMs.value + this.#offsetMs.value;
  }

  /** The engine's clock, at this moment: for what moves. Tells nobody when it changes. */
  exactNowMs(): number {
    return systemClock.nowMs() + this.#offsetMs.peek();
  }

  /** How long it is until then in the city, whose time may run faster; negative: since. */
  citySecondsUntil(ms: number): number {
    return ((ms - this.nowMs) / 1000) * this.config.timeScale;
  }

  /**
   * Hears everything that the engine says; the first who listens also what was said before.
   * @returns what ends it
   */
  listen(listener: (message: ServerMessage) => void): () => void {
    return this.#fan.listen(listener);
  }

  /** Follows a topic until the end is called. */
  follow(topic: string): () => void {
    this.#socket.subscribe(topic).catch(() => {
      // Refused: what is shown says so. Lost: the socket asks again by itself.
    });
    return () => void this.#socket.unsubscribe(topic).catch(() => undefined);
  }

  /** @throws ApiError, ConnectionLost */
  send(command: Command): Promise<OrderSummary | null> {
    return this.#socket.send(command);
  }

  /** For what only one page needs, such as areas and fixes. */
  get socket(): HexfleetSocket {
    return this.#socket;
  }

  close(): void {
    this.#end.abort();
    this.#socket.close();
  }

  #received(message: ServerMessage): void {
    if (message.type === 'welcome') {
      this.#offsetMs.value = message.serverTimeMs - systemClock.nowMs();
    }
    this.#fan.tell(message);
  }

  #stateChanged({ connected, code, final, polling }: ConnectionState): void {
    if (this.#end.signal.aborted) return;
    if (connected) this.#socketState.value = 'live';
    else if (final === true) {
      this.#socketState.value = code === CLOSE_CODES.replaced.code ? 'replaced' : 'ended';
    } else this.#socketState.value = polling === true ? 'polling' : 'lost';
  }

  #networkChanged(): void {
    this.#hasNetwork.value = navigator.onLine;
    if (navigator.onLine) this.#socket.check();
  }

  #awake(): void {
    if (document.visibilityState === 'visible') this.#socket.check();
  }

  /** @throws ApiError `unauthorized` when there is none that is good */
  async #currentToken(): Promise<string> {
    if (this.#tokenEndsAtMs - this.exactNowMs() > TOKEN_SPARE_MS) return this.#token;
    // Another page of this browser may have signed in anew.
    const newer = await resumeSession(this.session.role);
    if (newer === null || newer.subject !== this.session.subject) {
      this.#socketState.value = 'ended';
      this.close();
      const error = { code: 'unauthorized', message: t('connection.ended'), details: {} };
      throw new ApiError(error, 401);
    }
    this.#token = newer.token;
    this.#tokenEndsAtMs = newer.expiresAtMs;
    return newer.token;
  }
}

/** @returns what ends it */
function sayWhenBack(connection: ReadonlySignal<Connection>): () => void {
  let before = connection.peek();
  return effect(() => {
    const now = connection.value;
    if (now === 'live' && (before === 'lost' || before === 'polling')) toast(t('connection.back'));
    before = now;
  });
}
