import type { Actor } from '../../protocol/index.ts';
import type { Config } from '../../runtime/index.ts';
import { gatewayErrors } from '../errors.ts';
import type { Identity } from '../tokens.ts';
import type { LimitTable } from './limit-table.ts';
import type { MemoryRateLimiter } from './memory-rate-limiter.ts';
import type { Limit } from './rate-limiter.ts';
import { clientKey } from './request-limits.ts';
import { rateLimited, type Refusals } from './tab.ts';

/** Operators have many pages open; a service account may watch for a whole city. */
const STAFF_SOCKETS_FACTOR = 10;
/** One that was refused for this may try again then; others have closed theirs by now, or not. */
const RETRY_AFTER_MS = 10_000;

/**
 * How many sockets there are, and how fast they come. All of it in the turn in which a socket is asked
 * for, because it has to be accepted in that turn; so each node counts for itself.
 */
export class SocketLimits {
  readonly #config: Config;
  readonly #table: LimitTable;
  readonly #openings: MemoryRateLimiter;
  readonly #refusals: Refusals;
  readonly #byAddress = new Map<string, number>();
  readonly #byClient = new Map<string, number>();
  #open = 0;

  constructor(deps: {
    readonly config: Config;
    readonly table: LimitTable;
    readonly openings: MemoryRateLimiter;
    readonly refusals: Refusals;
  }) {
    this.#config = deps.config;
    this.#table = deps.table;
    this.#openings = deps.openings;
    this.#refusals = deps.refusals;
  }

  /** Before the token is looked at. @throws AppError `rate_limited`, `overloaded` */
  admitAddress(address: string): void {
    if (!this.#enabled) return;
    const { SOCKETS_MAX, SOCKETS_PER_ADDRESS } = this.#config;
    if (this.#open >= SOCKETS_MAX) {
      this.#refusals.inc({ limit: 'sockets' });
      throw gatewayErrors.make('overloaded', { retryAfterMs: RETRY_AFTER_MS });
    }
    this.#requireRoom('sockets-address', this.#byAddress.get(address) ?? 0, SOCKETS_PER_ADDRESS);
    this.#take(this.#table.openings, address);
  }

  /** Without a valid token. @throws AppError `rate_limited` */
  admitStranger(address: string): void {
    if (!this.#enabled) return;
    const limit = this.#table.requests('requests', 'anonymous');
    this.#take({ ...limit, name: 'anonymous-sockets' }, address);
  }

  /** @throws AppError `rate_limited` */
  admitClient({ actor }: Identity): void {
    if (!this.#enabled) return;
    const factor = isStaff(actor) ? STAFF_SOCKETS_FACTOR : 1;
    const most = this.#config.SOCKETS_PER_CLIENT * factor;
    // A courier's older socket goes when its newer one comes; that it is there must not lock it out.
    if (actor.role !== 'courier') {
      this.#requireRoom('sockets-client', this.#byClient.get(clientKey(actor)) ?? 0, most);
    }
    const { clientOpenings } = this.#table;
    this.#take({ ...clientOpenings, quota: clientOpenings.quota * factor }, clientKey(actor));
  }

  opened(address: string, actor: Actor): void {
    this.#open += 1;
    count(this.#byAddress, address, 1);
    count(this.#byClient, clientKey(actor), 1);
  }

  closed(address: string, actor: Actor): void {
    this.#open -= 1;
    count(this.#byAddress, address, -1);
    count(this.#byClient, clientKey(actor), -1);
  }

  get #enabled(): boolean {
    return this.#config.RATE_LIMITS === 'on';
  }

  #requireRoom(limit: string, open: number, most: number): void {
    if (open < most) return;
    this.#refusals.inc({ limit });
    throw gatewayErrors.make('rate_limited', {
      retryAfterMs: RETRY_AFTER_MS,
      details: { limit, most },
    });
  }

  #take(limit: Limit, key: string): void {
    const standing = this.#openings.takeNow(limit, key);
    if (standing.allowed) return;
    this.#refusals.inc({ limit: limit.name });
    throw rateLimited(standing);
  }
}

export function isStaff({ role }: Actor): boolean {
  return role === 'operator' || role === 'service';
}

/** As many entries as there are sockets. */
function count(open: Map<string, number>, key: string, by: 1 | -1): void {
  const now = (open.get(key) ?? 0) + by;
  if (now === 0) open.delete(key);
  else open.set(key, now);
}
