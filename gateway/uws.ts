import { STATUS_CODES } from 'node:http';
import {
  App,
  us_listen_socket_close,
  us_socket_local_port,
  type HttpRequest,
  type HttpResponse,
  type ListenOptions,
  type TemplatedApp,
  type us_listen_socket,
  type us_socket_context_t,
  type WebSocket,
} from 'uWebSockets.js';
import {
  FRAME_BYTES_MAX,
  SOCKET_BACKLOG_BYTES_MAX,
  SOCKET_IDLE_SECONDS,
} from '../protocol/index.ts';
import type {
  Answer,
  EdgeHandlers,
  EdgeSocket,
  FrameSink,
  IncomingRequest,
  SocketHandler,
  UpgradeRequest,
} from './edge.ts';
import { ListenError, requireKnownHost } from './errors.ts';
import { BodyReader } from './http/body-reader.ts';

/**
 * The only file that knows uWebSockets.js. It turns the library's objects, which die when a callback
 * returns, into the words of edge.ts, which may be kept:
 * headers are copied at once, chunks of a body are copied before the callback ends, and nothing is
 * written to a request or a socket that is gone.
 */

/** SO_REUSEPORT, the library's default, would let two engines share a port without a word. */
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum is in the types only
const EXCLUSIVE_PORT = 1 as ListenOptions;
/**
 * The library cuts the connection of a longer frame where it reads its length, without a close frame
 * and without asking us. Sixteen times our own limit, so that all but abuse gets a proper 1009 from
 * the session, which checks FRAME_BYTES_MAX; it is also what one socket can make us hold.
 */
const PAYLOAD_BYTES_CUT = 16 * FRAME_BYTES_MAX;
const NO_CONTENT = 204;
/** The library drops what is beyond. Twice our own limit leaves room for the close frame. */
const BACKLOG_BYTES_CUT = 2 * SOCKET_BACKLOG_BYTES_MAX;

export interface Listener {
  readonly port: number;
  /** No new connection; those there are stay. */
  stopListening(): void;
  /** Cuts every connection. */
  close(): void;
}

interface SocketData<Identity> {
  readonly identity: Identity;
  handler: SocketHandler | null;
  socket: OpenSocket<Identity> | null;
}

/**
 * The library has one object for a socket as long as it lives. What was put on it is found without a call
 * out of JavaScript for each message, which `getUserData` would be.
 */
interface Handled extends WebSocket<unknown> {
  readonly frames?: FrameSink;
  readonly handler?: SocketHandler;
}

/**
 * @param at host is an IP address or a name of this machine; port 0 takes a free one
 * @throws ListenError when the port is taken, or the name is not known
 */
export async function listen<Identity>(
  at: { readonly host: string; readonly port: number },
  handlers: EdgeHandlers<Identity>,
): Promise<Listener> {
  await requireKnownHost(at);
  const app = App();
  app.any('/*', (response, request) => {
    const open = new OpenRequest(response, request);
    afterThisRead(() => {
      if (open.isOpen) handlers.request(open);
    });
  });
  addSockets(app, handlers);
  return await new Promise((resolve, reject) => {
    const listening = (token: us_listen_socket | false): void => {
      if (token === false) return reject(new ListenError(at.host, at.port));
      resolve(listener(app, token));
    };
    // The library takes (host, port, options, callback); its types only know three at a time.
    const listenFully = app.listen.bind(app) as unknown as (
      host: string,
      port: number,
      options: ListenOptions,
      done: typeof listening,
    ) => void;
    listenFully(at.host, at.port, EXCLUSIVE_PORT, listening);
  });
}

function listener(app: TemplatedApp, token: us_listen_socket): Listener {
  let open = true;
  return {
    port: us_socket_local_port(token),
    stopListening(): void {
      // Closing twice is a use after free in the library.
      if (open) us_listen_socket_close(token);
      open = false;
    },
    close(): void {
      open = false;
      app.close();
    },
  };
}

