import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import {
  idSchema,
  protocolErrors,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  TOKEN_LENGTH_MAX,
  tokenClaimsSchema,
  type Actor,
  type TokenTier,
} from '../protocol/index.ts';
import { dropOldest, newId, type CityId, type Clock } from '../runtime/index.ts';

const HEADER_LENGTH_MAX = TOKEN_LENGTH_MAX + 'Bearer '.length + 64;
/** 1 KB each; who comes oftener than others is not checked each time. */
const CHECKED_MAX = 10_000;
const BEARER = /^Bearer +([A-Za-z0-9_.-]+)$/i;

const epochSeconds = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const claimsSchema = z.object({
  ...tokenClaimsSchema.shape,
  iss: z.literal(TOKEN_ISSUER),
  aud: z.literal(TOKEN_AUDIENCE),
  exp: epochSeconds,
  nbf: epochSeconds.optional(),
  iat: epochSeconds.optional(),
  jti: idSchema.optional(),
});

export interface Identity {
  readonly actor: Actor;
  readonly tier: TokenTier;
  readonly expiresAtMs: number;
  /** 0 when the token does not say. */
  readonly issuedAtMs: number;
  /** The token's `jti`; null when it has none. */
  readonly tokenId: string | null;
}

/** Exactly the header that an HS256 token has; one with extensions (`crit`, `b64`) is none of ours. */
const headerSchema = z.strictObject({
  alg: z.literal('HS256'),
  typ: z.literal('JWT').optional(),
  kid: z.string().optional(),
});

/**
 * Checks access tokens: HS256 with the one secret, whatever the token's header wishes for, by the
 * engine's clock. Without waiting, which the libraries cannot: a WebSocket has to be accepted in the
 * turn in which it asks (uws.ts), and a check takes microseconds.
 */
export class TokenVerifier {
  readonly #key: KeyObject;
  readonly #clock: Clock;
  readonly #isRevoked: (identity: Identity) => boolean;
  /** Whose signature was checked before, by the header's value; oldest first. */
  readonly #checked = new Map<string, Identity>();

  constructor(
    jwtSecret: string,
    clock: Clock,
    isRevoked: (identity: Identity) => boolean = () => false,
  ) {
    this.#key = createSecretKey(jwtSecret, 'utf8');
    this.#clock = clock;
    this.#isRevoked = isRevoked;
  }

  /**
   * @param authorization the header's value, '' when absent
   * @throws AppError `unauthorized`, without saying what was wrong
   */
  verify(authorization: string): Identity {
    const identity = this.#checked.get(authorization) ?? this.#check(authorization);
    if (identity.expiresAtMs <= this.#clock.nowMs()) throw protocolErrors.make('unauthorized');
    this.requireValid(identity);
    return identity;
  }

  #check(authorization: string): Identity {
    const [header, payload] = this.#signedParts(authorization);
    const claims = claimsSchema.safeParse(jsonOf(payload));
    const nowSeconds = this.#clock.nowMs() / 1000;
    if (
      !headerSchema.safeParse(jsonOf(header)).success ||
      !claims.success ||
      (claims.data.nbf ?? 0) > nowSeconds
    ) {
      throw protocolErrors.make('unauthorized');
    }
    const { sub, role, city, exp, iat = 0, jti = null, tier = 'standard' } = claims.data;
    const identity: Identity = {
      actor: { role, subject: sub, cityId: city as CityId },
      tier,
      expiresAtMs: exp * 1000,
      issuedAtMs: iat * 1000,
      tokenId: jti,
    };
    this.#checked.set(authorization, identity);
    dropOldest(this.#checked, CHECKED_MAX);
    return identity;
  }

  /** @throws AppError `unauthorized` when it was revoked since it was verified */
  requireValid(identity: Identity): void {
    if (this.#isRevoked(identity)) throw protocolErrors.make('unauthorized');
  }

  /** Header and payload, after the signature over both was found to be ours. */
  #signedParts(authorization: string): readonly [header: string, payload: string] {
    if (authorization.length > HEADER_LENGTH_MAX) throw protocolErrors.make('unauthorized');
    const token = BEARER.exec(authorization)?.[1] ?? '';
    const [header = '', payload = '', signature = '', ...more] = token.split('.');
    const given = Buffer.from(signature, 'base64url');
    const ours = createHmac('sha256', this.#key).update(`${header}.${payload}`).digest();
    const isOurs =
      more.length === 0 && given.length === ours.length && timingSafeEqual(given, ours);
    if (!isOurs) throw protocolErrors.make('unauthorized');
    return [header, payload];
  }
}

/** Undefined, which no schema takes, for what is no JSON. */
function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * An access token for `actor`, valid from `nowMs` for `ttlSeconds`.
 * @param secret as for TokenVerifier
 */
export function signToken(
  secret: string,
  actor: Readonly<{ role: Actor['role']; subject: string; cityId: string; tier?: TokenTier }>,
  ttlSeconds: number,
  nowMs: number,
): Promise<string> {
  const issuedAtSeconds = Math.floor(nowMs / 1000);
  return new SignJWT({
    role: actor.role,
    city: actor.cityId,
    ...(actor.tier && { tier: actor.tier }),
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject(actor.subject)
    .setJti(newId<string>())
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(issuedAtSeconds + Math.floor(ttlSeconds))
    .sign(new TextEncoder().encode(secret));
}
