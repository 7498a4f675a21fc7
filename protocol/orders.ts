import { z } from 'zod';
import type { Role } from './actor.ts';
import { ITEMS_PER_ORDER_MAX, QUANTITY_MAX } from './limits.ts';
import { amountMinorSchema, idSchema, placeSchema, textSchema, type Place } from './places.ts';

export const orderStateSchema = z.enum([
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
  'no_courier',
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

export const placeOrderSchema = z.strictObject({
  restaurantId: idSchema,
  items: z
    .array(
      z.strictObject({ itemId: idSchema, quantity: z.number().int().min(1).max(QUANTITY_MAX) }),
    )
    .min(1)
    .max(ITEMS_PER_ORDER_MAX)
    .refine((items) => new Set(items.map((i) => i.itemId)).size === items.length, {
      message: 'each item once, with its quantity',
    }),
  dropoff: z.strictObject({ place: placeSchema, address: textSchema(200) }),
  /** A payment method that the provider gave to the customer's app, such as `pm_card_visa`. */
  paymentToken: z
    .string()
    .max(255)
    .regex(/^pm_[A-Za-z0-9_]+$/, 'a payment method of the provider, such as pm_card_visa'),
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
  /** When the restaurant said that the food will be ready; null until it accepts. */
  readonly readyAtMs: number | null;
  readonly correlationId: string;
}

export interface TimelineEntry {
  readonly sequence: number;
  readonly type: OrderEventType;
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OrderView extends OrderSummary {
  readonly payment: {
    readonly state: PaymentState;
    readonly authorizedMinor: number;
    readonly capturedMinor: number;
  };
  /** Everything that happened to the order, oldest first, without a gap in `sequence`. */
  readonly timeline: readonly TimelineEntry[];
}

export const orderEventTypeSchema = z.enum([
  'order.placed',
  'order.paid',
  'order.confirmed',
  'order.preparing',
  'order.ready',
  'order.offered',
  'order.offer_declined',
  'order.offer_expired',
  'order.assigned',
  'order.picked_up',
  'order.out_for_delivery',
  'order.delivery_overdue',
  'order.delivered',
  'order.completed',
  'order.cancelled',
  'order.payment_captured',
  'order.payment_voided',
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
