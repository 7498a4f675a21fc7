import { randomBytes } from 'node:crypto';
import { protocolErrors, TICKET_PROTOCOL_PREFIX, type WebSocketTicket } from '../protocol/index.ts';
import type { Clock } from '../runtime/index.ts';
import type { Identity } from './tokens.ts';

const TTL_MS = 30_000;
/** 300 bytes each; as many could open a socket in half a minute. The oldest go first. */
const TICKETS_MAX = 20_000;
/** As many bits as nobody guesses. */
const TICKET_BYTES = 24;

interface Issued {
  readonly identity: Identity;
  /** Monotonic. */
  readonly untilMs: number;
}

/** One-time tickets, with which a browser opens a WebSocket. They do not survive the engine. */
export class Tickets {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #issued = new Map<string, Issued>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(identity: Identity): WebSocketTicket {
    const nowMs = this.#clock.monotonicMs();
    for (const [ticket, { untilMs }] of this.#issued) {
      if (untilMs > nowMs && this.#issued.size < TICKETS_MAX) break;
      this.#issued.delete(ticket);
    }
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    this.#issued.set(ticket, { identity, untilMs: nowMs + TTL_MS });
    return { ticket, expiresInMs: TTL_MS };
  }

  /**
   * Who comes with a ticket among these sub-protocols; null when there is none. Either way it is used up.
   * @throws AppError `unauthorized` for one that was used, is too old, or never was
   */
  redeem(subprotocols: readonly string[]): Identity | null {
    const offered = subprotocols.find((name) => name.startsWith(TICKET_PROTOCOL_PREFIX));
    if (offered === undefined) return null;
    const ticket = offered.slice(TICKET_PROTOCOL_PREFIX.length);
    const issued = this.#issued.get(ticket);
    this.#issued.delete(ticket);
    if (issued !== undefined && issued.untilMs > this.#clock.monotonicMs()) return issued.identity;
    throw protocolErrors.make('unauthorized');
  }
}
