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
  close(): Promise<void>;
}

const POOL_SIZE = 4;

/**
 * Opens DATABASE_URL, or the database of HEXFLEET_DATA_DIR, whether its engine runs or not.
 * @throws Error when there is no such folder; AppError when the database cannot be opened
 */
export async function openBooks(config: Config): Promise<Books> {
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
