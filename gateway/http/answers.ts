import { wireError } from '../../protocol/index.ts';
import type { AppError } from '../../runtime/index.ts';
import type { Answer } from '../edge.ts';

/** What a handler answers with; the flow adds what every answer has. */
export interface Reply {
  readonly status: number;
  /** JSON; none when undefined. */
  readonly body?: unknown;
  /** The body is never changed, and answered again and again: it is encoded once. */
  readonly isShared?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export function answerOf(reply: Reply, correlationId: string): Answer {
  const body = bodyOf(reply);
  return {
    status: reply.status,
    headers: {
      'X-Correlation-Id': correlationId,
      ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
      ...reply.headers,
    },
    body,
  };
}

const encoded = new WeakMap<object, string>();

function bodyOf({ body, isShared = false }: Reply): string {
  if (body === undefined) return '';
  if (!isShared || typeof body !== 'object' || body === null) return JSON.stringify(body);
  const known = encoded.get(body);
  if (known !== undefined) return known;
  const json = JSON.stringify(body);
  encoded.set(body, json);
  return json;
}

/** @param headers what this refusal says beside its body, such as `Allow` */
export function refusalOf(error: AppError, headers: Readonly<Record<string, string>> = {}): Reply {
  const retry: Record<string, string> =
    error.retryAfterMs === undefined
      ? {}
      : { 'Retry-After': String(Math.ceil(error.retryAfterMs / 1000)) };
  return {
    status: error.status,
    body: { error: wireError(error) },
    headers: { ...retry, ...headers },
  };
}
