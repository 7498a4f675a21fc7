import { createHash } from 'node:crypto';
import {
  type Actor,
  type CancellationQuote,
  type CityOrdersQuery,
  type CourierDay,
  type OfferView,
  type OfferWhy,
  type OrderCommand,
  type OrderEvent,
  type OrderListEntry,
  type OrderSummary,
  type OrderTrack,
  type OrderView,
  protocolErrors,
  type ReorderProposal,
  type RestaurantDay,
  type ShopCommand,
  type Vehicle,
} from '../protocol/index.ts';
import {
  crashPoint,
  newId,
  TimeScale,
  type Bus,
  type Clock,
  type Config,
  type Logger,
  type Metrics,
  type OfferId,
  type Random,
} from '../runtime/index.ts';
import { Catalogue } from './catalogue/catalogue.ts';
import { executeShopCommand } from './catalogue/shop.ts';
import { TravelProfiles } from './catalogue/travel-profiles.ts';
import { decisionOf, type PricedCommand } from './commands/command-table.ts';
import type { Patience } from './commands/decision.ts';
import { offerCourier } from './commands/offer-courier.ts';
import { courierLoads, type CourierFacts } from './couriers/courier-facts.ts';
import * as couriers from './couriers/couriers.ts';
import type { Database } from './database/pool.ts';
import { healthChecks, type CoreHealthCheck } from './health.ts';
import { FixHistory } from './history/fix-history.ts';
import { TRACK_FIXES_MAX, trackOf, trackRange } from './history/order-track.ts';
import { Lookout, type Work } from './lookout.ts';
import type { Change } from './model/change.ts';
import type { Order } from './model/order.ts';
import { assertMayFollow } from './model/transitions.ts';
import { cancellationQuote } from './model/pricing.ts';
import type { CommandKey } from './orders/decided.ts';
import { isOvertaken, OrderWriter } from './orders/order-writer.ts';
import { Placements, type Placement } from './orders/place-order.ts';
import { OrderViews } from './orders/order-views.ts';
import * as reading from './orders/read-orders.ts';
import { proposeReorder, readPrices } from './orders/reorder.ts';
import { waitingDemand, type WaitingDemand } from './orders/waiting-demand.ts';
import { waitingOrders, type WaitingOrder } from './orders/waiting-orders.ts';
import {
  Notifications,
  type NotificationChannels,
  type NotificationDesk,
} from './notifications/index.ts';
import type { InboxConsumer } from './outbox/inbox-consumer.ts';
import { Relay } from './outbox/relay.ts';
import type {
  CityBoard,
  CourierAssigner,
  CourierBoard,
  CourierPresence,
  PaymentProvider,
  ServiceArea,
} from './ports.ts';
import { WebhookDesk } from './payments/webhook-desk.ts';
import { projector } from './read-models/projector.ts';
import * as readModels from './read-models/read.ts';
import { Janitor } from './retention/janitor.ts';
import { RevocationStore } from './sessions/revocation-store.ts';
import { StepRunner, type LeasedStep } from './saga/step-runner.ts';
import { TimerSweeper } from './timers/sweeper.ts';

export interface OrderCoreDeps {
  readonly config: Config;
  readonly database: Database;
  /**
   * The same database, for what is done again when it is lost: telling events, read models, leases of
   * steps, history.
   */
  readonly repeatable: Database;
  readonly bus: Bus<OrderEvent>;
  readonly provider: PaymentProvider;
  readonly channels: NotificationChannels;
  readonly area: ServiceArea;
  readonly assigner: CourierAssigner;
  readonly couriers: CourierBoard;
  readonly presence: CourierPresence;
  readonly cities: CityBoard;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * Orders, their money, and what couriers and restaurants do to them; plus the background work that
 * keeps every promise: relay, read models, notifications, saga steps, timers,
 * history.
 *
 * | state   | entered when | left when | what then holds                                       |
 * | ------- | ------------ | --------- | ----------------------------------------------------- |
 * | made    | constructor  | `start()` | answers commands; nothing moves by itself              |
 * | running | `start()`    | `stop()`  | relay, read models, notifications, steps, timers and history run |
 * | stopped | `stop()`     | never     | no background work; all that was accepted is durable   |
 */
export class OrderCore {
  readonly catalogue: Catalogue;
  readonly travelProfiles: TravelProfiles;
  readonly history: FixHistory;
  readonly notifications: NotificationDesk;
  readonly revocations: RevocationStore;
  readonly health: readonly CoreHealthCheck[];
  readonly #deps: OrderCoreDeps;
  readonly #patience: Patience;
  readonly #writer: OrderWriter;
  readonly #views: OrderViews;
  readonly #placements: Placements;
  readonly #relay: Relay;
  readonly #projector: InboxConsumer;
  readonly #teller: Notifications;
  readonly #steps: StepRunner;
  readonly #lookout: Lookout;
  readonly #timers: TimerSweeper;
  readonly #webhooks: WebhookDesk;
  readonly #janitor: Janitor;
  readonly #placed: ReturnType<Metrics['counter']>;

