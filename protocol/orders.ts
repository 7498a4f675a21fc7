import { z } from 'zod';
import type { Role } from './actor.ts';
import type { OfferRecord } from './dispatch.ts';
import { ITEMS_PER_ORDER_MAX, QUANTITY_MAX } from './limits.ts';
import { amountMinorSchema, idSchema, placeSchema, textSchema, type Place } from './places.ts';
import type { Position } from './position-frame.ts';

export const orderStateSchema = z.enum([
  'SCHEDULED',
  'PLACED',
  'PAID',
  'CONFIRMED',
  'PREPARING',
  'READY',
  'PICKED_UP',
  'OUT_FOR_DELIVERY',
  'DELIVERED',
  'COMPLETED',
  'CANCELLED',
]);
export type OrderState = z.output<typeof orderStateSchema>;

export const cancelReasonSchema = z.enum([
  'payment_refused',
  'payment_unavailable',
  'restaurant_rejected',
  'restaurant_silent',
  'restaurant_closed',
  'no_courier',
  'customer',
  'operator',
]);
export type CancelReason = z.output<typeof cancelReasonSchema>;

export const paymentStateSchema = z.enum([
  'pending',
  'authorized',
  'refused',
  'captured',
  'voided',
]);
export type PaymentState = z.output<typeof paymentStateSchema>;

/** By the provider, or in cash to the courier at the door. */
export type PaymentMethod = 'card' | 'cash';
/** What a customer sends in place of a card's payment method. */
export const CASH = 'cash';

/** Why an order waits for a person. */
export const attentionSchema = z.enum(['no_courier', 'courier_silent', 'delivery_code']);
export type Attention = z.output<typeof attentionSchema>;

const itemsSchema = z
  .array(z.strictObject({ itemId: idSchema, quantity: z.number().int().min(1).max(QUANTITY_MAX) }))
  .min(1)
  .max(ITEMS_PER_ORDER_MAX)
  .refine((items) => new Set(items.map((i) => i.itemId)).size === items.length, {
    message: 'each item once, with its quantity',
  });
export type WantedItems = z.output<typeof itemsSchema>;
export { itemsSchema };

export const placeOrderSchema = z.strictObject({
  restaurantId: idSchema,
  items: itemsSchema,
  dropoff: z.strictObject({ place: placeSchema, address: textSchema(200) }),
  /**
   * A payment method that the provider gave to the customer's app, such as `pm_card_visa`; or
   * `cash`, paid to the courier at the door.
   */
  paymentToken: z
    .string()
    .max(255)
    .regex(/^(pm_[A-Za-z0-9_]+|cash)$/, 'a payment method such as pm_card_visa, or cash'),
  /** When the food shall be at the door, ms since the Unix epoch; left out: as soon as possible. */
  scheduledForMs: z.number().int().min(0).optional(),
  /** The caller's own name for the order; shown to the restaurant. */
  reference: textSchema(64).optional(),
  /** What the customer was shown; when it differs from the server's total, nothing is ordered. */
  expectedTotalMinor: amountMinorSchema.optional(),
});
export type PlaceOrder = z.output<typeof placeOrderSchema>;

