/**
 * Expected failures. One type for all of them; callers match on `code`, never on the message or the
 * prototype (prototypes do not survive the way between threads).
 *
 * Programmer errors are not AppErrors: they are failed assertions (`assert.ts`).
 */
export interface ErrorSpec {
  /** HTTP status that the edge answers with. */
  readonly status: number;
  /** True: the same request, unchanged, may succeed later. */
  readonly retryable: boolean;
  /** One sentence for people. May change between versions; codes never do. */
  readonly message: string;
}

export interface ErrorFacts {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, spec: ErrorSpec, facts: ErrorFacts = {}) {
    super(spec.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.status = spec.status;
    this.retryable = spec.retryable;
    this.retryAfterMs = facts.retryAfterMs;
    this.details = facts.details ?? {};
  }
}

/** A folder's table of error codes: what each means, and the constructor that takes its facts. */
export interface ErrorRegistry<Code extends string> {
  readonly specs: Readonly<Record<Code, ErrorSpec>>;
  /** @example throw orderErrors.make('order_not_found', { details: { orderId } }) */
  make(code: Code, facts?: ErrorFacts): AppError;
}

export function defineErrors<Code extends string>(
  specs: Readonly<Record<Code, ErrorSpec>>,
): ErrorRegistry<Code> {
  return { specs, make: (code, facts) => new AppError(code, specs[code], facts) };
}

/** True when `error` is an AppError with this code (and any code, when none is given). */
export function isAppError(error: unknown, code?: string): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** What went wrong, for whoever sits at the terminal. */
export function messageOf(error: unknown): string {
  // A host of several addresses, none of which answers: one error of many, without a text.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
