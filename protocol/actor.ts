import { z } from 'zod';
import type { CityId } from '../runtime/index.ts';
import { idSchema } from './places.ts';

export const roleSchema = z.enum(['customer', 'restaurant', 'courier', 'operator', 'service']);
export type Role = z.output<typeof roleSchema>;

/** Who is asking, as the signed token says. `subject` is the id of the customer, courier, ... */
export interface Actor {
  readonly role: Role;
  readonly subject: string;
  readonly cityId: CityId;
}

/** Which limits a token has; operators and service accounts have their own. */
export const tierSchema = z.enum(['standard', 'premium']);
export type TokenTier = z.output<typeof tierSchema>;

/** Claims of an access token, beside the registered `iss`, `aud`, `iat` and `exp`. */
export const tokenClaimsSchema = z.object({
  sub: idSchema,
  role: roleSchema,
  city: idSchema,
  /** What limits it has; none is `standard`. */
  tier: tierSchema.optional(),
});

export const TOKEN_ISSUER = 'hexfleet';
export const TOKEN_AUDIENCE = 'hexfleet';
