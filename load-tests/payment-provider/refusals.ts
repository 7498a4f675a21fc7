import type { Intent, Refusal } from './objects.ts';

/** What was sent cannot be carried out as it stands. */
export function invalid(param: string, message: string, code = 'parameter_invalid'): Refusal {
  return { status: 400, error: { type: 'invalid_request_error', code, message, param } };
}

/** @param kind of object, as Stripe calls it */
export function noSuch(kind: string, id: string, param = 'id'): Refusal {
  const message = `No such ${kind}: '${id}'`;
  const code = 'resource_missing';
  return { status: 404, error: { type: 'invalid_request_error', code, message, param } };
}

/** @param wanted what was to be done to it, as a participle */
export function unexpectedState(intent: Intent, wanted: string): Refusal {
  const message = `This PaymentIntent could not be ${wanted} because it has a status of ${intent.status}.`;
  const code = 'payment_intent_unexpected_state';
  return {
    status: 400,
    error: { type: 'invalid_request_error', code, message, payment_intent: intent },
  };
}

/** @param status 500 for what went wrong on our side */
export function apiError(message: string, status = 500): Refusal {
  return { status, error: { type: 'api_error', message } };
}

export function unauthorized(): Refusal {
  const message = 'You did not provide an API key: Authorization: Bearer sk_...';
  return { status: 401, error: { type: 'invalid_request_error', message } };
}

export function noSuchPath(method: string, path: string): Refusal {
  const message = `Unrecognized request URL (${method}: ${path}).`;
  return { status: 404, error: { type: 'invalid_request_error', message } };
}

export function tooLarge(bytesMax: number): Refusal {
  const message = `The request is larger than ${bytesMax} bytes.`;
  return { status: 413, error: { type: 'invalid_request_error', message } };
}

/** A key came again with another request. */
export function reusedKey(): Refusal {
  const message = 'Keys for idempotent requests can only be used with the same parameters.';
  return { status: 400, error: { type: 'idempotency_error', message } };
}

/** A key came again while its first request is under way. */
export function keyInUse(): Refusal {
  const message = 'There is currently another in-progress request using this Idempotent Key.';
  const code = 'idempotency_key_in_use';
  return { status: 409, error: { type: 'idempotency_error', code, message } };
}

/** Whoever listens for the webhooks has fallen too far behind for more to be noted. */
export function tooManyWaiting(): Refusal {
  const message = 'Too many webhooks wait for their delivery.';
  return { status: 429, error: { type: 'rate_limit_error', code: 'rate_limit', message } };
}
