/**
 * HTTP and WebSocket in the gateway's own words. uws.ts makes these from the socket library; the
 * rest of the gateway speaks only them.
 */

/** The request headers that anything here reads; an absent one is ''. */
export interface RequestHeaders {
  readonly authorization: string;
  readonly acceptEncoding: string;
  readonly cookie: string;
  readonly ifNoneMatch: string;
  /** By browsers only, and only to hosts that they trust: https, or this machine. */
  readonly secFetchSite: string;
  readonly contentType: string;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  /** All lines of `X-Forwarded-For`, joined by commas: whoever sent the request may have written it. */
  readonly forwardedFor: string;
  /** Of the page that asks; apps that are no pages send none. */
  readonly origin: string;
  readonly host: string;
  /** Of the payment provider, over the whole body. */
  readonly stripeSignature: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** '' for none. */
  readonly body: string | Uint8Array;
}

export interface IncomingRequest {
  /** As sent, such as `GET`. */
  readonly method: string;
  /** Without the query, not decoded. */
  readonly path: string;
  /** Without the question mark, not decoded; '' for none. */
  readonly query: string;
  readonly headers: RequestHeaders;
  /** The peer's IP address, which may be a proxy's. */
  readonly peer: string;
  /**
   * The whole body; null when it is larger than `bytesMax` or the peer has gone. Asked for once, when
   * it is clear who sends it; until then as much is held as anybody may send.
   */
  readBody(bytesMax: number): Promise<Buffer | null>;
  /** At most once; does nothing when the peer has gone. To HEAD its body is only announced. */
  answer(answer: Answer): void;
}

export interface UpgradeRequest<Identity> {
  readonly headers: RequestHeaders;
  /** The peer's IP address, which may be a proxy's. */
  readonly peer: string;
  /** Without the question mark, not decoded; '' for none. */
  readonly query: string;
  /** What the client offers, best first. */
  readonly subprotocols: readonly string[];
  /** Makes it a WebSocket. Only in the turn in which it was asked for; does nothing when the peer has gone. */
  accept(subprotocol: string, identity: Identity): void;
  /** Refuses. */
  answer(answer: Answer): void;
}

/** The sending side of a WebSocket. Safe to use after it has closed: nothing happens then. */
export interface EdgeSocket {
  readonly isOpen: boolean;
  /** Text as a text frame, bytes as a binary frame. */
  send(data: string | Uint8Array): void;
  /** Bytes that wait because the peer reads too slowly. */
  backlogBytes(): number;
  close(code: number, reason: string): void;
}

/** Takes the binary frames of a WebSocket. May not throw. */
export interface FrameSink {
  /** @param bytes valid only during the call */
  frame(bytes: ArrayBuffer): void;
}

/** The receiving side. No method may throw. */
export interface SocketHandler {
  /** Where binary frames go, without a way through this: there are many, each of another socket. */
  readonly frames: FrameSink;
  /** @param bytes of a text frame, valid UTF-8; valid only during the call */
  text(bytes: ArrayBuffer): void;
  /** The backlog has become shorter. */
  drained(): void;
  /** Last call of all, whoever closed. */
  closed(): void;
}

export interface EdgeHandlers<Identity> {
  request(request: IncomingRequest): void;
  upgrade(request: UpgradeRequest<Identity>): void;
  open(socket: EdgeSocket, identity: Identity): SocketHandler;
}
