import { isRefusal, type Intent, type Outcome, type Refund } from './objects.ts';

/** Stripe's event object: what a webhook tells. Times in seconds since the Unix epoch. */
export interface ProviderEvent {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: null;
  readonly created: number;
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly type: string;
  readonly data: { readonly object: Intent | Refund };
  readonly request: { readonly id: null; readonly idempotency_key: string | null };
}

/** What the books note of an event; the rest follows from the outcome beside which it stands. */
export interface EventNote {
  readonly id: string;
  readonly createdSeconds: number;
}

/**
 * The event that tells of an outcome.
 * @param key of the request that had it; null when no request did
 * @returns null for a refusal that changes nothing: of those no webhook tells
 */
export function eventOf(
  outcome: Outcome,
  note: EventNote,
  key: string | null,
): ProviderEvent | null {
  const object = objectOf(outcome);
  if (object === null) return null;
  return {
    id: note.id,
    object: 'event',
    api_version: null,
    created: note.createdSeconds,
    livemode: false,
    pending_webhooks: 1,
    type: typeOf(object),
    data: { object },
    request: { id: null, idempotency_key: key },
  };
}

function objectOf(outcome: Outcome): Intent | Refund | null {
  if (!isRefusal(outcome)) return outcome;
  const { type, payment_intent: declined = null } = outcome.error;
  return type === 'card_error' ? declined : null;
}

function typeOf(object: Intent | Refund): string {
  if (object.object === 'refund') return 'refund.created';
  switch (object.status) {
    case 'requires_capture':
      return 'payment_intent.amount_capturable_updated';
    case 'requires_payment_method':
      return 'payment_intent.payment_failed';
    case 'succeeded':
      return 'payment_intent.succeeded';
    case 'canceled':
      return 'payment_intent.canceled';
  }
}
