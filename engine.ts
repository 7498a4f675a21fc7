import { join } from 'node:path';
import { Dispatcher, OsrmRoutes } from './dispatch/index.ts';
import { Gateway, mapOrigins, readPages } from './gateway/index.ts';
import { LiveCities } from './live-cities.ts';
import {
  acquireEngineLock,
  Database,
  DatabaseClock,
  databaseErrors,
  migrate,
  OrderCore,
  orderErrors,
  SmtpChannel,
  startEmbeddedPostgres,
  StripeProvider,
  WebhookChannel,
  type NotificationChannels,
} from './order-core/index.ts';
import type { OrderEvent } from './protocol/index.ts';
import {
  DataDir,
  InProcessBus,
  Metrics,
  runtimeErrors,
  SupervisedProcess,
  systemClock,
  systemRandom,
  Teardown,
  TimeScale,
  type Clock,
  type Config,
  type Logger,
} from './runtime/index.ts';

/**
 * The whole engine in one process: makes the parts, joins their ports, starts them in an order in
 * which nothing is asked of a part that is not there yet, and stops them the other way round. Only
 * this file knows all the modules.
 */
export interface Engine {
  /** REST and WebSocket, http://host:port */
  readonly url: string;
  /** Health and metrics. */
  readonly opsUrl: string;
  /** Nothing new is begun, what is in hand ends within DRAIN_MS, everything accepted is durable. */
  stop(): Promise<void>;
}

/** Dispatcher, order core and bus, after the gateway has drained. */
const LOOPS_END_MS = 5_000;

/**
 * @param teardown has what was started so far, for who does not want to wait for the rest
 * @throws AppError and ListenError with a message for whoever started it; nothing is left running
 */
export async function startEngine(
  config: Config,
  log: Logger,
  teardown: Teardown = new Teardown(),
): Promise<Engine> {
  try {
    return await start(config, log, teardown);
  } catch (error) {
    await teardown.run(log);
    throw error;
  }
}

async function start(config: Config, log: Logger, teardown: Teardown): Promise<Engine> {
  const startedAtMs = systemClock.monotonicMs();
  const metrics = new Metrics(true);
  const dataDir = await DataDir.open(config.HEXFLEET_DATA_DIR);
  const [databaseUrl, paymentApi] = await Promise.all([
    openDatabase(config, dataDir, { log, teardown }),
    openPaymentApi(config, dataDir, { log, teardown }),
  ]);
  const pool = { url: databaseUrl, log, random: systemRandom, lookups: true };
  const repeatablePoolSize = Math.floor(config.DATABASE_POOL_SIZE * REPEATABLE_SHARE);
  const poolSize = config.DATABASE_POOL_SIZE - repeatablePoolSize;
  const database = new Database({ ...pool, poolSize });
  teardown.add('database pool', () => database.close());
  const repeatable = new Database({ ...pool, poolSize: repeatablePoolSize, repeatable: true });
  teardown.add('pool for what can be repeated', () => repeatable.close());
  const clock = await DatabaseClock.start(repeatable, systemClock, log);
  teardown.add('database clock', () => clock.stop());
  const parts = { config, log, metrics, database, repeatable, clock, paymentApi, dataDir };
  const engine = await joinParts(parts);
  // What drains first has DRAIN_MS; the loops behind it end after their round.
  teardown.add('engine', () => engine.stop(), config.DRAIN_MS + LOOPS_END_MS);
  const { url, opsUrl } = await engine.start();

  const { factor: timeScale } = new TimeScale(config.TIME_SCALE);
  const paymentApiUrl = paymentApi.url;
  const facts = { pid: process.pid, url, opsUrl, databaseUrl, paymentApiUrl, timeScale };
  teardown.add('announcement', () => dataDir.withdrawAnnouncement());
  await dataDir.announce(facts);
  const tookMs = Math.round(systemClock.monotonicMs() - startedAtMs);
  log.info({ url, opsUrl, dataDir: dataDir.path, timeScale, tookMs }, 'engine.ready');
  return { url, opsUrl, stop: () => teardown.run(log) };
}

/** Of the connections: for relay, read models, webhooks, claims and history; at least one of four. */
const REPEATABLE_SHARE = 1 / 3;

interface Started {
  readonly log: Logger;
  readonly teardown: Teardown;
}

/** @returns the URL of a migrated database that no other engine works on */
async function openDatabase(config: Config, dataDir: DataDir, started: Started): Promise<string> {
  const { log, teardown } = started;
  let url = config.DATABASE_URL;
  if (url === undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir: dataDir.path, log });
    teardown.add('embedded PostgreSQL', () => postgres.stop());
    ({ url } = postgres);
  }
  const lock = await acquireEngineLock(url, log);
  teardown.add('engine lock', () => lock.release());
  await migrate(url, log);
  return url;
}

interface PaymentApi {
  readonly url: string;
  /** Null: webhooks are not taken. */
  readonly webhookSecret: string | null;
}