export interface OrderItem {
  readonly itemId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

/** An order as every side sees it; what is private to one side is not in it. */
export interface OrderSummary {
  readonly orderId: string;
  readonly cityId: string;
  readonly customerId: string;
  readonly restaurantId: string;
  readonly restaurantName: string;
  readonly courierId: string | null;
  readonly reference: string | null;
  readonly state: OrderState;
  readonly cancelReason: CancelReason | null;
  /** Sequence of the newest event; grows by one with each. */
  readonly sequence: number;
  readonly items: readonly OrderItem[];
  readonly currency: string;
  readonly subtotalMinor: number;
  readonly deliveryFeeMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly pickup: Place;
  readonly dropoff: { readonly place: Place; readonly address: string };
  readonly placedAtMs: number;
  /** When the customer wants it at the door; null for as soon as possible. */
  readonly scheduledForMs: number | null;
  /** Set while the order waits for a person. */
  readonly attention: Attention | null;
  /** When the restaurant said that the food will be ready; null until it accepts. */
  readonly readyAtMs: number | null;
  readonly correlationId: string;
}

/** Whether its courier has picked it up and not delivered it yet. */
export function hasFood({ state }: Pick<OrderSummary, 'state'>): boolean {
  return state === 'PICKED_UP' || state === 'OUT_FOR_DELIVERY';
}

const stars = z.number().int().min(1).max(5);
export const ratingSchema = z.strictObject({
  courierStars: stars.optional(),
  restaurantStars: stars.optional(),
  comment: textSchema(500).optional(),
});
export type Rating = z.output<typeof ratingSchema>;

/** What a cancellation would give back now, by the city's policy. */
export interface CancellationQuote {
  readonly refundMinor: number;
  /** What the customer pays all the same. */
  readonly feeMinor: number;
  /** Until when this holds, ms since the Unix epoch; null when only events change it. */
  readonly validUntilMs: number | null;
}

/** One of a customer's orders, as a list shows it. */
export interface OrderListEntry {
  readonly orderId: string;
  readonly restaurantId: string;
  readonly restaurantName: string;
  readonly state: OrderState;
  readonly totalMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly placedAtMs: number;
  /** Delivered or cancelled; null before. */
  readonly endedAtMs: number | null;
}

/** A day (UTC, YYYY-MM-DD) of a restaurant. */
export interface RestaurantDay {
  readonly day: string;
  readonly placed: number;
  readonly delivered: number;
  readonly cancelled: number;
  /** Captured less refunded. */
  readonly salesMinor: number;
}

/** A day (UTC, YYYY-MM-DD) of a courier. */
export interface CourierDay {
  readonly day: string;
  readonly delivered: number;
  /** Offers accepted, declined, and left to lapse. */
  readonly accepted: number;
  readonly declined: number;
  readonly lapsed: number;
  /** Customers that gave stars, and their mean; null when there were none. */
  readonly ratings: number;
  readonly rating: number | null;
}

/** An old order as it would be today. */
export interface ReorderProposal {
  readonly restaurantId: string;
  readonly restaurantOpen: boolean;
  /** What can be had, at today's prices: ready to be placed. */
  readonly items: readonly OrderItem[];
  /** What cannot be had any more, and why. */
  readonly unavailable: readonly {
    readonly itemId: string;
    readonly name: string;
    readonly reason: 'not_on_menu' | 'unavailable' | 'out_of_stock';
  }[];
  readonly priceChanges: readonly {
    readonly itemId: string;
    readonly name: string;
    readonly thenMinor: number;
    readonly nowMinor: number;
  }[];
  /** Null when nothing can be had. */
  readonly totalMinor: number | null;
}

export interface TimelineEntry {
  readonly sequence: number;
  readonly type: OrderEventType;
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OrderView extends OrderSummary {
  readonly payment: {
    readonly method: PaymentMethod;
    readonly state: PaymentState;
    readonly authorizedMinor: number;
    readonly capturedMinor: number;
    readonly refundedMinor: number;
  };
  /** Six digits that the customer tells the courier at the door; null for everybody else. */
  readonly deliveryCode: string | null;
  /** The total that a change of items waits for the provider with; null when none does. */
  readonly modifiesToMinor: number | null;
  readonly rating: Rating | null;
  /** Everything that happened to the order, oldest first, without a gap in `sequence`. */
  readonly timeline: readonly TimelineEntry[];
  /** Who was asked to carry it, oldest first, and why; null for all but operators. */
  readonly offers: readonly OfferRecord[] | null;
}

/**
 * The way of an order's courier so far, oldest first, as far as the actor may see it: a customer from
 * the pickup on, a restaurant until then. Empty while there is nothing to see; at most TRACK_POINTS_MAX.
 */
export interface OrderTrack {
  readonly orderId: string;
  readonly courierId: string | null;
  readonly points: readonly Position[];
}

export const orderEventTypeSchema = z.enum([
  'order.scheduled',
  'order.placed',
  'order.payment_held',
  'order.payment_renewed',
  'order.modification_requested',
  'order.modified',
  'order.modification_dropped',
  'order.paid',
  'order.confirmed',
  'order.preparing',
  'order.delayed',
  'order.ready',
  'order.offered',
  'order.offer_declined',
  'order.offer_expired',
  'order.assigned',
  'order.unassigned',
  'order.needs_operator',
  'order.picked_up',
  'order.out_for_delivery',
  'order.delivery_overdue',
  'order.code_refused',
  'order.delivered',
  'order.rated',
  'order.completed',
  'order.cancelled',
  'order.payment_captured',
  'order.payment_voided',
  'order.refund_requested',
  'order.payment_refunded',
]);
export type OrderEventType = z.output<typeof orderEventTypeSchema>;

/**
 * A committed fact on its way from the order core to the gateway and the dispatcher.
 * `order` is the order as it stood when the fact was published, so it may be newer than the fact.
 */
export interface OrderEvent {
  readonly type: OrderEventType;
  readonly sequence: number;
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly order: OrderSummary;
}

const OFFER_EVENTS: ReadonlySet<OrderEventType> = new Set([
  'order.offered',
  'order.offer_declined',
  'order.offer_expired',
]);

/**
 * What a role may see of an event's data. Who was asked before somebody accepted is between dispatch
 * and those couriers.
 */
export function visibleData(
  role: Role,
  type: OrderEventType,
  data: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (role === 'operator' || role === 'service') return data;
  if (OFFER_EVENTS.has(type)) return {};
  const { withdrawnOffer: _hidden, ...visible } = data;
  return visible;
}