  constructor(deps: OrderCoreDeps) {
    const { database, repeatable, bus, metrics, log, config, provider, random } = deps;
    this.#deps = deps;
    this.#patience = patienceOf(config);
    this.catalogue = new Catalogue(database, deps.cities);
    this.travelProfiles = new TravelProfiles(deps.repeatable);
    this.revocations = new RevocationStore(database);
    this.health = healthChecks(database);
    this.history = new FixHistory({ database: repeatable, metrics, log });
    const transitions = metrics.counter('hexfleet_order_events_total', 'Events of orders', [
      'type',
    ]);
    this.#placed = metrics.counter('hexfleet_orders_placed_total', 'Orders acknowledged', []);
    this.#views = new OrderViews((which) => reading.readView(database, which), deps.clock);
    bus.subscribe(({ order }) => this.#views.forget(order.cityId, order.orderId));
    this.#writer = new OrderWriter({
      database,
      patience: this.#patience,
      couriers: deps.couriers,
      random,
      log,
      leaseMs: () => this.#steps.leaseMs(),
      tried: ({ cityId, orderId }) => this.#views.forget(cityId, orderId),
      committed: (order, change, leased) => {
        for (const event of change.events) transitions.inc({ type: event.type });
        this.#wake(order, change, leased);
      },
    });
    this.#placements = new Placements(database, this.#views, {
      area: deps.area,
      patience: this.#patience,
      random,
      leaseMs: () => this.#steps.leaseMs(),
    });
    const writer = this.#writer;
    this.#projector = projector({ database: repeatable, metrics, log });
    const { timeScale } = this.#patience;
    this.#teller = new Notifications({ ...deps, timeScale });
    this.notifications = this.#teller.desk;
    this.#relay = new Relay({
      database: repeatable,
      bus,
      handed: () => {
        this.#projector.wake();
        this.#teller.wake();
      },
      clock: deps.clock,
      metrics,
      log,
    });
    this.#steps = new StepRunner({ ...deps, writer });
    this.#lookout = new Lookout({ database: repeatable, found: (work) => this.#found(work), log });
    this.#timers = new TimerSweeper({
      database,
      writer,
      presence: deps.presence,
      timeScale,
      metrics,
      log,
    });
    this.#janitor = new Janitor({
      database: repeatable,
      keyDays: config.KEEP_KEYS_DAYS,
      notificationDays: config.KEEP_NOTIFICATIONS_DAYS,
      fixDays: config.KEEP_FIXES_DAYS,
      metrics,
      log,
    });
    this.#webhooks = new WebhookDesk({ database: repeatable, writer, provider, metrics, log });
  }

  /** No other engine may work on this database. */
  async start(): Promise<void> {
    this.#relay.start();
    this.#projector.start();
    this.#timers.start();
    this.history.start();
    this.#janitor.start();
    await this.#teller.start();
    await this.#steps.start();
    this.#lookout.start();
  }

  /** Ends the background work after what is in hand; the rest is durable and goes on later. */
  async stop(): Promise<void> {
    await this.#lookout.stop();
    await Promise.all([this.#timers.stop(), this.#steps.stop(), this.#janitor.stop()]);
    await this.#relay.stop();
    await Promise.all([this.#projector.stop(), this.#teller.stop()]);
    await this.history.stop();
  }

  /** How far the database is behind. */
  strain(): { readonly poolWaitMs: number; readonly outboxLagMs: number } {
    return {
      poolWaitMs: this.#deps.database.longestWaitMs(),
      outboxLagMs: this.#relay.lagMs(),
    };
  }

  /** See `orders/place-order.ts` for what is checked and which errors there are. */
  async placeOrder(
    request: Placement['request'],
    context: Omit<Placement, 'request'>,
  ): Promise<{ order: OrderView; replayed: boolean }> {
    const placed = await this.#placements.place({ request, ...context });
    if (!placed.replayed) {
      crashPoint('order-stored');
      const { orderId, cityId, correlationId, totalMinor } = placed.order;
      this.#deps.log.info({ orderId, correlationId, totalMinor }, 'order.placed');
      this.#placed.inc();
      this.#relay.wake();
      const step = { city_id: cityId, order_id: orderId, step: 'authorize_payment', number: 1 };
      if (placed.leased) this.#steps.take(step as LeasedStep);
      else this.#steps.wake();
    }
    return { order: placed.order, replayed: placed.replayed };
  }

  /**
   * Carries out a command about an order; with a key, once.
   * @param how.causation the client's own name for it, kept with the events
   * @throws AppError what the command's rule says: `not_found`, `state_conflict`, `offer_gone`, ...
   */
  async execute(
    command: OrderCommand,
    actor: Actor,
    how: { readonly causation?: string; readonly idempotencyKey?: string } = {},
  ): Promise<OrderSummary> {
    const { cityId } = actor;
    const { orderId } = command;
    const { causation = null, idempotencyKey } = how;
    const key = idempotencyKey === undefined ? {} : { key: keyOf(command, idempotencyKey) };
    const priced = await this.#priced(command, cityId);
    const occasion = { cityId, orderId, actor, causation, ...key };
    return await this.#writer.change(occasion, decisionOf(priced), priced);
  }

  /** @throws AppError `not_found` when the restaurant, or its item, does not exist */
  async executeShop(command: ShopCommand, actor: Actor): Promise<void> {
    const { timeScale } = this.#patience;
    await executeShopCommand(this.#deps.database, timeScale, command, actor);
    this.#deps.log.info({ restaurantId: actor.subject, ...command }, 'restaurant.changed');
  }

  /** What a webhook of the payment provider says. @throws AppError `webhook_refused` */
  async takeWebhook(body: Buffer, signature: string): Promise<void> {
    await this.#webhooks.take(body, signature);
  }

  /**
   * What cancelling now would give back.
   * @throws AppError `not_found`, `state_conflict` when it can no longer be cancelled
   */
  async cancellationQuote(orderId: string, actor: Actor): Promise<CancellationQuote> {
    const order = await this.#writer.load(actor.cityId, orderId);
    if (order.customerId !== actor.subject) {
      throw protocolErrors.make('not_found', { details: { orderId } });
    }
    assertMayFollow(order.state, 'CANCELLED');
    return cancellationQuote(order, (seconds) => this.#patience.timeScale.wallMs(seconds));
  }

  async reorderProposal(orderId: string, actor: Actor): Promise<ReorderProposal> {
    return await proposeReorder(this.#deps.database, orderId, actor);
  }

  /** The customer's own orders, newest first. */
  async orderList(actor: Actor): Promise<readonly OrderListEntry[]> {
    return await readModels.orderList(this.#deps.database, actor);
  }

  async restaurantDays(cityId: string, id: string): Promise<readonly RestaurantDay[]> {
    return await readModels.restaurantDays(this.#deps.database, cityId, id);
  }

  async courierDays(cityId: string, id: string): Promise<readonly CourierDay[]> {
    return await readModels.courierDays(this.#deps.database, cityId, id);
  }

  /** What waits for an operator. */
  async cityOrders(cityId: string, query: CityOrdersQuery): Promise<readonly OrderSummary[]> {
    return await reading.cityOrders(this.#deps.repeatable, cityId, query);
  }

  async attentionOrders(actor: Actor): Promise<readonly OrderSummary[]> {
    return await reading.attentionOrders(this.#deps.database, actor);
  }

  async viewOrder(orderId: string, actor: Actor): Promise<OrderView> {
    return await this.#views.view(orderId, actor);
  }

  /**
   * The way of the order's courier so far; fixes of the last second may be missing.
   * @throws AppError `not_found`, also for an order that is somebody else's
   */
  async orderTrack(orderId: string, actor: Actor): Promise<OrderTrack> {
    const order = await this.viewOrder(orderId, actor);
    const range = trackRange(order, actor.role, this.#deps.clock.nowMs());
    if (range === null) return trackOf(order, []);
    return trackOf(order, await this.history.fixesOf(range, TRACK_FIXES_MAX));
  }

  async restaurantOrders(actor: Actor): Promise<readonly OrderSummary[]> {
    return await reading.restaurantOrders(this.#deps.database, actor);
  }

  async carriedOrders(): Promise<readonly OrderSummary[]> {
    return await reading.carriedOrders(this.#deps.database);
  }

  async courierWork(actor: Actor): Promise<{
    vehicle: Vehicle;
    onDuty: boolean;
    shiftEndsAtMs: number | null;
    available: boolean;
    orders: readonly OrderSummary[];
    offers: readonly OfferView[];
  }> {
    const { database } = this.#deps;
    const courier = await couriers.courierOf(database, actor);
    const work = await reading.courierOrders(database, actor);
    const { vehicle, onDuty, shiftEndsAtMs } = courier;
    const available = couriers.isAvailable(courier);
    return { vehicle, onDuty, shiftEndsAtMs, available, ...work };
  }

  /** From `untilMs` on the courier is asked for nothing new; what it carries it carries on. */
  async setDuty(actor: Actor, duty: couriers.Duty): Promise<void> {
    const courier = await couriers.setDuty(this.#deps.database, actor, duty);
    const { courierId, onDuty, shiftEndsAtMs } = courier;
    this.#deps.couriers.courierChanged(actor.cityId, courierId, couriers.isAvailable(courier));
    this.#deps.log.info({ courierId, onDuty, shiftEndsAtMs }, 'courier.duty_changed');
  }

  async waitingOrders(
    cityId: string,
    page: { readonly skip: number; readonly limit: number },
  ): Promise<readonly WaitingOrder[]> {
    const { timeScale } = this.#patience;
    return await waitingOrders(this.#deps.database, timeScale, cityId, page);
  }

  /** Where orders wait for couriers. */
  async waitingDemand(cityId: string): Promise<readonly WaitingDemand[]> {
    return await waitingDemand(this.#deps.database, cityId);
  }

  async courierLoads(
    cityId: string,
    courierIds: readonly string[],
  ): Promise<readonly CourierFacts[]> {
    return await courierLoads(this.#deps.database, cityId, courierIds);
  }

  async couriersOnDuty(cityId: string): Promise<readonly couriers.CourierRecord[]> {
    return await couriers.couriersOnDuty(this.#deps.database, cityId);
  }

  /** Reserves a courier for an order and asks it; one transaction, both sides version-checked. */
  async reserve(reservation: {
    cityId: string;
    orderId: string;
    courierId: string;
    courierVersion: number;
    why?: OfferWhy;
  }): Promise<'reserved' | 'courier_taken' | 'order_taken'> {
    const { cityId, orderId, courierId, courierVersion, why = null } = reservation;
    const command = { offerId: newId<OfferId>(), courierId, courierVersion, why };
    const actor = { engine: 'dispatch' };
    const occasion = { cityId, orderId, actor, causation: 'dispatch' };
    try {
      await this.#writer.change(occasion, offerCourier, command);
      return 'reserved';
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      return error.code === 'courier_taken' ? 'courier_taken' : 'order_taken';
    }
  }

  /** With the prices that a change of items is decided by. */
  async #priced(command: OrderCommand, cityId: string): Promise<PricedCommand> {
    if (command.type !== 'modify_order') return command;
    const { orderId, items } = command;
    const itemIds = items.map(({ itemId }) => itemId);
    const prices = await readPrices(this.#deps.database, { cityId, orderId }, itemIds);
    return { ...command, prices };
  }

  /** What nudges have missed, and what has become due. */
  #found(work: Work): void {
    if (work.outbox) this.#relay.wake();
    else this.#relay.isEmpty();
    if (work.readModels) this.#projector.wake();
    if (work.notifications) this.#teller.wake();
    if (work.outgoing) this.#teller.wakeSender();
    if (work.steps) this.#steps.wake();
  }

  #wake({ cityId, orderId }: Order, change: Change, leased: boolean): void {
    if (change.events.length > 0) this.#relay.wake();
    if (change.courierSearch === 'waiting') this.#deps.assigner.requestCourier(cityId);
    if (change.steps === undefined) return;
    if (!leased) return this.#steps.wake();
    for (const step of change.steps) {
      this.#steps.take({ city_id: cityId, order_id: orderId, ...step });
    }
  }
}

function keyOf(command: OrderCommand, key: string): CommandKey {
  return { key, hash: createHash('sha256').update(JSON.stringify(command)).digest() };
}

function patienceOf(config: Config): Patience {
  return {
    timeScale: new TimeScale(config.TIME_SCALE),
    restaurantAnswerSeconds: config.RESTAURANT_ANSWER_SECONDS,
    offerSeconds: config.OFFER_SECONDS,
    courierSearchSeconds: config.COURIER_SEARCH_SECONDS,
    manualQueueSeconds: config.MANUAL_QUEUE_SECONDS,
    courierSilenceSeconds: config.COURIER_SILENCE_SECONDS,
    paymentDeadlineSeconds: config.PAYMENT_DEADLINE_SECONDS,
  };
}
