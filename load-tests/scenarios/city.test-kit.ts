import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { HexfleetApi, HexfleetSocket } from '../../clients/ts/index.ts';
import type {
  CityInput,
  DispatchInput,
  Fix,
  OrderEventType,
  OrderView,
  Place,
  PlaceOrder,
  Role,
  ServerMessage,
  Subprotocol,
} from '../../protocol/index.ts';
import { newId, required, sleep, systemClock } from '../../runtime/index.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/index.ts';
import { checkInvariants, EngineProcess } from '../engine-process/index.ts';
import { Signal } from '../actors/signal.ts';
import { signToken } from '../world/tokens.ts';

const CITY_ID = 'c1';
const JWT_SECRET = 'a key that only these tests know of, and nobody else';

/** Shorter than a test may take: who waits in vain hears for what. */
const HEARS_MS_MAX = 50_000;

const QUIET_MS_MAX = 15_000;
const QUIET_POLL_MS = 50;
const LEFT_TO_DO = `
  SELECT 'outbox' AS what FROM outbox
  UNION ALL SELECT consumer FROM consumer_inbox
  UNION ALL SELECT step FROM saga_steps`;

export const RESTAURANT_PLACE: Place = { lat: 52.52, lng: 13.4 };
export const DOOR: Place = { lat: 52.53, lng: 13.41 };

export const SOUP: PlaceOrder = {
  restaurantId: 'soup-house',
  items: [{ itemId: 'soup', quantity: 2 }],
  dropoff: { place: DOOR, address: 'Elm Street 1' },
  paymentToken: 'pm_card_visa',
};

/** Somebody at a socket, and everything that was said to them. */
export class Person {
  readonly socket: HexfleetSocket;
  readonly messages: ServerMessage[] = [];
  readonly closed = Promise.withResolvers<number>();
  readonly #heard = new Signal();
  #sequence = 0;
  #atMs = 0;

  constructor(url: string, token: string, subprotocol: Subprotocol) {
    this.socket = new HexfleetSocket({
      url,
      token,
      subprotocol,
      onMessage: (message) => {
        this.messages.push(message);
        this.#heard.notify();
      },
      onState: ({ connected, code }) => {
        if (!connected) this.closed.resolve(code ?? 0);
      },
    });
  }

