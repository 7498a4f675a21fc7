import type { WireError } from '../../protocol/index.ts';

/** The engine said no. `code` is one of docs/errors.md. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** HTTP status; 0 when it came over the WebSocket. */
  readonly status: number;
  /** When the same may be asked again; null when the engine did not say. */
  readonly retryAfterMs: number | null;

  constructor(error: WireError, status: number) {
    super(`${error.code}: ${error.message}`);
    this.code = error.code;
    this.details = error.details;
    this.status = status;
    this.retryAfterMs = error.retryAfterMs ?? null;
  }
}

/** The engine could not be reached, or did not answer in time; whether it acted is not known. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}
