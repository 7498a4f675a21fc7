import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { HexfleetApi } from '../../clients/ts/index.ts';
import { EngineProcess } from '../../load-tests/engine-process/index.ts';
import { signToken } from '../../load-tests/world/tokens.ts';
import { startEmbeddedPostgres } from '../../order-core/index.ts';
import type { CityInput, Role } from '../../protocol/index.ts';
import {
  createLogger,
  seededRandom,
  sleep,
  systemClock,
  withDeadline,
} from '../../runtime/index.ts';
import {
  childrenOf,
  cpuSecondsOf,
  cpuSecondsOfTree,
  goOn,
  postmasterOf,
} from '../harness/index.ts';
import { somewhere, zone } from './places.ts';

export const CITY_ID = 'bench';
const SEED = 1;
const RESTAURANTS = 100;
const CUSTOMERS = 500;
const COURIER_CAPACITY = 10;
const PUTS_AT_ONCE = 16;
const SETTLE_POLL_MS = 50;
const SETTLE_MS_MAX = 120_000;
const QUERY_TIMEOUT_MS = 10_000;
const END_MS_MAX = 3_000;

export const CITY: CityInput = {
  name: 'Bench',
  currency: 'eur',
  deliveryZone: [{ outer: zone(), holes: [] }],
  deliveryFeeMinor: 290,
  taxRate: 0.07,
  courierSpeedMps: 5,
  detourFactor: 1.3,
};

export const MENU = [
  { itemId: 'dish', name: 'Dish of the day', priceMinor: 1_450, available: true },
  { itemId: 'drink', name: 'Drink', priceMinor: 350, available: true },
];

/** CPU seconds since the start of each process; null where the system does not tell. */
export interface CpuSeconds {
  readonly engine: number | null;
  readonly postgres: number | null;
  readonly payments: number | null;
}

/** @param series a name, for the sum over its labels, or a name with all of them */
export type Figures = (series: string) => number;

/** A real engine with its own PostgreSQL and payment provider, and a city to order in. */
export class BenchCity {
  readonly engine: EngineProcess;
  /** The database that the engine writes to. */
  readonly database: Client;
  readonly #dataDir: string;

  private constructor(engine: EngineProcess, dataDir: string, database: Client) {
    this.engine = engine;
    this.#dataDir = dataDir;
    this.database = database;
  }

  /** @param options.profile folder for the CPU profiles of engine and provider */
  static async start(options: {
    readonly directory: string;
    readonly couriers: number;
    readonly profile: string | undefined;
  }): Promise<BenchCity> {
    const dataDir = join(options.directory, 'data');
    await mkdir(dataDir, { recursive: true });
    const profiling = `--cpu-prof --cpu-prof-dir=${resolve(options.profile ?? '.')}`;
    const engine = await EngineProcess.start({
      dataDir,
      logFile: join(options.directory, 'engine.log'),
      freePorts: true,
      env: {
        LOG_LEVEL: 'warn',
        // Orders that wait for nobody's answer must not be cancelled while others are measured.
        RESTAURANT_ANSWER_SECONDS: '86400',
        PAYMENT_DEADLINE_SECONDS: '86400',
        ...(options.profile === undefined ? {} : { NODE_OPTIONS: profiling }),
      },
    });
    const database = new Client({
      connectionString: engine.facts.databaseUrl,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    database.on('error', () => undefined);
    const city = new BenchCity(engine, dataDir, database);
    try {
      await database.connect();
      await city.#provision(options.couriers);
    } catch (error) {
      await city.stop();
      throw error;
    }
    return city;
  }

  get restaurants(): readonly string[] {
    return Array.from({ length: RESTAURANTS }, (_, i) => `restaurant-${i}`);
  }

  async token(role: Role, subject: string): Promise<string> {
    const jwtSecret = await this.engine.jwtSecret();
    return await signToken({ jwtSecret, cityId: CITY_ID }, role, subject);
  }

  async customerTokens(): Promise<string[]> {
    const customers = Array.from({ length: CUSTOMERS }, (_, i) => `customer-${i}`);
    return await Promise.all(customers.map((customer) => this.token('customer', customer)));
  }

  /** Orders that are in the database. */
  async orders(): Promise<number> {
    const { rows } = await this.database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM orders',
    );
    return rows[0]?.n ?? 0;
  }

  /** Orders whose payment was authorized or refused. */
  async paid(): Promise<number> {
    const { rows } = await this.database.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM payments WHERE state <> 'pending'",
    );
    return rows[0]?.n ?? 0;
  }

