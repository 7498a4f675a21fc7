import { CLOSE_CODES } from '../protocol/index.ts';
import type { Random } from '../runtime/index.ts';
import type { Identity } from './tokens.ts';
import type { Session } from './socket/session.ts';

/** Clients of an engine that restarts come back so many a second at most, and not before it is there. */
const RECONNECTS_PER_SECOND = 500;
const RECONNECT_MS_MIN = 1_000;
const RECONNECT_SPREAD_MS_MIN = 1_000;

/** The sessions that are open. Of one courier only the newest stays: two devices, one position. */
export class Sessions {
  readonly #open = new Set<Session>();
  readonly #couriers = new Map<string, Session>();
  #whenEmpty: (() => void)[] = [];

  get size(): number {
    return this.#open.size;
  }

  add(session: Session): void {
    this.#open.add(session);
    const { role, cityId, subject } = session.actor;
    if (role !== 'courier') return;
    const key = `${cityId}/${subject}`;
    const older = this.#couriers.get(key);
    this.#couriers.set(key, session);
    older?.close(CLOSE_CODES.replaced);
  }

  remove(session: Session): void {
    this.#open.delete(session);
    const key = `${session.actor.cityId}/${session.actor.subject}`;
    if (this.#couriers.get(key) === session) this.#couriers.delete(key);
    if (this.#open.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** Each is told its own time to come back. */
  sayGoodbye(random: Random): void {
    const enoughMs = (this.#open.size / RECONNECTS_PER_SECOND) * 1_000;
    const spreadMs = Math.max(RECONNECT_SPREAD_MS_MIN, enoughMs);
    for (const { outlet } of this.#open) {
      const reconnectInMs = Math.round(RECONNECT_MS_MIN + random.next() * spreadMs);
      outlet.send({ type: 'going_away', reconnectInMs });
    }
  }

  closeRevoked(isRevoked: (identity: Identity) => boolean): void {
    for (const session of this.#open) {
      if (isRevoked(session.identity)) session.close(CLOSE_CODES.revoked);
    }
  }

  closeAll(): void {
    for (const session of this.#open) session.close(CLOSE_CODES.goingAway);
  }

  /** Resolves when none is open. */
  empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }
}
