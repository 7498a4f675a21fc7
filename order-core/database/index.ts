/**
 * PostgreSQL: the embedded server, the pool that every statement goes through, the migrations, and
 * the table from SQLSTATE to our errors. In: a data directory or a DATABASE_URL, statements. Out:
 * rows and AppErrors. Knows nothing of orders. May import runtime/ only.
 */
export { DatabaseClock } from './database-clock.ts';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
export { acquireEngineLock, type EngineLock } from './engine-lock.ts';
export { databaseErrors } from './errors.ts';
export { migrate } from './migrate.ts';
export {
  Database,
  LOOKUP_PLANS,
  type DatabaseOptions,
  type Queryable,
  type Statement,
} from './pool.ts';
