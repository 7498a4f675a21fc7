import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { createTestDatabase } from '../testing/index.ts';
import {
  type Actor,
  type OrderEvent,
  type OrderEventType,
  type OrderView,
  type PlaceOrder,
} from '../protocol/index.ts';
import {
  createLogger,
  InProcessBus,
  Metrics,
  newId,
  readConfig,
  systemClock,
  type Clock,
  systemRandom,
  type CityId,
} from '../runtime/index.ts';
import { OrderCore } from './core.ts';
import { orderErrors } from './errors.ts';
import { checkInvariants } from './invariants.ts';
import { WebhookChannel, type NotificationChannels } from './notifications/index.ts';
import type { CitySettings, LedgerEntry, PaymentProvider } from './ports.ts';

/**
 * An order core on a real database, with a bank account in memory in place of the provider's
 * process, and a city of one restaurant and a few couriers.
 */
export async function startTestCore(
  env: Record<string, string> = {},
  clock: Clock = systemClock,
  channels: Partial<NotificationChannels> = {},
) {
  const config = readConfig(env);
  const testDatabase = await createTestDatabase();
  const { database } = testDatabase;
  const bank = new Bank();
  const bus = new InProcessBus<OrderEvent>();
  const published: OrderEvent[] = [];
  const presence = { silentMs: 0 };
  const cities: CitySettings[] = [];
  const couriers = new Map<string, boolean>();
  const heard = new EventEmitter();
  heard.setMaxListeners(1_000);
  bus.subscribe((event) => {
    published.push(event);
    heard.emit('event');
  });
  const core = new OrderCore({
    config,
    database,
    repeatable: database,
    bus,
    provider: bank,
    channels: {
      email: null,
      webhook: new WebhookChannel({ clock, allowed: config.WEBHOOK_ALLOWED_HOSTS ?? [] }),
      sms: null,
      push: null,
      ...channels,
    },
    clock,
    random: systemRandom,
    area: { covers: (_cityId, place) => place.lat > 52 && place.lat < 53 },
    assigner: { requestCourier: () => undefined },
    couriers: { courierChanged: (_city, id, available) => couriers.set(id, available) },
    presence: { silentMs: () => presence.silentMs },
    cities: { cityChanged: (city) => cities.push(city) },
    metrics: new Metrics(false),
    log: createLogger('silent'),
  });
  await provision(core);
  await core.start();
  return {
    core,
    bank,
    database,
    published,
    presence,
    /** What the board was told of cities, and last of each courier's availability. */
    cities,
    couriers,
    async event(orderId: string, type: OrderEventType): Promise<OrderEvent> {
      for (;;) {
        const found = published.find((e) => e.order.orderId === orderId && e.type === type);
        if (found !== undefined) return found;
        await once(heard, 'event');
      }
    },
    async broken() {
      return (await checkInvariants(database, bank)).filter(({ violations }) => violations > 0);
    },
    async stop(): Promise<void> {
      await core.stop();
      await testDatabase.close();
    },
  };
}

export type TestCore = Awaited<ReturnType<typeof startTestCore>>;

async function provision(core: OrderCore): Promise<void> {
  const outer = [
    { lat: 52, lng: 13 },
    { lat: 53, lng: 13 },
    { lat: 53, lng: 14 },
  ];
  await core.catalogue.putCity('c1', {
    name: 'City',
    currency: 'eur',
    deliveryZone: [{ outer, holes: [] }],
    deliveryFeeMinor: 200,
    taxRate: 0.1,
    courierSpeedMps: 5,
    detourFactor: 1.3,
  });
  const menu = [
    { itemId: 'soup', name: 'Soup', priceMinor: 500, available: true },
    { itemId: 'cake', name: 'Cake', priceMinor: 300, available: false },
  ];
  const restaurant = { name: 'Soup House', place: { lat: 52.5, lng: 13.4 }, menu };
  await core.catalogue.putRestaurant('c1', 'r1', { ...restaurant, open: true });
  await core.catalogue.putRestaurant('c1', 'shut', { ...restaurant, open: false });
  for (const courierId of ['k1', 'k2']) {
    const courier = { name: courierId, vehicle: 'bicycle', capacity: 1 } as const;
    await core.catalogue.putCourier('c1', courierId, courier);
    await core.setDuty(actor('courier', courierId), { onDuty: true });
  }
}

export function actor(role: Actor['role'], subject: string): Actor {
  return { role, subject, cityId: 'c1' as CityId };
}

