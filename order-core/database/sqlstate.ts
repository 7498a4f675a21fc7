import { DatabaseError } from 'pg';
import { AppError, AssertionFailed, type ErrorFacts } from '../../runtime/index.ts';
import { databaseErrors } from './errors.ts';

type DatabaseErrorCode = keyof typeof databaseErrors.specs;

/**
 * The one table from SQLSTATE to our codes. Source: PostgreSQL 18, appendix A. A key of two
 * characters stands for its whole class; what is not here is a mistake of ours: `database_fault`.
 */
const CODE_OF_SQLSTATE: Readonly<Record<string, DatabaseErrorCode>> = {
  '23505': 'unique_violation',
  '23503': 'foreign_key_violation',
  '23514': 'check_violation',
  '23P01': 'unique_violation', // exclusion constraint
  HX001: 'statement_refused', // must() of our first migration
  '40001': 'transaction_conflict', // serialization failure
  '40P01': 'transaction_conflict', // deadlock
  '55P03': 'lock_timeout',
  '57014': 'statement_timeout',
  '08': 'database_unavailable', // connection exception
  '25P03': 'database_unavailable', // idle in transaction for too long
  '25P04': 'database_unavailable', // transaction for too long
  '25006': 'database_unavailable', // read-only: the server became a standby
  '53': 'database_unavailable', // out of connections, memory or disk
  '57P01': 'database_unavailable', // terminated: shutdown or pg_terminate_backend
  '57P02': 'database_unavailable', // crash of another backend
  '57P03': 'database_unavailable', // starting up or shutting down
  '57P05': 'database_unavailable', // idle session timeout
};

/**
 * What pg threw, as an AppError with pg's error as its cause.
 *
 * `details` name the SQLSTATE and, when there is one, the `constraint`; for `statement_refused` the
 * `reason` that the statement gave. Never values: they may find people. An error without SQLSTATE
 * comes from the socket or from pg's own timers, so the connection is lost or cannot be trusted:
 * whether a statement under way (a COMMIT above all) took effect is then unknown, and `retryable`
 * leans on the idempotency key that makes a repetition harmless. An AppError passes unchanged.
 * @throws the error itself when it is a mistake in the program (a value that pg cannot send, a
 *   column that is not what `column-types.ts` holds for certain)
 */
export function databaseError(error: unknown, statement?: string): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof AssertionFailed || error instanceof TypeError) throw error;
  const named = statement === undefined ? {} : { statement };
  if (!(error instanceof DatabaseError)) {
    return databaseErrors.make('database_unavailable', { details: named, cause: error });
  }
  const sqlstate = error.code ?? '';
  const code =
    CODE_OF_SQLSTATE[sqlstate] ?? CODE_OF_SQLSTATE[sqlstate.slice(0, 2)] ?? 'database_fault';
  const facts: ErrorFacts = {
    details: {
      ...named,
      sqlstate,
      ...(error.constraint === undefined ? {} : { constraint: error.constraint }),
      ...(code === 'statement_refused' ? { reason: error.message } : {}),
    },
    cause: error,
  };
  return databaseErrors.make(code, facts);
}

/** True when the connection that gave this error must not serve anybody again. */
export function poisonsConnection(error: AppError): boolean {
  return error.code === 'database_unavailable' || error.code === 'database_fault';
}

/** True when `error` is the violation of this constraint (or of any, when none is given). */
export function isViolation(error: unknown, constraint?: string): error is AppError {
  if (!(error instanceof AppError)) return false;
  if (!/^(unique|foreign_key|check)_violation$/.test(error.code)) return false;
  return constraint === undefined || error.details['constraint'] === constraint;
}
