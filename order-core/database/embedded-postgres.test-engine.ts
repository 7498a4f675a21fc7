import { createLogger } from '../../runtime/index.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { acquireEngineLock } from './engine-lock.ts';

/**
 * Another engine's process, for tests: takes the server of the data directory in its first argument
 * and the engine lock, sends `{ url }`, and works until it is killed or its parent is gone.
 */
const log = createLogger('silent');
process.once('disconnect', () => process.exit());
const postgres = await startEmbeddedPostgres({
  dataDir: process.argv[2] ?? '',
  log,
  durable: false,
});
await acquireEngineLock(postgres.url, log);
process.send?.({ url: postgres.url });