function addSockets<Identity>(app: TemplatedApp, handlers: EdgeHandlers<Identity>): void {
  app.ws<SocketData<Identity>>('/v1/ws', {
    maxPayloadLength: PAYLOAD_BYTES_CUT,
    maxBackpressure: BACKLOG_BYTES_CUT,
    idleTimeout: SOCKET_IDLE_SECONDS,
    sendPingsAutomatically: true,
    upgrade: (response, request, context) => {
      handlers.upgrade(new OpenUpgrade<Identity>(response, request, context));
    },
    open: (ws) => {
      const data = ws.getUserData();
      data.socket = new OpenSocket(ws);
      data.handler = handlers.open(data.socket, data.identity);
      Object.assign(ws, { frames: data.handler.frames, handler: data.handler });
    },
    message: (ws: Handled, bytes, isBinary) =>
      isBinary ? ws.frames?.frame(bytes) : ws.handler?.text(bytes),
    drain: (ws) => ws.getUserData().handler?.drained(),
    close: (ws) => {
      const { socket, handler } = ws.getUserData();
      socket?.gone();
      handler?.closed();
    },
  });
}

/**
 * Calls `work` when the bytes that are being read now have all been parsed.
 *
 * One answer per connection may be pending in the library. When it parses the next request of the
 * same read before that answer is complete, it closes the connection at once, and no answer can be
 * written any more (uWebSockets, HttpContext.h: "denying async pipelining"). All our answers are
 * asynchronous. So nothing is begun before it is clear that no second request stands behind the
 * first: an order that was stored and never answered would be the alternative. What comes in a later
 * read waits, see `OpenRequest`.
 */
function afterThisRead(work: () => void): void {
  setImmediate(work);
}

/** Writes an answer once, unless the peer has gone. */
class OpenAnswer {
  readonly peer: string;
  protected readonly response: HttpResponse;
  protected done = false;

  constructor(response: HttpResponse) {
    this.response = response;
    this.peer = Buffer.from(response.getRemoteAddressAsText()).toString();
    response.onAborted(() => {
      this.done = true;
      this.gone();
    });
  }

  /** While the response may still be used: after its end it belongs to the next request. */
  protected beforeAnswer(): void {}

  /** The peer has closed, or was too slow for the library's patience of 10 s. */
  protected gone(): void {}

  answer(answer: Answer): void {
    this.write(answer, () => this.endWith(answer));
  }

  get isOpen(): boolean {
    return !this.done;
  }

  /** No body and no length where there is no content: RFC 9110, 8.6. */
  protected endWith({ status, body }: Answer): void {
    if (status === NO_CONTENT) this.response.endWithoutBody();
    else this.response.end(body);
  }

  protected write(answer: Answer, end: () => void): void {
    if (this.done) return;
    this.done = true;
    this.response.cork(() => {
      this.beforeAnswer();
      this.response.writeStatus(`${answer.status} ${STATUS_CODES[answer.status] ?? 'Unknown'}`);
      for (const [name, value] of Object.entries(answer.headers)) {
        this.response.writeHeader(name, value);
      }
      end();
    });
  }
}

/**
 * From its last byte to its answer the connection is not read, so that a request which the peer sends
 * meanwhile stays in the kernel and is served after this one. That a peer has gone is then noticed at
 * the answer, which every request gets within PORT_DEADLINE_MS.
 */
class OpenRequest extends OpenAnswer implements IncomingRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingRequest['headers'];
  readonly #reader: BodyReader;
  #paused = false;

  constructor(response: HttpResponse, request: HttpRequest) {
    super(response);
    this.method = request.getCaseSensitiveMethod();
    this.path = request.getUrl();
    this.query = request.getQuery() ?? '';
    this.headers = readHeaders(request);
    this.#reader = new BodyReader(Number(request.getHeader('content-length') || 0));
    // At once: what arrives before a reader is attached is lost.
    response.onData((chunk, isLast) => {
      this.#reader.received(chunk, isLast);
      if (isLast) this.#pause();
    });
  }

  /** Null also when a second request in the same read has cost the connection. */
  async readBody(bytesMax: number): Promise<Buffer | null> {
    const body = await this.#reader.read(bytesMax);
    await new Promise<void>((resolve) => {
      afterThisRead(resolve);
    });
    return this.isOpen ? body : null;
  }

  #pause(): void {
    if (!this.isOpen) return;
    this.#paused = true;
    this.response.pause();
  }

  protected override beforeAnswer(): void {
    if (this.#paused) this.response.resume();
  }

  protected override gone(): void {
    this.#reader.abandon();
  }

  /** What GET would have answered, without the body: RFC 9110, 9.3.2. */
  protected override endWith(answer: Answer): void {
    if (this.method !== 'HEAD' || answer.status === NO_CONTENT) return super.endWith(answer);
    // Told the length as its argument, the library waits for a body: the answer would never end.
    this.response.writeHeader('Content-Length', String(Buffer.byteLength(answer.body)));
    this.response.endWithoutBody();
  }

  override answer(answer: Answer): void {
    this.#reader.disregard();
    if (this.#reader.mustLinger) this.#answerAndLinger(answer);
    else super.answer(answer);
  }

  /**
   * A reset would destroy an answer that the peer, busy sending, has not read. So the answer goes
   * out now, its end when the body has been thrown away.
   */
  #answerAndLinger(answer: Answer): void {
    this.write({ ...answer, headers: { ...answer.headers, Connection: 'close' } }, () => {
      this.#reader.onDiscarded((complete) => {
        if (complete) this.response.cork(() => this.response.end());
        else this.response.close();
      });
      if (this.method !== 'HEAD') this.response.write(answer.body);
    });
  }
}

