import type { Demand, LiveCity } from '../geo/index.ts';
import type {
  Actor,
  CancellationQuote,
  CityInput,
  CityOrdersQuery,
  CityView,
  CourierDay,
  CourierInput,
  DeliveryRecord,
  DemoPeople,
  Fix,
  NotificationPreferences,
  NotificationPreferencesView,
  OfferView,
  OrderCommand,
  OrderListEntry,
  OrderSummary,
  OrderTrack,
  OrderView,
  PlaceOrder,
  ReorderProposal,
  RestaurantDay,
  RestaurantInput,
  RestaurantView,
  Revocation,
  ShopCommand,
  Vehicle,
  WebhookEndpoint,
} from '../protocol/index.ts';

/**
 * What the gateway needs from the rest of the engine. `engine.ts` joins these to the order core and
 * the live cities; the gateway knows neither. Every method may fail with an AppError whose code and
 * status go to the client as they are.
 */
export interface OrderDesk {
  /**
   * Resolves only after the order is durable. `replayed` when this key had placed this order before.
   * Errors: order core's registry, among them `restaurant_closed`, `outside_delivery_zone`.
   */
  placeOrder(
    request: PlaceOrder,
    context: { actor: Actor; idempotencyKey: string; correlationId: string },
  ): Promise<{ order: OrderView; replayed: boolean }>;

  /** Errors: `not_found`, also when the order is not the actor's. */
  viewOrder(orderId: string, actor: Actor): Promise<OrderView>;

  /** The way of its courier so far, as far as the actor may see it. Errors: as `viewOrder`. */
  orderTrack(orderId: string, actor: Actor): Promise<OrderTrack>;

  /** Where orders of the city wait for a courier; bounded. */
  waitingDemand(cityId: string): Promise<readonly Demand[]>;

  /**
   * One command, one transaction; the order after it. With a key it is carried out once, however often
   * it is sent. Errors: `not_found`, `state_conflict`, ...
   */
  execute(
    command: OrderCommand,
    actor: Actor,
    how: { readonly causation: string; readonly idempotencyKey?: string },
  ): Promise<OrderSummary>;
  /** What a restaurant says about itself. Errors: `not_found`. */
  executeShop(command: ShopCommand, actor: Actor): Promise<void>;
  /** Errors: `not_found`, `state_conflict` when it can no longer be cancelled. */
  cancellationQuote(orderId: string, actor: Actor): Promise<CancellationQuote>;
  /** Errors: `not_found`. */
  reorderProposal(orderId: string, actor: Actor): Promise<ReorderProposal>;
  /** The customer's own orders, newest first. */
  orderList(actor: Actor): Promise<readonly OrderListEntry[]>;
  /** Newest first. */
  restaurantDays(cityId: string, restaurantId: string): Promise<readonly RestaurantDay[]>;
  courierDays(cityId: string, courierId: string): Promise<readonly CourierDay[]>;
  /** A page of the city's live orders, oldest first. */
  cityOrders(cityId: string, query: CityOrdersQuery): Promise<readonly OrderSummary[]>;
  /** What waits for an operator, oldest first. */
  attentionOrders(actor: Actor): Promise<readonly OrderSummary[]>;
  /** A webhook of the payment provider, as it came. Errors: `webhook_refused`. */
  takeWebhook(body: Buffer, signature: string): Promise<void>;

  /** What a restaurant still has to do something about, oldest first. */
  restaurantOrders(actor: Actor): Promise<readonly OrderSummary[]>;

  /** What a courier carries or is offered, and whether dispatch may offer more. */
  courierWork(actor: Actor): Promise<{
    vehicle: Vehicle;
    onDuty: boolean;
    /** When it will go off duty, ms since the Unix epoch; null: it did not say. */
    shiftEndsAtMs: number | null;
    available: boolean;
    orders: readonly OrderSummary[];
    offers: readonly OfferView[];
  }>;

  /** Errors: `not_found` for a courier that was never provisioned. */
  setDuty(
    actor: Actor,
    duty: { readonly onDuty: boolean; readonly untilMs?: number | undefined },
  ): Promise<void>;

  /** Every order that a courier is bound to now, in all cities: the gateway tracks these. */
  carriedOrders(): Promise<readonly OrderSummary[]>;
}

export interface Catalogue {
  putCity(cityId: string, input: CityInput): Promise<void>;
  putRestaurant(cityId: string, restaurantId: string, input: RestaurantInput): Promise<void>;
  putCourier(cityId: string, courierId: string, input: CourierInput): Promise<void>;
  /** Errors: `not_found`. */
  city(cityId: string): Promise<CityView>;
  /** Some of whom there is, for trying things out; bounded. */
  samplePeople(): Promise<DemoPeople>;
  /** Ordered by id. */
  restaurants(cityId: string): Promise<readonly RestaurantView[]>;
  /** Errors: `not_found`. */
  restaurant(cityId: string, restaurantId: string): Promise<RestaurantView>;
}

/** What people and programs say about being told outside of the app; each the actor's own. */
export interface NotificationDesk {
  preferences(actor: Actor): Promise<NotificationPreferencesView>;
  putPreferences(actor: Actor, preferences: NotificationPreferences): Promise<void>;
  /** Errors: `not_found`. */
  webhookEndpoint(actor: Actor): Promise<WebhookEndpoint>;
  /** Resolves with the new secret, shown this once. Errors: `webhook_target_refused`. */
  putWebhookEndpoint(actor: Actor, endpoint: WebhookEndpoint): Promise<{ readonly secret: string }>;
  deleteWebhookEndpoint(actor: Actor): Promise<void>;
  /** The city's newest, or everything of one order. */
  deliveryLog(cityId: string, orderId: string | null): Promise<readonly DeliveryRecord[]>;
}

export interface LiveCities {
  /** Null for a city that was never provisioned. */
  city(cityId: string): LiveCity | null;
}

/** Takes fixes for history; bounded, never waits, drops the oldest when the database is slow. */
export interface FixHistory {
  append(cityId: string, courierId: string, fix: Readonly<Fix>): void;
}

/** How far the parts behind the gateway are behind with what they have to do. */
export interface Strain {
  /** How long the longest waiting caller has waited for a connection to the database. */
  readonly poolWaitMs: number;
  /** How long the oldest event has waited to be told. */
  readonly outboxLagMs: number;
}

/** What was revoked, over restarts. */
export interface RevocationStore {
  /** Durable when it resolves. */
  add(revocation: Revocation): Promise<void>;
  /** Those that have not ended. */
  live(): Promise<readonly Revocation[]>;
}

/** One part of the engine that may be down, for `/health/ready`. */
export interface HealthCheck {
  readonly name: string;
  /** Resolves when the part works; rejects with the reason when it does not. */
  check(): Promise<void>;
}
