import { createHmac, randomBytes } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A receiver's secret: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/**
 * The headers that say from whom a webhook is, as the Standard Webhooks specification has them
 * (standardwebhooks.com), for which there are libraries: HMAC-SHA256 over id, time and body. The time
 * is that of this try, so that a receiver can refuse what is old.
 * @param body as it is sent, byte for byte
 */
export function signedHeaders(
  { id, secret, body }: { readonly id: string; readonly secret: string; readonly body: string },
  nowMs: number,
): Readonly<Record<string, string>> {
  const seconds = Math.floor(nowMs / 1000);
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'Webhook-Id': id,
    'Webhook-Timestamp': String(seconds),
    'Webhook-Signature': `v1,${mac}`,
  };
}