/** @returns where payments are made; without PAYMENT_API_URL, a simulated provider beside us */
async function openPaymentApi(
  config: Config,
  dataDir: DataDir,
  started: Started,
): Promise<PaymentApi> {
  const { PAYMENT_API_URL: url, PAYMENT_WEBHOOK_SECRET: secret = null } = config;
  if (url !== undefined) return { url, webhookSecret: secret };
  const provider = await SupervisedProcess.start({
    name: 'payment provider',
    module: join(import.meta.dirname, 'load-tests/payment-provider/main.ts'),
    argv: (port) => ['--port', String(port), '--data-dir', join(dataDir.path, 'payment-provider')],
    log: started.log,
  });
  started.teardown.add('payment provider', () => provider.stop());
  return { url: `http://127.0.0.1:${provider.port}`, webhookSecret: secret };
}

interface PartsDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly repeatable: Database;
  readonly clock: Clock;
  readonly paymentApi: PaymentApi;
  readonly dataDir: DataDir;
}

interface Parts {
  start(): Promise<{ url: string; opsUrl: string }>;
  stop(): Promise<void>;
}

const ERRORS_BEHIND_THE_GATEWAY = {
  ...orderErrors.specs,
  ...databaseErrors.specs,
  ...runtimeErrors.specs,
};

/** Makes the modules and gives each the ports that it asks for. Nothing runs yet. */
async function joinParts(deps: PartsDeps): Promise<Parts> {
  const { config, log, metrics, database, repeatable, clock } = deps;
  const timeScale = new TimeScale(config.TIME_SCALE);
  const bus = new InProcessBus<OrderEvent>();
  const routes =
    config.OSRM_URL === undefined ? null : new OsrmRoutes({ url: config.OSRM_URL, metrics, log });
  const cities = new LiveCities({
    added: (city) => dispatcher.addCity(city),
    travelBy: routes === null ? null : (learned) => routes.inFrontOf(learned),
    profiles: () => core.travelProfiles,
    clock,
    log,
  });
  const presence = {
    silentMs: (cityId: string, courierId: string) => gateway.courierSilentMs(cityId, courierId),
  };
  const core = new OrderCore({
    config,
    database,
    repeatable,
    bus,
    clock,
    metrics,
    log,
    random: systemRandom,
    provider: stripeOf(deps),
    channels: notificationChannels(config, clock, log),
    area: cities,
    couriers: cities,
    presence,
    cities,
    assigner: { requestCourier: (cityId) => dispatcher.requestCourier(cityId) },
  });
  const dispatcher = new Dispatcher({
    store: core,
    clock,
    metrics,
    log,
    epochMs: timeScale.wallMs(config.DISPATCH_EPOCH_MS / 1000),
    timeScale,
    estimates: { planned: (order, times) => gateway.planned(order, times) },
    presence,
    threads: config.MATCHER_THREADS,
  });
  const gateway = new Gateway({
    config,
    clock,
    timeScale,
    metrics,
    log,
    cities,
    pages: await openPages(config, log),
    jwtSecret: config.JWT_SECRET ?? (await deps.dataDir.secret('jwt-secret')),
    orders: core,
    catalogue: core.catalogue,
    notifications: core.notifications,
    history: core.history,
    revocations: core.revocations,
    random: systemRandom,
    health: core.health,
    strain: () => core.strain(),
    errors: ERRORS_BEHIND_THE_GATEWAY,
  });
  await cities.start(await core.catalogue.cities());
  return runningOrder({ gateway, dispatcher, core, bus, cities, routes });
}

function stripeOf({ config, clock, metrics, log, paymentApi }: PartsDeps): StripeProvider {
  return new StripeProvider({
    clock,
    metrics,
    apiUrl: paymentApi.url,
    apiKey: config.PAYMENT_API_KEY,
    webhookSecret: paymentApi.webhookSecret,
    log,
  });
}

/** The pages as `npm run pages` has built them. An engine without serves its protocol all the same. */
async function openPages(config: Config, log: Logger): ReturnType<typeof readPages> {
  const folder = join(import.meta.dirname, 'web/dist');
  const pages = await readPages(folder, { mapOrigins: mapOrigins(config) });
  if (pages.size === 0) log.warn({ folder }, 'pages.absent');
  return pages;
}

/** For text messages and push there is a port, and no adapter yet. */
function notificationChannels(config: Config, clock: Clock, log: Logger): NotificationChannels {
  const { SMTP_URL: url, SMTP_FROM: from, WEBHOOK_ALLOWED_HOSTS: allowed = [] } = config;
  const isMailed = url !== undefined && from !== undefined;
  return {
    email: isMailed ? new SmtpChannel({ url, from, clock, log }) : null,
    webhook: new WebhookChannel({ clock, allowed }),
    sms: null,
    push: null,
  };
}

function runningOrder(parts: {
  gateway: Gateway;
  dispatcher: Dispatcher;
  core: OrderCore;
  bus: InProcessBus<OrderEvent>;
  cities: LiveCities;
  routes: OsrmRoutes | null;
}): Parts {
  const { gateway, dispatcher, core, bus, cities, routes } = parts;
  return {
    // The gateway listens before the relay runs: no event may pass while nobody hears it.
    async start(): Promise<{ url: string; opsUrl: string }> {
      bus.subscribe((event) => gateway.publish(event));
      const urls = await gateway.start();
      await core.start();
      dispatcher.start();
      return urls;
    },
    // First the door, then what works behind it: nothing is accepted that nobody will carry on.
    async stop(): Promise<void> {
      await gateway.stop();
      await dispatcher.stop();
      routes?.stop();
      await cities.stop();
      await core.stop();
      await bus.close();
    },
  };
}
