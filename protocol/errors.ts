import { defineErrors, type AppError } from '../runtime/index.ts';
import type { WireError } from './server-messages.ts';

/** Failures of the conversation itself, whatever it is about. */
export const protocolErrors = defineErrors({
  invalid_json: { status: 400, retryable: false, message: 'The text is not valid JSON.' },
  invalid_request: {
    status: 400,
    retryable: false,
    message: 'The request does not have the expected form; see details.',
  },
  unauthorized: {
    status: 401,
    retryable: false,
    message: 'A valid access token is needed: Authorization: Bearer TOKEN.',
  },
  forbidden: { status: 403, retryable: false, message: 'This role may not do that.' },
  not_found: {
    status: 404,
    retryable: false,
    message: 'There is no such thing, or it is not yours.',
  },
  method_not_allowed: {
    status: 405,
    retryable: false,
    message: 'The path does not take this method.',
  },
  body_too_large: { status: 413, retryable: false, message: 'The body is larger than allowed.' },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    message: 'The body must be application/json.',
  },
  idempotency_key_required: {
    status: 400,
    retryable: false,
    message: 'The header Idempotency-Key is needed, 1 to 255 printable characters.',
  },
  too_many_topics: {
    status: 429,
    retryable: false,
    message: 'This socket listens to as many topics as it may.',
  },
  internal_error: {
    status: 500,
    retryable: true,
    message: 'Something went wrong on our side; the log has it under the correlation id.',
  },
  shutting_down: { status: 503, retryable: true, message: 'The engine is stopping.' },
});

export function wireError(error: AppError): WireError {
  const { code, message, details, retryAfterMs } = error;
  return { code, message, details, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
