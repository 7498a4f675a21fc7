import { defineErrors } from '../runtime/index.ts';

/** Everything the order core refuses, and why. Codes are for ever. */
export const orderErrors = defineErrors({
  payment_provider_paused: {
    status: 503,
    retryable: true,
    message: 'The payment provider has failed again and again and is left alone for a moment.',
  },
  restaurant_not_found: {
    status: 404,
    retryable: false,
    message: 'The city has no such restaurant.',
  },
  restaurant_closed: {
    status: 409,
    retryable: true,
    message: 'The restaurant takes no orders now.',
  },
  item_not_on_menu: {
    status: 422,
    retryable: false,
    message: 'The restaurant does not offer one of the items.',
  },
  item_unavailable: {
    status: 409,
    retryable: true,
    message: 'One of the items cannot be had now.',
  },
  out_of_stock: {
    status: 409,
    retryable: true,
    message: 'There are not so many portions left of one of the items.',
  },
  outside_delivery_zone: {
    status: 422,
    retryable: false,
    message: 'The address lies outside the delivery zone.',
  },
  total_mismatch: {
    status: 422,
    retryable: false,
    message: 'The total differs from what the customer was shown.',
  },
  amount_too_large: {
    status: 422,
    retryable: false,
    message: 'The order costs more than an order may.',
  },
  schedule_out_of_range: {
    status: 422,
    retryable: false,
    message: 'An order can be scheduled from one hour to 14 days ahead.',
  },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    message: 'This Idempotency-Key was used for something else.',
  },
  modification_pending: {
    status: 409,
    retryable: true,
    message: 'An earlier change of this order still waits for the payment provider.',
  },
  refund_changed: {
    status: 409,
    retryable: false,
    message: 'What a cancellation gives back is no longer what the customer was shown.',
  },
  refund_too_large: {
    status: 409,
    retryable: false,
    message: 'More would be given back than was taken.',
  },
  wrong_code: {
    status: 422,
    retryable: false,
    message: "The code is not the customer's.",
  },
  code_locked: {
    status: 409,
    retryable: false,
    message: 'Too many wrong codes: an operator has to confirm the delivery.',
  },
  payment_unknown: {
    status: 404,
    retryable: false,
    message: 'The order has no such authorization.',
  },
  dead_letter_unknown: {
    status: 404,
    retryable: false,
    message: 'There is no such dead letter that is still open.',
  },
  webhook_refused: {
    status: 400,
    retryable: false,
    message: 'The webhook has no valid signature, or is too old.',
  },
  webhook_target_refused: {
    status: 422,
    retryable: false,
    message: 'A webhook goes to https, without a password in its URL, and to a public address.',
  },
  notification_refused: {
    status: 502,
    retryable: false,
    message: 'The receiver does not take the notification; see details.',
  },
  notification_failed: {
    status: 502,
    retryable: true,
    message: 'The notification did not reach its receiver; see details.',
  },
  state_conflict: {
    status: 409,
    retryable: false,
    message: 'The order is not in a state in which this can be done.',
  },
  offer_gone: {
    status: 409,
    retryable: false,
    message: 'The offer has lapsed, was answered, or was withdrawn.',
  },
  courier_taken: {
    status: 409,
    retryable: true,
    message: 'The courier changed since the decision was made.',
  },
  order_busy: {
    status: 409,
    retryable: true,
    message: 'Others changed the order again and again in the same moment.',
  },
  payment_provider_failed: {
    status: 502,
    retryable: true,
    message: 'The payment provider did not answer as it should.',
  },
});
