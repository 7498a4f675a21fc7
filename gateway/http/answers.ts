import { wireError } from '../../protocol/index.ts';
import type { AppError } from '../../runtime/index.ts';
import type { Answer } from '../edge.ts';

/** What a handler answers with; the flow adds what every answer has. */
export interface Reply {
  readonly status: number;
  /** JSON; none when undefined. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function answerOf(reply: Reply, correlationId: string): Answer {
  const body = reply.body === undefined ? '' : JSON.stringify(reply.body);
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
