import {
  CLOSE_CODES,
  encodeServerMessage,
  SOCKET_BACKLOG_BYTES_MAX,
  type ServerMessage,
  type Subprotocol,
} from '../../protocol/index.ts';
import type { EdgeSocket } from '../edge.ts';

/** With more than this waiting for a reader, positions are conflated; events still go out. */
const CONFLATE_BYTES = 16 * 1024;

/** What can be sent, in each sub-protocol. */
export interface Sendable {
  /** Good until anything else is encoded; whoever keeps it copies it. */
  encodedFor(subprotocol: Subprotocol): string | Uint8Array;
}

/** One message for many sockets, encoded once for each sub-protocol that is among them. */
export class Broadcast implements Sendable {
  readonly message: ServerMessage;
  readonly #encoded = new Map<Subprotocol, string | Uint8Array>();

  constructor(message: ServerMessage) {
    this.message = message;
  }

  encodedFor(subprotocol: Subprotocol): string | Uint8Array {
    const known = this.#encoded.get(subprotocol);
    if (known !== undefined) return known;
    const encoded = encodeServerMessage(subprotocol, this.message);
    this.#encoded.set(subprotocol, encoded);
    return encoded;
  }
}

/**
 * The sending side of a session, with the two ways in which a slow reader is treated: *events* are
 * kept in order and the socket is closed when too many wait; *states* replace each other, so that
 * a slow reader gets the newest and never a queue.
 */
export class Outlet {
  readonly #socket: EdgeSocket;
  readonly #subprotocol: Subprotocol;
  /**
   * The newest state per key, for when the reader has caught up. At most two for each order; null for most
   * readers, who are never behind: a map would be two more looks into memory for each message.
   */
  #conflated: Map<string, Sendable> | null = null;

  constructor(socket: EdgeSocket, subprotocol: Subprotocol) {
    this.#socket = socket;
    this.#subprotocol = subprotocol;
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** Its reader is slow: states are put aside, and large ones better not made. */
  get isBehind(): boolean {
    return this.#socket.isOpen && this.#socket.backlogBytes() > CONFLATE_BYTES;
  }

  send(message: ServerMessage): void {
    this.sendEvent(new Broadcast(message));
  }

  /** Closes the socket instead when its reader is too far behind. */
  sendEvent(broadcast: Broadcast): void {
    if (!this.#socket.isOpen) return;
    if (this.#socket.backlogBytes() > SOCKET_BACKLOG_BYTES_MAX) {
      this.close(CLOSE_CODES.tooSlow);
      return;
    }
    this.#socket.send(broadcast.encodedFor(this.#subprotocol));
  }

  /**
   * @param key states of the same key replace each other
   * @param state is encoded when it goes out: one that has changed meanwhile goes out as it is then
   * @returns false when it was put aside for later
   * @hot bench: fanout
   */
  sendState(key: string, state: Sendable): boolean {
    const socket = this.#socket;
    if (!socket.isOpen) return true;
    if (socket.backlogBytes() > CONFLATE_BYTES) {
      this.#conflated ??= new Map();
      this.#conflated.set(key, state);
      return false;
    }
    this.#conflated?.delete(key);
    socket.send(state.encodedFor(this.#subprotocol));
    return true;
  }

  /** The reader has caught up somewhat: what was put aside goes out, as far as there is room. */
  drained(): void {
    if (this.#conflated === null) return;
    for (const [key, state] of this.#conflated) {
      if (!this.sendState(key, state)) return;
    }
    this.#conflated = null;
  }

  /** The topic of this key is not listened to any more. */
  forgetState(key: string): void {
    this.#conflated?.delete(key);
    this.#conflated?.delete(`${key}/eta`);
  }

  close({ code, reason }: { readonly code: number; readonly reason: string }): void {
    this.#conflated = null;
    this.#socket.close(code, reason);
  }
}
