import type { Metrics } from '../../runtime/index.ts';
import { gatewayErrors } from '../errors.ts';
import type { Limit, RateLimiter, Standing } from './rate-limiter.ts';

/** Which limits have refused something, by name. */
export type Refusals = ReturnType<Metrics['counter']>;

/**
 * What one request has taken of its client's limits, and what the client is told of them: the header
 * fields of draft-ietf-httpapi-ratelimit-headers-10.
 */
export class Tab {
  readonly #limiter: RateLimiter;
  readonly #refusals: Refusals;
  readonly #told: Standing[] = [];
  readonly #taken: { readonly limit: Limit; readonly key: string }[] = [];

  constructor(limiter: RateLimiter, refusals: Refusals) {
    this.#limiter = limiter;
    this.#refusals = refusals;
  }

  /**
   * Takes one, of a limit that the client is told of.
   * @throws AppError `rate_limited`
   */
  async charge(limit: Limit, key: string): Promise<void> {
    const standing = await this.#limiter.take(limit, key);
    this.#told.push(standing);
    this.#settle(standing, key);
  }

  /**
   * The same of what many share: how much of it others have used is nobody's business.
   * @throws AppError `rate_limited`
   */
  async chargeShared(limit: Limit, key: string): Promise<void> {
    this.#settle(await this.#limiter.take(limit, key), key);
  }

  /** What was taken of these limits did not count after all. */
  async giveBack(limits: readonly Limit[]): Promise<void> {
    const names = new Set(limits.map(({ name }) => name));
    for (const { limit, key } of this.#taken) {
      if (names.has(limit.name)) await this.#limiter.giveBack(limit, key);
    }
  }

  /** None when nothing was taken. */
  headers(): Readonly<Record<string, string>> {
    if (this.#told.length === 0) return {};
    const policies = this.#told.map(({ limit }) => policyOf(limit));
    const standings = this.#told.map(
      ({ limit, remaining, resetMs }) => `"${limit.name}";r=${remaining};t=${seconds(resetMs)}`,
    );
    return { 'RateLimit-Policy': policies.join(', '), RateLimit: standings.join(', ') };
  }

  #settle(standing: Standing, key: string): void {
    const { limit } = standing;
    if (standing.allowed) {
      this.#taken.push({ limit, key });
      return;
    }
    this.#refusals.inc({ limit: limit.name });
    throw rateLimited(standing);
  }
}

export function rateLimited({ limit, resetMs }: Standing): Error {
  const { name, quota, windowSeconds } = limit;
  return gatewayErrors.make('rate_limited', {
    retryAfterMs: resetMs,
    details: { limit: name, quota, windowSeconds },
  });
}

function policyOf({ name, quota, windowSeconds }: Limit): string {
  return `"${name}";q=${quota};w=${windowSeconds}`;
}

function seconds(ms: number): number {
  // Times of the clock are fractions: a minute from now may be 60,000.000000001 ms away.
  return Math.ceil(Math.round(ms) / 1000);
}
