import { STATUS_CODES, type ServerResponse } from 'node:http';
import { newId } from '../../runtime/index.ts';
import { isRefusal, type Outcome, type Refusal } from './intents.ts';

/** What goes back over HTTP. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An intent, or Stripe's error envelope. */
export function answerOf(outcome: Outcome, headers: Readonly<Record<string, string>> = {}): Answer {
  if (isRefusal(outcome)) {
    return { status: outcome.status, body: { error: outcome.error }, headers };
  }
  return { status: 200, body: outcome, headers };
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const { headers, text } = encode(answer);
  response.writeHead(answer.status, headers).end(text);
}

/** Both in one write, so that the client finds the second while it reads the first; then hangs up. */
export function sendAnswerTwice(response: ServerResponse, answer: Answer): void {
  const { headers, text } = encode(answer);
  const lines = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const raw = `${lines.join('\r\n')}\r\n\r\n${text}`;
  response.socket?.end(raw + raw);
}

function encode({ body, headers }: Answer): { headers: Record<string, string>; text: string } {
  const text = JSON.stringify(body);
  const ours = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(text)),
    'Request-Id': `req_${newId<string>().replaceAll('-', '')}`,
  };
  return { headers: { ...ours, ...headers }, text };
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
