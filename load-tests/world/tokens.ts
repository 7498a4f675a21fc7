import { SignJWT } from 'jose';
import { TOKEN_AUDIENCE, TOKEN_ISSUER, type Role, type TokenTier } from '../../protocol/index.ts';
import { newId, systemClock } from '../../runtime/index.ts';

const VALID_SECONDS = 24 * 3600;

export interface TokenOptions {
  readonly tier?: TokenTier;
  readonly validSeconds?: number;
}

/** An access token, as whoever knows the users of a real city would sign it. */
export async function signToken(
  { jwtSecret, cityId }: { readonly jwtSecret: string; readonly cityId: string },
  role: Role,
  subject: string,
  { tier = 'standard', validSeconds = VALID_SECONDS }: TokenOptions = {},
): Promise<string> {
  const nowSeconds = Math.floor(systemClock.nowMs() / 1000);
  return await new SignJWT({ role, city: cityId, tier })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject(subject)
    .setJti(newId<string>())
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + validSeconds)
    .sign(new TextEncoder().encode(jwtSecret));
}
