import { defineErrors } from '../../runtime/index.ts';

/**
 * What can go wrong between us and PostgreSQL. The first group comes from statements (`sqlstate.ts`
 * says which SQLSTATE is which), the second from starting the embedded server.
 */
export const databaseErrors = defineErrors({
  unique_violation: {
    status: 409,
    retryable: false,
    message: 'Something with this identity exists already.',
  },
  foreign_key_violation: {
    status: 409,
    retryable: false,
    message: 'It refers to something that does not exist.',
  },
  check_violation: {
    status: 409,
    retryable: false,
    message: 'The change would break a rule that the database holds.',
  },
  statement_refused: {
    status: 409,
    retryable: false,
    message: 'A condition of the statement did not hold; nothing was changed.',
  },
  transaction_conflict: {
    status: 503,
    retryable: true,
    message: 'Another transaction changed the same rows; nothing was changed.',
  },
  lock_timeout: {
    status: 503,
    retryable: true,
    message: 'Another transaction holds what is needed; nothing was changed.',
  },
  statement_timeout: {
    status: 503,
    retryable: true,
    message: 'The database took too long and the statement was cancelled; nothing was changed.',
  },
  database_busy: {
    status: 503,
    retryable: true,
    message: 'Too many requests wait for the database.',
  },
  database_unavailable: {
    status: 503,
    retryable: true,
    message: 'The database does not answer.',
  },
  database_fault: {
    status: 500,
    retryable: false,
    message: 'The database refused a statement of ours; the log has its reason.',
  },
  data_in_use: {
    status: 503,
    retryable: true,
    message:
      'Another engine works on this data. Stop it first, or use another HEXFLEET_DATA_DIR or DATABASE_URL.',
  },
  migration_failed: {
    status: 500,
    retryable: false,
    message: 'The tables could not be brought to the newest version; see details.',
  },
  postgres_missing: {
    status: 500,
    retryable: false,
    message:
      'There is no embedded PostgreSQL for this platform. Set DATABASE_URL to a PostgreSQL server.',
  },
  postgres_unreachable_directory: {
    status: 500,
    retryable: false,
    message:
      'PostgreSQL does not run as root, and its own user may not enter this directory. ' +
      'Set HEXFLEET_DATA_DIR to a directory elsewhere, or DATABASE_URL to a PostgreSQL server.',
  },
  postgres_start_failed: {
    status: 500,
    retryable: true,
    message: 'The embedded PostgreSQL did not start; see details.',
  },
});
