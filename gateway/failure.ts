import { protocolErrors } from '../protocol/index.ts';
import { isAppError, type AppError, type Logger } from '../runtime/index.ts';

/** Longest wait for a port, milliseconds: a client that waits longer has given up anyway. */
export const PORT_DEADLINE_MS = 10_000;

/**
 * What the client is told of `error`: an AppError as it is, anything else as `internal_error`, with
 * the whole story in the log under the facts given.
 */
export function failureFor(
  error: unknown,
  log: Logger,
  facts: Readonly<Record<string, unknown>>,
): AppError {
  if (isAppError(error)) {
    // One line for each would be one thing more to do; `overload.step` is in the log, and they are counted.
    const isLoud = error.status >= 500 && error.code !== 'overloaded';
    if (isLoud) log.warn({ ...facts, code: error.code, err: error }, 'refused');
    return error;
  }
  log.error({ ...facts, err: error }, 'unexpected failure');
  return protocolErrors.make('internal_error', { cause: error });
}
