import { metadataOf, wholeNumber } from './fields.ts';
import type { Birth, Fields, Intent, Refund, Refusal } from './objects.ts';
import { invalid, unexpectedState } from './refusals.ts';

/**
 * Refunds, as Stripe has them: of an intent that was captured, all of it or part by part, and never
 * more than was received. Pure, like the intents.
 */

const REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'];

/** What a refund is of: the intent, and what was given back of it before. */
export interface Refundable {
  readonly intent: Intent;
  readonly refundedMinor: number;
}

export function createRefund(of: Refundable, fields: Fields, given: Birth): Refund | Refusal {
  const { intent } = of;
  if (intent.status !== 'succeeded') return unexpectedState(intent, 'refunded');
  const amount = amountOf(of, fields);
  if (typeof amount !== 'number') return amount;
  const reason = fields.get('reason') ?? null;
  if (reason !== null && !REASONS.includes(reason)) {
    return invalid('reason', `Invalid reason: must be one of ${REASONS.join(', ')}`);
  }
  return {
    id: given.id,
    object: 'refund',
    amount,
    currency: intent.currency,
    payment_intent: intent.id,
    reason,
    status: 'succeeded',
    metadata: metadataOf(fields),
    created: given.createdSeconds,
  };
}

/** What is asked for, or all that is left when nothing is named. */
function amountOf({ intent, refundedMinor }: Refundable, fields: Fields): number | Refusal {
  const leftMinor = intent.amount_received - refundedMinor;
  const amount = wholeNumber(fields.get('amount') ?? String(leftMinor));
  if (leftMinor === 0) {
    const message = `The charge of ${intent.id} has already been refunded.`;
    const code = 'charge_already_refunded';
    return { status: 400, error: { type: 'invalid_request_error', code, message } };
  }
  if (amount === null || amount < 1) return invalid('amount', 'Invalid positive integer');
  if (amount > leftMinor) {
    const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${leftMinor})`;
    return invalid('amount', message, 'amount_too_large');
  }
  return amount;
}
