import { z } from 'zod';
import { roleSchema } from './actor.ts';
import type { Immutable } from './immutable.ts';
import { idSchema } from './places.ts';

/** The answer to `POST /v1/ws-ticket`. */
export const webSocketTicketSchema = z
  .object({
    ticket: z.string(),
    expiresInMs: z.number(),
  })
  .describe('Good once, for whom the token that asked for it names.');
export type WebSocketTicket = Immutable<z.output<typeof webSocketTicketSchema>>;

const common = {
  /** Left out: the caller's own. Another is a service account's to name. */
  cityId: idSchema.optional(),
  /** When the last of these tokens expires; left out: in 30 days. */
  endsAtMs: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
};

/**
 * The body of `POST /v1/revocations`: every token that somebody has until now, or the one with this
 * `jti`. Tokens say their age in seconds, so a new one is good from the next second on.
 */
export const revocationInputSchema = z.union([
  z.strictObject({ role: roleSchema, subject: idSchema, ...common }),
  z.strictObject({ tokenId: idSchema, ...common }),
]);
export type RevocationInput = z.output<typeof revocationInputSchema>;

export interface Revocation {
  readonly cityId: string;
  readonly kind: 'subject' | 'token';
  /** `ROLE:SUBJECT`, or the token's id. */
  readonly name: string;
  readonly revokedAtMs: number;
  readonly endsAtMs: number;
}
