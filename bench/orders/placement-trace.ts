import { Database, OrderCore, type CitySettings } from '../../order-core/index.ts';
import type { OrderEvent, PlaceOrder } from '../../protocol/index.ts';
import {
  assert,
  createLogger,
  InProcessBus,
  Metrics,
  readConfig,
  systemClock,
  systemRandom,
  type CityId,
} from '../../runtime/index.ts';
import { CITY, CITY_ID, MENU } from './bench-city.ts';
import { DOOR, somewhere } from './places.ts';

/** What is another in each placement; in a trace's values this text stands for it. */
export const MARKS = { orderId: '{order}', key: '{key}', customerId: '{customer}' } as const;

/** A statement of one placement, in the order in which they are sent. */
export interface TracedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Hears what goes to the database. */
class RecordingDatabase extends Database {
  readonly recorded: TracedStatement[] = [];

  override async query<Row>(
    statement: { readonly name: string; readonly text: string },
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    this.recorded.push({ ...statement, values });
    return await super.query<Row>(statement, values);
  }

  override async transaction(): Promise<never> {
    throw new Error('a placement has become a transaction: the trace must learn to record it');
  }
}

/**
 * The statements of a placement as the order core itself sends them: it places one order, and is
 * listened to. So the peer runs today's statements, whatever they are.
 * @param url of the migrated scratch database; gets the catalogue of the bench's city
 */
export async function tracePlacement(
  url: string,
  restaurants: readonly string[],
): Promise<TracedStatement[]> {
  const log = createLogger('silent');
  const database = new RecordingDatabase({ url, poolSize: 4, log, random: systemRandom });
  try {
    const core = lonelyCore(database);
    await core.catalogue.putCity(CITY_ID, CITY);
    for (const restaurantId of restaurants) {
      const restaurant = { name: restaurantId, place: somewhere(systemRandom), open: true };
      await core.catalogue.putRestaurant(CITY_ID, restaurantId, { ...restaurant, menu: MENU });
    }
    database.recorded.length = 0;
    const placed = await core.placeOrder(requestFor(restaurants[0] ?? ''), {
      actor: { role: 'customer', subject: 'traced-customer', cityId: CITY_ID as CityId },
      idempotencyKey: 'traced-key',
      correlationId: 'bench-bare-sql',
    });
    assert(database.recorded.length > 0, 'a placement speaks to the database');
    return database.recorded.map((statement) => ({
      ...statement,
      values: statement.values.map((value) => marked(value, placed.order.orderId)),
    }));
  } finally {
    await database.close();
  }
}

function requestFor(restaurantId: string): PlaceOrder {
  const items = [
    { itemId: 'dish', quantity: 1 },
    { itemId: 'drink', quantity: 2 },
  ];
  const dropoff = { place: DOOR, address: 'Elm Street 1' };
  return { restaurantId, items, dropoff, paymentToken: 'pm_card_visa', reference: 'bench-1' };
}

function marked(value: unknown, orderId: string): unknown {
  if (Array.isArray(value)) return value.map((part: unknown) => marked(part, orderId));
  if (typeof value !== 'string') return value;
  return value
    .replaceAll(orderId, MARKS.orderId)
    .replaceAll('traced-key', MARKS.key)
    .replaceAll('traced-customer', MARKS.customerId);
}

/** An order core without the rest of the engine; its background work is never started. */
function lonelyCore(database: Database): OrderCore {
  const nothing = (): void => undefined;
  const never = (): never => {
    throw new Error('nobody pays here');
  };
  return new OrderCore({
    config: readConfig({}),
    database,
    repeatable: database,
    bus: new InProcessBus<OrderEvent>(),
    channels: { email: null, webhook: null, sms: null, push: null },
    provider: {
      authorize: never,
      capture: never,
      void: never,
      refund: never,
      ledger: never,
      notice: never,
    },
    presence: { silentMs: () => 0 },
    area: { covers: () => true },
    assigner: { requestCourier: nothing },
    couriers: { courierChanged: nothing },
    cities: { cityChanged: (_city: CitySettings) => undefined },
    clock: systemClock,
    random: systemRandom,
    metrics: new Metrics(false),
    log: createLogger('silent'),
  });
}
