import { compactVerify, SignJWT } from 'jose';
import { z } from 'zod';
import {
  protocolErrors,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  tokenClaimsSchema,
  type Actor,
} from '../protocol/index.ts';
import type { CityId, Clock } from '../runtime/index.ts';

/** Ours are under 400 characters; more is not worth hashing. */
const TOKEN_LENGTH_MAX = 1_024;
const BEARER = /^Bearer +([A-Za-z0-9_.-]+)$/i;

const epochSeconds = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const claimsSchema = z.object({
  ...tokenClaimsSchema.shape,
  iss: z.literal(TOKEN_ISSUER),
  aud: z.literal(TOKEN_AUDIENCE),
  exp: epochSeconds,
  nbf: epochSeconds.optional(),
});

export interface Identity {
  readonly actor: Actor;
  readonly expiresAtMs: number;
}

/**
 * Checks access tokens: HS256 with the one secret, whatever the token's header wishes for.
 * The times are compared here and not by the library, because the library asks the machine's clock.
 */
export class TokenVerifier {
  readonly #key: Uint8Array;
  readonly #clock: Clock;

  constructor(jwtSecret: string, clock: Clock) {
    this.#key = new TextEncoder().encode(jwtSecret);
    this.#clock = clock;
  }

  /**
   * @param authorization the header's value, '' when absent
   * @throws AppError `unauthorized`, without saying what was wrong
   */
  async verify(authorization: string): Promise<Identity> {
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined || token.length > TOKEN_LENGTH_MAX) {
      throw protocolErrors.make('unauthorized');
    }
    const claims = claimsSchema.safeParse(await this.#signedContent(token));
    const nowSeconds = this.#clock.nowMs() / 1000;
    if (!claims.success || claims.data.exp <= nowSeconds || (claims.data.nbf ?? 0) > nowSeconds) {
      throw protocolErrors.make('unauthorized');
    }
    const { sub, role, city, exp } = claims.data;
    return {
      actor: { role, subject: sub, cityId: city as CityId },
      expiresAtMs: exp * 1000,
    };
  }

  async #signedContent(token: string): Promise<unknown> {
    try {
      const { payload } = await compactVerify(token, this.#key, { algorithms: ['HS256'] });
      return JSON.parse(new TextDecoder().decode(payload)) as unknown;
    } catch (error) {
      throw protocolErrors.make('unauthorized', { cause: error });
    }
  }
}

/**
 * An access token for `actor`, valid from `nowMs` for `ttlSeconds`.
 * @param secret as for TokenVerifier
 */
export function signToken(
  secret: string,
  actor: Readonly<{ role: Actor['role']; subject: string; cityId: string }>,
  ttlSeconds: number,
  nowMs: number,
): Promise<string> {
  const issuedAtSeconds = Math.floor(nowMs / 1000);
  return new SignJWT({ role: actor.role, city: actor.cityId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject(actor.subject)
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(issuedAtSeconds + Math.floor(ttlSeconds))
    .sign(new TextEncoder().encode(secret));
}