class OpenUpgrade<Identity> extends OpenAnswer implements UpgradeRequest<Identity> {
  readonly headers: UpgradeRequest<Identity>['headers'];
  readonly query: string;
  readonly subprotocols: readonly string[];
  readonly #key: string;
  readonly #extensions: string;
  readonly #context: us_socket_context_t;

  constructor(response: HttpResponse, request: HttpRequest, context: us_socket_context_t) {
    super(response);
    this.headers = readHeaders(request);
    this.query = request.getQuery() ?? '';
    this.subprotocols = request
      .getHeader('sec-websocket-protocol')
      .split(',')
      .map((name) => name.trim());
    this.#key = request.getHeader('sec-websocket-key');
    this.#extensions = request.getHeader('sec-websocket-extensions');
    this.#context = context;
  }

  /**
   * To be called before the handler of `upgrade` returns. Later it would have to be within `cork`, at
   * the end of which the library reads the connection's memory as HTTP although it is the
   * WebSocket's by then, unless it was moved (HttpResponse.h, `cork`: `this != newCorkedSocket`). Now
   * and then it found "close this connection" there, and hung up on one WebSocket in some hundreds.
   */
  accept(subprotocol: string, identity: Identity): void {
    if (this.done) return;
    this.done = true;
    const data: SocketData<Identity> = { identity, handler: null, socket: null };
    this.response.upgrade(data, this.#key, subprotocol, this.#extensions, this.#context);
  }
}

/** What the library's `send` says when everything went to the kernel. */
const SENT = 1;

class OpenSocket<Identity> implements EdgeSocket {
  #ws: WebSocket<SocketData<Identity>> | null;
  /** Something may be waiting; while nothing is, the library need not be asked for each message. */
  #waits = false;

  constructor(ws: WebSocket<SocketData<Identity>>) {
    this.#ws = ws;
  }

  get isOpen(): boolean {
    return this.#ws !== null;
  }

  send(data: string | Uint8Array): void {
    if (this.#ws === null) return;
    this.#waits = this.#ws.send(data, typeof data !== 'string') !== SENT || this.#waits;
  }

  backlogBytes(): number {
    if (!this.#waits || this.#ws === null) return 0;
    const bytes = this.#ws.getBufferedAmount();
    this.#waits = bytes > 0;
    return bytes;
  }

  close(code: number, reason: string): void {
    const ws = this.#ws;
    this.#ws = null;
    ws?.end(code, reason);
  }

  gone(): void {
    this.#ws = null;
  }
}

function readHeaders(request: HttpRequest): IncomingRequest['headers'] {
  return {
    acceptEncoding: request.getHeader('accept-encoding'),
    authorization: request.getHeader('authorization'),
    cookie: request.getHeader('cookie'),
    ifNoneMatch: request.getHeader('if-none-match'),
    secFetchSite: request.getHeader('sec-fetch-site'),
    contentType: request.getHeader('content-type'),
    correlationId: request.getHeader('x-correlation-id'),
    forwardedFor: allLines(request, 'x-forwarded-for'),
    host: request.getHeader('host'),
    idempotencyKey: request.getHeader('idempotency-key'),
    origin: request.getHeader('origin'),
    stripeSignature: request.getHeader('stripe-signature'),
  };
}

/**
 * The library gives the first line of a header. A proxy may add its own below what the client sent, and
 * then the first is the client's invention.
 */
function allLines(request: HttpRequest, wanted: string): string {
  if (request.getHeader(wanted) === '') return '';
  const lines: string[] = [];
  request.forEach((name, value) => {
    if (name === wanted) lines.push(value);
  });
  return lines.join(',');
}
