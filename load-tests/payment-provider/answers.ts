import { STATUS_CODES, type ServerResponse } from 'node:http';
import { newId } from '../../runtime/index.ts';
import { isRefusal, type Outcome } from './objects.ts';

/** What goes back over HTTP. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Stripe's object, or its error envelope. */
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
