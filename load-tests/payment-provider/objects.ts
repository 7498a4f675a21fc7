/**
 * Stripe's objects, as far as we speak them. Amounts are in minor units, times in seconds since the
 * Unix epoch.
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
  /** Only an intent that was declined, and is therefore in no book, requires a payment method. */
  readonly status: 'requires_capture' | 'succeeded' | 'canceled' | 'requires_payment_method';
  readonly cancellation_reason: string | null;
  readonly canceled_at: number | null;
  readonly last_payment_error: CardError | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created: number;
}

export interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly amount: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly reason: string | null;
  readonly status: 'succeeded';
  readonly metadata: Readonly<Record<string, string>>;
  readonly created: number;
}

interface CardError {
  readonly type: 'card_error';
  readonly code: string;
  readonly decline_code: string;
  readonly message: string;
}

/** What Stripe answers when it refuses. */
export interface Refusal {
  readonly status: number;
  readonly error: {
    readonly type:
      | 'card_error'
      | 'invalid_request_error'
      | 'idempotency_error'
      | 'rate_limit_error'
      | 'api_error';
    readonly code?: string;
    readonly decline_code?: string;
    readonly message: string;
    readonly param?: string;
    /** The intent that the refusal is about, as it is now. */
    readonly payment_intent?: Intent;
  };
}

export type Outcome = Intent | Refund | Refusal;

export function isRefusal(outcome: Outcome): outcome is Refusal {
  return 'error' in outcome;
}

/** What an object is given when it is made. */
export interface Birth {
  readonly id: string;
  readonly createdSeconds: number;
}

/** A form that was sent, by field name, such as `metadata[order_id]`. */
export type Fields = ReadonlyMap<string, string>;
