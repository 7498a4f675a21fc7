/**
 * Payment intents, as the part of Stripe's API that we use has them: amounts in minor units, states
 * of manual capture. Pure: each operation gives the intent after it, or Stripe's own error.
 */
export interface Intent {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_received: number;
  readonly currency: string;
  readonly capture_method: 'manual';
  readonly payment_method: string;
  readonly status: 'requires_capture' | 'succeeded' | 'canceled';
  readonly metadata: Readonly<Record<string, string>>;
  /** Seconds since the Unix epoch. */
  readonly created: number;
}

/** What Stripe answers when it refuses. */
export interface Refusal {
  readonly status: number;
  readonly error: {
    readonly type: 'card_error' | 'invalid_request_error' | 'idempotency_error' | 'api_error';
    readonly code?: string;
    readonly decline_code?: string;
    readonly message: string;
    readonly param?: string;
  };
}

export type Outcome = Intent | Refusal;

export function isRefusal(outcome: Outcome): outcome is Refusal {
  return 'error' in outcome;
}

/** Stripe's test cards that are refused, and why. */
const DECLINES: Readonly<Record<string, string>> = {
  pm_card_chargeDeclined: 'generic_decline',
  pm_card_visa_chargeDeclined: 'generic_decline',
  pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
  pm_card_chargeDeclinedExpiredCard: 'expired_card',
};

/** @param fields of the form that was sent, by name, such as `metadata[order_id]` */
export function createIntent(
  fields: ReadonlyMap<string, string>,
  given: { readonly id: string; readonly createdSeconds: number },
): Outcome {
  const amount = wholeNumber(fields.get('amount'));
  const currency = fields.get('currency') ?? '';
  const paymentMethod = fields.get('payment_method') ?? '';
  if (amount === null || amount < 1) return invalid('amount', 'Invalid positive integer');
  if (!/^[a-z]{3}$/.test(currency)) return invalid('currency', `Invalid currency: ${currency}`);
  if (!paymentMethod.startsWith('pm_')) {
    return invalid('payment_method', `No such PaymentMethod: '${paymentMethod}'`);
  }
  if (fields.get('confirm') !== 'true' || fields.get('capture_method') !== 'manual') {
    return invalid('capture_method', 'Only confirmed intents with manual capture are spoken here.');
  }
  const declineCode = DECLINES[paymentMethod];
  if (declineCode !== undefined) return declined(declineCode);
  return {
    id: given.id,
    object: 'payment_intent',
    amount,
    amount_capturable: amount,
    amount_received: 0,
    currency,
    capture_method: 'manual',
    payment_method: paymentMethod,
    status: 'requires_capture',
    metadata: metadataOf(fields),
    created: given.createdSeconds,
  };
}

/** Takes the money, all of it or a part; what is not taken is released. */
export function captureIntent(intent: Intent, fields: ReadonlyMap<string, string>): Outcome {
  if (intent.status !== 'requires_capture') return unexpectedState(intent, 'captured');
  const amount = wholeNumber(fields.get('amount_to_capture') ?? String(intent.amount_capturable));
  if (amount === null || amount < 1) return invalid('amount_to_capture', 'Invalid integer');
  if (amount > intent.amount_capturable) {
    const message = `The amount to capture is larger than the capturable ${intent.amount_capturable}.`;
    return invalid('amount_to_capture', message, 'amount_too_large');
  }
  return { ...intent, status: 'succeeded', amount_capturable: 0, amount_received: amount };
}

/** Releases the money. */
export function cancelIntent(intent: Intent): Outcome {
  if (intent.status !== 'requires_capture') return unexpectedState(intent, 'canceled');
  return { ...intent, status: 'canceled', amount_capturable: 0 };
}

export function noSuchIntent(id: string): Refusal {
  const message = `No such payment_intent: '${id}'`;
  const code = 'resource_missing';
  return { status: 404, error: { type: 'invalid_request_error', code, message, param: 'intent' } };
}

/** What was sent cannot be carried out as it stands. */
export function invalid(param: string, message: string, code = 'parameter_invalid'): Refusal {
  return { status: 400, error: { type: 'invalid_request_error', code, message, param } };
}

function declined(declineCode: string): Refusal {
  const message = 'Your card was declined.';
  const code = 'card_declined';
  return {
    status: 402,
    error: { type: 'card_error', code, decline_code: declineCode, message },
  };
}

function unexpectedState(intent: Intent, wanted: string): Refusal {
  const message = `This PaymentIntent could not be ${wanted} because it has a status of ${intent.status}.`;
  const code = 'payment_intent_unexpected_state';
  return { status: 400, error: { type: 'invalid_request_error', code, message } };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
}

function metadataOf(fields: ReadonlyMap<string, string>): Record<string, string> {
  const entries = [...fields].flatMap(([name, value]) => {
    const key = /^metadata\[([\w-]{1,40})\]$/.exec(name)?.[1];
    return key === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}
