import { metadataOf, wholeNumber } from './fields.ts';
import type { Birth, Fields, Intent, Refusal } from './objects.ts';
import { invalid, unexpectedState } from './refusals.ts';

/**
 * Payment intents, as the part of Stripe's API that we use has them: states of manual capture. Pure:
 * each operation gives the intent after it, or Stripe's own error.
 *
 * requires_capture -> succeeded (captured), canceled (asked for, or lapsed); both are final.
 */

/** Stripe's test cards that are refused, and why. */
const DECLINES: Readonly<Record<string, string>> = {
  pm_card_chargeDeclined: 'generic_decline',
  pm_card_visa_chargeDeclined: 'generic_decline',
  pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
  pm_card_chargeDeclinedExpiredCard: 'expired_card',
};

const CANCELLATION_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'];

export function createIntent(fields: Fields, given: Birth): Intent | Refusal {
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
  const intent: Intent = {
    id: given.id,
    object: 'payment_intent',
    amount,
    amount_capturable: amount,
    amount_received: 0,
    currency,
    capture_method: 'manual',
    payment_method: paymentMethod,
    status: 'requires_capture',
    cancellation_reason: null,
    canceled_at: null,
    last_payment_error: null,
    metadata: metadataOf(fields),
    created: given.createdSeconds,
  };
  const declineCode = DECLINES[paymentMethod];
  return declineCode === undefined ? intent : declined(intent, declineCode);
}

/** Takes the money, all of it or a part; what is not taken is released. */
export function captureIntent(intent: Intent, fields: Fields): Intent | Refusal {
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
export function cancelIntent(intent: Intent, fields: Fields, nowSeconds: number): Intent | Refusal {
  if (intent.status !== 'requires_capture') return unexpectedState(intent, 'canceled');
  const reason = fields.get('cancellation_reason') ?? null;
  if (reason !== null && !CANCELLATION_REASONS.includes(reason)) {
    return invalid('cancellation_reason', `Invalid cancellation_reason: ${reason}`);
  }
  return canceled(intent, reason, nowSeconds);
}

/**
 * The intent as it is at `nowSeconds`: an authorization that is older than it may be has lapsed,
 * whether or not anybody has written so yet.
 */
export function asOf(intent: Intent, nowSeconds: number, authorizationSeconds: number): Intent {
  if (intent.status !== 'requires_capture') return intent;
  if (nowSeconds - intent.created <= authorizationSeconds) return intent;
  return canceled(intent, 'automatic', intent.created + authorizationSeconds);
}

function canceled(intent: Intent, reason: string | null, atSeconds: number): Intent {
  const released = { status: 'canceled', amount_capturable: 0 } as const;
  return { ...intent, ...released, cancellation_reason: reason, canceled_at: atSeconds };
}

/** Stripe tells of the declined intent too; nothing is held, so we book none. */
function declined(intent: Intent, declineCode: string): Refusal {
  const error = {
    type: 'card_error',
    code: 'card_declined',
    decline_code: declineCode,
    message: 'Your card was declined.',
  } as const;
  const left = { status: 'requires_payment_method', amount_capturable: 0 } as const;
  const payment_intent: Intent = { ...intent, ...left, last_payment_error: error };
  return { status: 402, error: { ...error, payment_intent } };
}
