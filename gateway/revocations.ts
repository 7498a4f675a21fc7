import {
  protocolErrors,
  type Actor,
  type Revocation,
  type RevocationInput,
} from '../protocol/index.ts';
import type { Clock } from '../runtime/index.ts';
import { requireCity } from './authorization.ts';
import { gatewayErrors } from './errors.ts';
import type { RevocationStore } from './ports.ts';
import type { Identity } from './tokens.ts';

/** For tokens whose end was not said. */
const ENDS_AFTER_MS = 30 * 24 * 3600 * 1000;
/** 200 bytes each; more than this are not revoked one by one, the key is changed. */
const REVOCATIONS_MAX = 100_000;

/**
 * Tokens that are no good any more though they have not expired. Looked up in memory at each request;
 * stored, so that a restart forgets none.
 */
export class Revocations {
  readonly #clock: Clock;
  readonly #store: RevocationStore;
  readonly #revoked = new Map<string, Revocation>();

  constructor(store: RevocationStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** To be called before the first token is looked at. */
  async load(): Promise<void> {
    for (const revocation of await this.#store.live()) this.#remember(revocation);
  }

  /**
   * Durable when it resolves.
   * @throws AppError `forbidden` for a service account's tokens, but by one; `not_found` for another
   *   city; `too_many_revocations`
   */
  async revoke(by: Actor, input: RevocationInput): Promise<void> {
    const cityId = input.cityId ?? by.cityId;
    requireCity(by, cityId);
    const isToken = 'tokenId' in input;
    if (!isToken && input.role === 'service' && by.role !== 'service') {
      throw protocolErrors.make('forbidden');
    }
    const revokedAtMs = this.#clock.nowMs();
    const endsAtMs = Math.max(revokedAtMs + 1, input.endsAtMs ?? revokedAtMs + ENDS_AFTER_MS);
    this.#forgetEnded(revokedAtMs);
    if (this.#revoked.size >= REVOCATIONS_MAX) throw gatewayErrors.make('too_many_revocations');
    const revocation: Revocation = {
      cityId,
      kind: isToken ? 'token' : 'subject',
      name: isToken ? input.tokenId : `${input.role}:${input.subject}`,
      revokedAtMs,
      endsAtMs,
    };
    await this.#store.add(revocation);
    this.#remember(revocation);
  }

  isRevoked({ actor, tokenId, issuedAtMs }: Identity): boolean {
    if (this.#revoked.size === 0) return false;
    const { cityId, role, subject } = actor;
    if (tokenId !== null && this.#revoked.has(`${cityId}/token/${tokenId}`)) return true;
    const bySubject = this.#revoked.get(`${cityId}/subject/${role}:${subject}`);
    return bySubject !== undefined && issuedAtMs <= bySubject.revokedAtMs;
  }

  #remember(revocation: Revocation): void {
    const key = `${revocation.cityId}/${revocation.kind}/${revocation.name}`;
    const known = this.#revoked.get(key);
    const endsAtMs = Math.max(known?.endsAtMs ?? 0, revocation.endsAtMs);
    this.#revoked.set(key, { ...revocation, endsAtMs });
  }

  #forgetEnded(nowMs: number): void {
    for (const [key, { endsAtMs }] of this.#revoked) {
      if (endsAtMs <= nowMs) this.#revoked.delete(key);
    }
  }
}