  /**
   * The first message, of all so far and to come, that is as asked for.
   * @throws Error with what was heard instead
   */
  async hears<Type extends ServerMessage['type']>(
    type: Type,
    asked: (message: Extract<ServerMessage, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<ServerMessage, { type: Type }>> {
    const isIt = (m: ServerMessage): m is Extract<ServerMessage, { type: Type }> =>
      m.type === type && asked(m as Extract<ServerMessage, { type: Type }>);
    const untilMs = systemClock.monotonicMs() + HEARS_MS_MAX;
    for (;;) {
      const found = this.messages.find(isIt);
      if (found !== undefined) return found;
      const leftMs = untilMs - systemClock.monotonicMs();
      if (leftMs <= 0) {
        const heard = this.messages.map((message) => message.type).join(', ');
        throw new Error(`no such ${type} in ${HEARS_MS_MAX} ms, only: ${heard || 'nothing'}`);
      }
      await this.#heard.changed(leftMs);
    }
  }

  async hearsEvent(orderId: string, event: OrderEventType) {
    return await this.hears('order_event', (m) => m.orderId === orderId && m.event === event);
  }

  /** Sends one fix. */
  isAt(place: Place, facts: Partial<Fix> = {}): void {
    this.#sequence += 1;
    const still = { speedMps: 0, headingDegrees: 0, accuracyMeters: 5 };
    // Two fixes of one moment would be out of order.
    this.#atMs = Math.max(this.#atMs + 1, systemClock.nowMs());
    const when = { sequence: this.#sequence, atMs: this.#atMs };
    this.socket.sendFixes([{ ...place, ...still, ...when, ...facts }]);
  }
}

/** A real engine in a process of its own, with a city of two restaurants and two couriers. */
export class TestCity {
  readonly engine: EngineProcess;
  readonly #testDatabase: TestDatabase | null;
  readonly #directory: string;
  readonly #people: Person[] = [];

  private constructor(engine: EngineProcess, testDatabase: TestDatabase | null, directory: string) {
    this.engine = engine;
    this.#testDatabase = testDatabase;
    this.#directory = directory;
  }

  /** @param where `own`: the engine has its own PostgreSQL, as `npm start` does, and it can be killed */
  static async start(
    env: Readonly<Record<string, string>> = {},
    where: 'shared' | 'own' = 'shared',
  ): Promise<TestCity> {
    const testDatabase = where === 'shared' ? await createTestDatabase() : null;
    const database = testDatabase === null ? {} : { DATABASE_URL: testDatabase.url };
    const directory = await mkdtemp(join(tmpdir(), 'hexfleet city '));
    const engine = await EngineProcess.start({
      dataDir: directory,
      logFile: join(directory, 'engine.log'),
      freePorts: true,
      // A machine that runs many tests at once is slow in earnest; what follows from that has its own test.
      env: { ...database, JWT_SECRET, OVERLOAD_STEPS: 'off', ...env },
    });
    const city = new TestCity(engine, testDatabase, directory);
    await city.#provision();
    return city;
  }

  /** The engine's database, for looking into it. */
  get database(): TestDatabase['database'] {
    return required(this.#testDatabase, 'the shared database').database;
  }

  get directory(): string {
    return this.#directory;
  }

  get url(): string {
    return this.engine.facts.url;
  }

  get logFile(): string {
    return join(this.#directory, 'engine.log');
  }

  async token(role: Role, subject: string, cityId: string = CITY_ID): Promise<string> {
    return await signToken({ jwtSecret: await this.engine.jwtSecret(), cityId }, role, subject);
  }

  /** Of a customer whose limits are wider. */
  premiumToken(subject: string): Promise<string> {
    const world = { jwtSecret: JWT_SECRET, cityId: CITY_ID };
    return signToken(world, 'customer', subject, { tier: 'premium' });
  }

  shortToken(role: Role, subject: string, validSeconds: number): Promise<string> {
    const world = { jwtSecret: JWT_SECRET, cityId: CITY_ID };
    return signToken(world, role, subject, { validSeconds });
  }

  async api(role: Role, subject: string): Promise<HexfleetApi> {
    return new HexfleetApi({ url: this.url, token: await this.token(role, subject) });
  }

  /** Somebody who has come to the socket and was welcomed. */
  async person(role: Role, subject: string, subprotocol?: Subprotocol): Promise<Person> {
    const token = await this.token(role, subject);
    const person = new Person(this.url, token, subprotocol ?? 'hexfleet.v1.bin');
    this.#people.push(person);
    await person.hears(role === 'restaurant' || role === 'courier' ? 'snapshot' : 'welcome');
    return person;
  }

  /** A courier who is on duty, and whose position the engine knows. */
  async courierAt(courierId: string, place: Place): Promise<Person> {
    const courier = await this.person('courier', courierId);
    await courier.socket.send({ type: 'set_duty', onDuty: true });
    courier.isAt(place);
    return courier;
  }

  /** An order of anna's. */
  async order(request: Partial<PlaceOrder> = {}): Promise<OrderView> {
    const api = await this.api('customer', 'anna');
    return await api.placeOrder({ ...SOUP, ...request }, newId<string>());
  }

  async view(orderId: string): Promise<OrderView> {
    return await (await this.api('operator', 'olga')).order(orderId);
  }

  /** The invariants that do not hold. */
  async broken(): Promise<string[]> {
    const counts = await checkInvariants(this.engine.facts);
    return Object.entries(counts).flatMap(([name, n]) => (n === 0 ? [] : [`${name}: ${n}`]));
  }

  /** Waits until no event is to be told or taken in and no step to be done; timers may yet run out. */
  async quiet(): Promise<void> {
    const client = new Client({
      connectionString: this.engine.facts.databaseUrl,
      connectionTimeoutMillis: QUIET_MS_MAX,
      query_timeout: QUIET_MS_MAX,
    });
    await client.connect();
    try {
      const untilMs = systemClock.monotonicMs() + QUIET_MS_MAX;
      for (;;) {
        const { rows } = await client.query<{ what: string }>(LEFT_TO_DO);
        if (rows.length === 0) return;
        if (systemClock.monotonicMs() > untilMs) {
          throw new Error(`still left: ${rows.map(({ what }) => what).join(', ')}`);
        }
        await sleep(QUIET_POLL_MS);
      }
    } finally {
      await client.end();
    }
  }

  /** How the city finds couriers from now on. By `nearest` offers come at once. */
  async setDispatch(dispatch: DispatchInput): Promise<void> {
    await this.setTerms({ dispatch });
  }

  /** What else holds in the city from now on. */
  async setTerms(terms: Partial<CityInput>): Promise<void> {
    const corner = (lat: number, lng: number): Place => ({ lat, lng });
    const api = await this.api('service', 'setup');
    await api.putCity(CITY_ID, {
      name: 'City',
      currency: 'eur',
      deliveryZone: [
        { outer: [corner(52, 13), corner(53, 13), corner(53, 14), corner(52, 14)], holes: [] },
      ],
      deliveryFeeMinor: 250,
      taxRate: 0.07,
      courierSpeedMps: 5,
      detourFactor: 1.3,
      ...terms,
    });
  }

  /** Everybody goes home; the engine stays. */
  empty(): void {
    for (const person of this.#people.splice(0)) person.socket.close();
  }

  async stop(): Promise<void> {
    this.empty();
    await this.engine.stop();
    await this.#testDatabase?.close();
    await rm(this.#directory, { recursive: true });
  }

  async #provision(): Promise<void> {
    const api = await this.api('service', 'setup');
    await this.setDispatch({ strategy: 'nearest' });
    const menu = [
      { itemId: 'soup', name: 'Soup', priceMinor: 450, available: true },
      { itemId: 'cake', name: 'Cake', priceMinor: 300, available: false },
    ];
    const restaurant = { name: 'Soup House', place: RESTAURANT_PLACE, menu };
    await api.putRestaurant(CITY_ID, 'soup-house', { ...restaurant, open: true });
    await api.putRestaurant(CITY_ID, 'shut', { ...restaurant, open: false });
    for (const courierId of ['near', 'far']) {
      const courier = { name: courierId, vehicle: 'bicycle', capacity: 1 } as const;
      await api.putCourier(CITY_ID, courierId, courier);
    }
  }
}