const SOUP: PlaceOrder = {
  restaurantId: 'r1',
  items: [{ itemId: 'soup', quantity: 2 }],
  dropoff: { place: { lat: 52.51, lng: 13.41 }, address: 'Elm Street 1' },
  paymentToken: 'pm_card_visa',
};

export async function place(
  { core }: TestCore,
  request: Partial<PlaceOrder> = {},
  key: string = newId<string>(),
): Promise<{ order: OrderView; replayed: boolean }> {
  return await core.placeOrder(
    { ...SOUP, ...request },
    { actor: actor('customer', 'anna'), idempotencyKey: key, correlationId: 'corr-1' },
  );
}

/** Reserves the courier for the order at the courier's newest version, as dispatch would. */
export async function offerTo({ core }: TestCore, orderId: string, courierId: string) {
  const [load] = await core.courierLoads('c1', [courierId]);
  const courierVersion = load?.version ?? -1;
  return await core.reserve({ cityId: 'c1', orderId, courierId, courierVersion });
}

interface Held {
  readonly orderId: string;
  readonly intentId: string;
  held: number;
  taken: number;
  returned: number;
}

/** Each call waits for `gate`; refuses the card `pm_refused`; can be told to fail. */
class Bank implements PaymentProvider {
  readonly #held = new Map<string, Held>();
  readonly #refunds = new Map<string, string>();
  calls = 0;
  /** The next so many calls do what they are asked, and then lose the answer. */
  lostAnswers = 0;
  /** The next so many calls find that the provider is left alone. */
  pauses = 0;
  gate: Promise<void> = Promise.resolve();
  /** Captures are refused for good. */
  refuses = false;

  async authorize(
    order: Parameters<PaymentProvider['authorize']>[0],
    { generation, amountMinor }: Parameters<PaymentProvider['authorize']>[1],
    paymentToken: string,
  ): ReturnType<PaymentProvider['authorize']> {
    await this.#answer();
    if (paymentToken === 'pm_refused') return { outcome: 'refused', reason: 'card_declined' };
    const { orderId } = order;
    const intentId = `pi_${orderId}_${generation}`;
    // One key, one payment: asking again after a lost answer changes nothing.
    if (!this.#held.has(intentId)) {
      this.#held.set(intentId, { orderId, intentId, held: amountMinor, taken: 0, returned: 0 });
    }
    this.#maybeLose();
    return { outcome: 'authorized', intentId };
  }

  async capture(_ref: unknown, intentId: string, amountMinor: number): Promise<void> {
    await this.#answer();
    if (this.refuses) throw orderErrors.make('state_conflict');
    const payment = this.#held.get(intentId);
    if (payment !== undefined) Object.assign(payment, { held: 0, taken: amountMinor });
    this.#maybeLose();
  }

  async void(_ref: unknown, intentId: string): Promise<void> {
    await this.#answer();
    const payment = this.#held.get(intentId);
    if (payment !== undefined) payment.held = 0;
    this.#maybeLose();
  }

  async refund(
    { orderId }: { orderId: string },
    intentId: string,
    { number, amountMinor }: { number: number; amountMinor: number },
  ): Promise<{ refundId: string }> {
    await this.#answer();
    const key = `${orderId}:${number}`;
    const payment = this.#held.get(intentId);
    if (payment !== undefined && !this.#refunds.has(key)) payment.returned += amountMinor;
    this.#refunds.set(key, `re_${key}`);
    this.#maybeLose();
    return { refundId: `re_${key}` };
  }

  notice(): never {
    throw orderErrors.make('webhook_refused');
  }

  // oxlint-disable-next-line typescript/require-await -- the port is asynchronous
  async *ledger(): AsyncIterable<LedgerEntry> {
    for (const { orderId, intentId, held, taken, returned } of this.#held.values()) {
      const amounts = { authorizedMinor: held, capturedMinor: taken, refundedMinor: returned };
      yield { intentId, orderId, live: held > 0, ...amounts };
    }
  }

  async #answer(): Promise<void> {
    this.calls += 1;
    await this.gate;
    if (this.pauses === 0) return;
    this.pauses -= 1;
    throw orderErrors.make('payment_provider_paused', { retryAfterMs: 5 });
  }

  #maybeLose(): void {
    if (this.lostAnswers === 0) return;
    this.lostAnswers -= 1;
    throw orderErrors.make('payment_provider_failed', { details: { operation: 'lost' } });
  }
}
