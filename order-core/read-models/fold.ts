import type { OrderEventType, OrderState } from '../../protocol/index.ts';

/** An event with what never changes about its order; `data` in its newest version. */
export interface StoredEvent {
  readonly cityId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly restaurantId: string;
  readonly sequence: number;
  readonly type: OrderEventType;
  readonly data: Readonly<Record<string, unknown>>;
  /** ms since the Unix epoch. */
  readonly atMs: number;
  /** UTC, YYYY-MM-DD. */
  readonly day: string;
  readonly deliveryFeeMinor: number;
  /** From the restaurant to the door. */
  readonly carriedMeters: number;
}

/** What a list of events does to the read models. Sums are added, the rest is set. */
export interface Deltas {
  readonly orders: readonly OrderDelta[];
  readonly restaurantDays: readonly RestaurantDayDelta[];
  readonly courierDays: readonly CourierDayDelta[];
}

export interface OrderDelta {
  cityId: string;
  orderId: string;
  customerId: string;
  restaurantId: string;
  /** Null: as it was. */
  courierId: string | null;
  courierChanged: boolean;
  state: OrderState | null;
  totalMinor: number | null;
  capturedMinor: number;
  refundedMinor: number;
  /** Of the first event among these. */
  firstAtMs: number;
  endedAtMs: number | null;
  sequence: number;
}

interface RestaurantDayDelta {
  cityId: string;
  restaurantId: string;
  day: string;
  placed: number;
  delivered: number;
  cancelled: number;
  salesMinor: number;
}

interface CourierDayDelta {
  cityId: string;
  courierId: string;
  day: string;
  delivered: number;
  accepted: number;
  declined: number;
  lapsed: number;
  ratings: number;
  stars: number;
  feesMinor: number;
  carriedMeters: number;
}

const STATE_AFTER: Readonly<Partial<Record<OrderEventType, OrderState>>> = {
  'order.scheduled': 'SCHEDULED',
  'order.placed': 'PLACED',
  'order.paid': 'PAID',
  'order.confirmed': 'CONFIRMED',
  'order.preparing': 'PREPARING',
  'order.ready': 'READY',
  'order.picked_up': 'PICKED_UP',
  'order.out_for_delivery': 'OUT_FOR_DELIVERY',
  'order.delivered': 'DELIVERED',
  'order.completed': 'COMPLETED',
  'order.cancelled': 'CANCELLED',
};

const ABOUT_COURIERS: ReadonlySet<OrderEventType> = new Set([
  'order.assigned',
  'order.offer_declined',
  'order.offer_expired',
  'order.delivered',
  'order.rated',
]);

/**
 * Events to what they change: pure, and the same for live events and for a rebuild from zero.
 * @param events of each order in their sequence; orders may be mixed
 */
export function foldEvents(events: readonly StoredEvent[]): Deltas {
  const orders = new Map<string, OrderDelta>();
  const restaurantDays = new Map<string, RestaurantDayDelta>();
  const courierDays = new Map<string, CourierDayDelta>();
  for (const event of events) {
    foldOrder(orderDelta(orders, event), event);
    foldRestaurant(restaurantDelta(restaurantDays, event), event);
    const courier = courierDelta(courierDays, event);
    if (courier !== null) foldCourier(courier, event);
  }
  return {
    orders: [...orders.values()],
    restaurantDays: [...restaurantDays.values()],
    courierDays: [...courierDays.values()],
  };
}

function foldOrder(delta: OrderDelta, event: StoredEvent): void {
  const { type, data, atMs } = event;
  delta.sequence = event.sequence;
  delta.state = STATE_AFTER[type] ?? delta.state;
  if (type === 'order.scheduled' || type === 'order.placed' || type === 'order.modified') {
    delta.totalMinor = amountIn(data, 'totalMinor') ?? delta.totalMinor;
  }
  if (type === 'order.assigned' || type === 'order.unassigned') {
    delta.courierId = type === 'order.assigned' ? textIn(data, 'courierId') : null;
    delta.courierChanged = true;
  }
  delta.capturedMinor += capturedBy(event);
  delta.refundedMinor += refundedBy(event);
  if (type === 'order.delivered' || type === 'order.cancelled') delta.endedAtMs = atMs;
}

function foldRestaurant(delta: RestaurantDayDelta, event: StoredEvent): void {
  if (event.type === 'order.placed') delta.placed += 1;
  if (event.type === 'order.delivered') delta.delivered += 1;
  if (event.type === 'order.cancelled') delta.cancelled += 1;
  delta.salesMinor += capturedBy(event) - refundedBy(event);
}

function foldCourier(delta: CourierDayDelta, event: StoredEvent): void {
  const { type, data } = event;
  if (type === 'order.delivered') {
    delta.delivered += 1;
    delta.feesMinor += event.deliveryFeeMinor;
    delta.carriedMeters += event.carriedMeters;
  }
  // Whom an operator binds was not asked.
  if (type === 'order.assigned' && data['why'] === undefined) delta.accepted += 1;
  if (type === 'order.rated') {
    const stars = amountIn(data, 'courierStars');
    delta.ratings += stars === null ? 0 : 1;
    delta.stars += stars ?? 0;
  }
  if (type === 'order.offer_declined') delta.declined += 1;
  if (type === 'order.offer_expired') delta.lapsed += 1;
}

function capturedBy({ type, data }: StoredEvent): number {
  return type === 'order.payment_captured' ? (amountIn(data, 'capturedMinor') ?? 0) : 0;
}

function refundedBy({ type, data }: StoredEvent): number {
  return type === 'order.payment_refunded' ? (amountIn(data, 'refundedMinor') ?? 0) : 0;
}

function orderDelta(deltas: Map<string, OrderDelta>, event: StoredEvent): OrderDelta {
  const { cityId, orderId, customerId, restaurantId } = event;
  return entry(deltas, `${cityId}/${orderId}`, {
    cityId,
    orderId,
    customerId,
    restaurantId,
    courierId: null,
    courierChanged: false,
    state: null,
    totalMinor: null,
    capturedMinor: 0,
    refundedMinor: 0,
    firstAtMs: event.atMs,
    endedAtMs: null,
    sequence: event.sequence,
  });
}

function restaurantDelta(deltas: Map<string, RestaurantDayDelta>, event: StoredEvent) {
  const { cityId, restaurantId, day } = event;
  const zero = { cityId, restaurantId, day, placed: 0, delivered: 0, cancelled: 0, salesMinor: 0 };
  return entry(deltas, `${cityId}/${restaurantId}/${day}`, zero);
}

/** Null for an event that is not about a courier's work. */
function courierDelta(deltas: Map<string, CourierDayDelta>, event: StoredEvent) {
  const { cityId, day, type, data } = event;
  const courierId = textIn(data, 'courierId');
  if (!ABOUT_COURIERS.has(type) || courierId === null) return null;
  const offers = { accepted: 0, declined: 0, lapsed: 0 };
  const work = { delivered: 0, feesMinor: 0, carriedMeters: 0 };
  const zero = { cityId, courierId, day, ...work, ...offers, ratings: 0, stars: 0 };
  return entry(deltas, `${cityId}/${courierId}/${day}`, zero);
}

function entry<Value>(map: Map<string, Value>, key: string, zero: Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  map.set(key, zero);
  return zero;
}

function amountIn(data: StoredEvent['data'], name: string): number | null {
  const value = data[name];
  return typeof value === 'number' ? value : null;
}

function textIn(data: StoredEvent['data'], name: string): string | null {
  const value = data[name];
  return typeof value === 'string' ? value : null;
}
