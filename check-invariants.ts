import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  checkInvariants,
  Database,
  startEmbeddedPostgres,
  StripeProvider,
  type InvariantResult,
} from './order-core/index.ts';
import {
  createLogger,
  DataDir,
  Metrics,
  readConfig,
  systemClock,
  systemRandom,
  Teardown,
  type Config,
} from './runtime/index.ts';

/** Asks the database, and the payment provider's books, whether every promise still holds. */
const HELP = `Usage: npm run check:invariants [-- --json]

Checks what must always hold of orders, money and couriers, in DATABASE_URL, or in the database of
HEXFLEET_DATA_DIR, whether its engine runs or not. The payment provider's own books are compared
when it can be reached: at PAYMENT_API_URL, or beside the running engine.

  --json      prints the result as JSON

Exit code: 0 when all hold, 1 when one is broken, 2 when it could not be checked.
`;

const teardown = new Teardown();
const log = createLogger('error');
await main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) return console.log(HELP);
    const results = await check(readConfig(process.env));
    console.log(values.json === true ? JSON.stringify(results, null, 2) : report(results));
    process.exitCode = results.some(({ violations }) => violations > 0) ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  } finally {
    await teardown.run(log);
  }
}

async function check(config: Config): Promise<readonly InvariantResult[]> {
  const { databaseUrl, paymentApiUrl } = await findBooks(config);
  const database = new Database({ url: databaseUrl, poolSize: 4, log, random: systemRandom });
  teardown.add('database pool', () => database.close());
  if (paymentApiUrl === null) return await checkInvariants(database, null);
  const provider = new StripeProvider({
    apiUrl: paymentApiUrl,
    apiKey: config.PAYMENT_API_KEY,
    clock: systemClock,
    metrics: new Metrics(false),
  });
  return await checkInvariants(database, provider);
}

async function findBooks(
  config: Config,
): Promise<{ databaseUrl: string; paymentApiUrl: string | null }> {
  const paymentApiUrl = config.PAYMENT_API_URL ?? null;
  if (config.DATABASE_URL !== undefined) return { databaseUrl: config.DATABASE_URL, paymentApiUrl };
  // Opening the folder would make it, and an empty database in it, of which everything holds.
  const folder = resolve(config.HEXFLEET_DATA_DIR);
  if (!existsSync(join(folder, 'postgres'))) {
    throw new Error(`${folder} holds no database; set HEXFLEET_DATA_DIR or DATABASE_URL`);
  }
  const dataDir = await DataDir.open(folder);
  const running = await dataDir.runningEngine();
  if (running !== null) return running;
  const postgres = await startEmbeddedPostgres({ dataDir: dataDir.path, log });
  teardown.add('embedded PostgreSQL', () => postgres.stop());
  return { databaseUrl: postgres.url, paymentApiUrl };
}

function report(results: readonly InvariantResult[]): string {
  const lines = results.flatMap(({ name, says, violations, examples }) => [
    `${violations === 0 ? 'holds ' : 'BROKEN'}  ${name}: ${says}`,
    ...(violations === 0 ? [] : [`        ${violations} times, such as:`]),
    ...examples.map((example) => `        ${JSON.stringify(example)}`),
  ]);
  return lines.join('\n');
}