  /**
   * Waits until the engine has nothing left to do for the orders that were placed, so that it takes
   * nothing from what is measured next.
   * @returns false when it did not come to an end
   */
  async settle(signal: AbortSignal): Promise<boolean> {
    const beganMs = systemClock.monotonicMs();
    while (systemClock.monotonicMs() - beganMs < SETTLE_MS_MAX) {
      goOn(signal);
      const { rows } = await this.database.query<{ idle: boolean }>(
        'SELECT NOT EXISTS (SELECT FROM saga_steps) AND NOT EXISTS (SELECT FROM outbox) AS idle',
      );
      if (rows[0]?.idle === true) return true;
      await sleep(SETTLE_POLL_MS, signal);
    }
    return false;
  }

  /** A figure of the engine's metrics; see `Figures`. */
  async counter(series: string): Promise<number> {
    return (await this.figures())(series);
  }

  /** The engine's metrics as they are now. */
  async figures(): Promise<Figures> {
    const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS);
    const page = await (await fetch(`${this.engine.facts.opsUrl}/metrics`, { signal })).text();
    const lines = page.split('\n');
    return (series) =>
      lines
        .filter((line) => line.startsWith(series))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  async cpuSeconds(): Promise<CpuSeconds> {
    const { pid } = this.engine.facts;
    const payments = await childrenOf(pid, 'payment-provider');
    return {
      engine: await cpuSecondsOf(pid),
      postgres: await cpuSecondsOfTree(await postmasterOf(this.#dataDir)),
      payments: await cpuSecondsOfTree(payments),
    };
  }

  /** Every process that serves: engine, payment provider, PostgreSQL with its children. */
  async serverPids(): Promise<number[]> {
    const { pid } = this.engine.facts;
    const postmaster = await postmasterOf(this.#dataDir);
    const backends = await Promise.all(postmaster.map((parent) => childrenOf(parent, '')));
    const payments = await childrenOf(pid, 'payment-provider');
    return [pid, ...payments, ...postmaster, ...backends.flat()];
  }

  async stop(): Promise<void> {
    await withDeadline(this.database.end(), END_MS_MAX, 'disconnect').catch(() => undefined);
    await this.engine.stop();
    if ((await postmasterOf(this.#dataDir)).length === 0) return;
    // An engine that had to be killed has left its server: taken over only to be stopped.
    const log = createLogger('silent');
    await (await startEmbeddedPostgres({ dataDir: this.#dataDir, log })).stop();
  }

  /** All couriers are on duty, without having said so: fixes of others are not taken. */
  async everybodyWorks(): Promise<void> {
    await this.database.query('UPDATE couriers SET on_duty = true');
  }

  async #provision(couriers: number): Promise<void> {
    const token = await this.token('service', 'bench');
    const api = new HexfleetApi({ url: this.engine.facts.url, token });
    const random = seededRandom(SEED);
    await api.putCity(CITY_ID, CITY);
    const puts = [
      ...this.restaurants.map((id) => {
        const restaurant = { name: id, place: somewhere(random), open: true, menu: MENU };
        return () => api.putRestaurant(CITY_ID, id, restaurant);
      }),
      ...Array.from({ length: couriers }, (_, i) => {
        const courier = { name: `courier-${i}`, vehicle: 'scooter' as const };
        return () =>
          api.putCourier(CITY_ID, courier.name, { ...courier, capacity: COURIER_CAPACITY });
      }),
    ].values();
    const lane = async (): Promise<void> => {
      for (const put of puts) await put();
    };
    await Promise.all(Array.from({ length: PUTS_AT_ONCE }, lane));
  }
}
