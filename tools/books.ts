import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  Database,
  migrate,
  startEmbeddedPostgres,
  StripeProvider,
  type PaymentProvider,
} from '../order-core/index.ts';
import {
  createLogger,
  DataDir,
  Metrics,
  readConfig,
  systemClock,
  systemRandom,
  Teardown,
  type Config,
  type Logger,
} from '../runtime/index.ts';

/** The books of an installation: its database, and its payment provider when that can be reached. */
export interface Books {
  readonly database: Database;
  /** Null: the provider runs beside the engine, and the engine does not run. */
  readonly provider: PaymentProvider | null;
}

interface OpenBooks extends Books {
  close(): Promise<void>;
}

const POOL_SIZE = 4;

/**
 * Does a piece of work on the books of DATABASE_URL, or of HEXFLEET_DATA_DIR, whether its engine runs or
 * not, and closes them.
 * @throws ConfigError; Error when there is no such folder; AppError when the database cannot be opened;
 *   what the work throws
 */
export async function withBooks<Result>(work: (books: Books) => Promise<Result>): Promise<Result> {
  const books = await openBooks(readConfig(process.env));
  try {
    return await work(books);
  } finally {
    await books.close();
  }
}

async function openBooks(config: Config): Promise<OpenBooks> {
  const log = createLogger('error');
  const teardown = new Teardown();
  try {
    const { databaseUrl, paymentApiUrl } = await find(config, log, teardown);
    const database = new Database({
      url: databaseUrl,
      poolSize: POOL_SIZE,
      log,
      random: systemRandom,
      slow: true,
    });
    teardown.add('database pool', () => database.close());
    const provider = paymentApiUrl === null ? null : providerAt(paymentApiUrl, config);
    return { database, provider, close: () => teardown.run(log) };
  } catch (error) {
    await teardown.run(log);
    throw error;
  }
}

async function find(
  config: Config,
  log: Logger,
  teardown: Teardown,
): Promise<{ databaseUrl: string; paymentApiUrl: string | null }> {
  const paymentApiUrl = config.PAYMENT_API_URL ?? null;
  if (config.DATABASE_URL !== undefined) return { databaseUrl: config.DATABASE_URL, paymentApiUrl };
  const folder = resolve(config.HEXFLEET_DATA_DIR);
  // A mistyped name must not make a new, empty database.
  if (!existsSync(join(folder, 'postgres'))) {
    throw new Error(`${folder} holds no database; set HEXFLEET_DATA_DIR or DATABASE_URL`);
  }
  const dataDir = await DataDir.open(folder);
  const running = await dataDir.runningEngine();
  if (running !== null) return running;
  const postgres = await startEmbeddedPostgres({ dataDir: dataDir.path, log });
  teardown.add('embedded PostgreSQL', () => postgres.stop());
  await migrate(postgres.url, log);
  return { databaseUrl: postgres.url, paymentApiUrl };
}

function providerAt(apiUrl: string, config: Config): PaymentProvider {
  return new StripeProvider({
    apiUrl,
    apiKey: config.PAYMENT_API_KEY,
    webhookSecret: null,
    clock: systemClock,
    metrics: new Metrics(false),
    log: createLogger('silent'),
  });
}
