import { z } from 'zod';
import type { Role } from './actor.ts';
import { offerRecordSchema } from './dispatch.ts';
import type { Immutable } from './immutable.ts';
import { ITEMS_PER_ORDER_MAX, QUANTITY_MAX, TRACK_POINTS_MAX } from './limits.ts';
import { amountMinorSchema, idSchema, placeSchema, textSchema, timeMsSchema } from './places.ts';
import { positionSchema } from './positions.ts';

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

const paymentMethodSchema = z
  .enum(['card', 'cash'])
  .describe('By the provider, or in cash to the courier at the door.');
export type PaymentMethod = z.output<typeof paymentMethodSchema>;
/** What a customer sends in place of a card's payment method. */
export const CASH = 'cash';

export const attentionSchema = z
  .enum(['no_courier', 'courier_silent', 'delivery_code'])
  .describe('Why the order waits for a person.');
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
  paymentToken: z
    .string()
    .max(255)
    .regex(/^(pm_[A-Za-z0-9_]+|cash)$/, 'a payment method such as pm_card_visa, or cash')
    .describe(
      "A payment method that the provider gave to the customer's app, such as `pm_card_visa`; or " +
        '`cash`, paid to the courier at the door.',
    ),
  scheduledForMs: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('When the food shall be at the door; left out: as soon as possible.'),
  reference: textSchema(64)
    .optional()
    .describe("The caller's own name for the order; shown to the restaurant."),
  expectedTotalMinor: amountMinorSchema
    .optional()
    .describe("When it differs from the server's total, nothing is ordered."),
});
export type PlaceOrder = z.output<typeof placeOrderSchema>;

const orderItemSchema = z.object({
  itemId: z.string(),
  name: z.string(),
  quantity: z.number().int(),
  unitPriceMinor: z.number().int(),
});
export type OrderItem = Immutable<z.output<typeof orderItemSchema>>;

export const orderSummarySchema = z
  .object({
    orderId: z.uuid(),
    cityId: z.string(),
    customerId: z.string(),
    restaurantId: z.string(),
    restaurantName: z.string(),
    courierId: z.string().nullable(),
    reference: z.string().nullable(),
    state: orderStateSchema,
    cancelReason: cancelReasonSchema.nullable(),
    sequence: z.number().int().describe('Of the newest event; grows by one with each.'),
    items: z.array(orderItemSchema),
    currency: z.string(),
    subtotalMinor: z.number().int(),
    deliveryFeeMinor: z.number().int(),
    taxMinor: z.number().int(),
    totalMinor: z.number().int(),
    pickup: placeSchema,
    dropoff: z.object({ place: placeSchema, address: z.string() }),
    placedAtMs: timeMsSchema,
    scheduledForMs: timeMsSchema
      .nullable()
      .describe('When the customer wants it at the door; null: as soon as possible.'),
    attention: attentionSchema.nullable().describe('Set while the order waits for a person.'),
    readyAtMs: timeMsSchema
      .nullable()
      .describe('When the restaurant said the food will be ready; null until it accepts.'),
    correlationId: z.string(),
  })
  .describe('An order as every side sees it; what is private to one side is not in it.');
export type OrderSummary = Immutable<z.output<typeof orderSummarySchema>>;

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

export const cancellationQuoteSchema = z
  .object({
    refundMinor: z.number().int(),
    feeMinor: z.number().int().describe('What the customer pays all the same.'),
    validUntilMs: timeMsSchema
      .nullable()
      .describe('Until when this holds; null when only events change it.'),
  })
  .describe("What a cancellation would give back now, by the city's policy.");
export type CancellationQuote = Immutable<z.output<typeof cancellationQuoteSchema>>;

export const orderListEntrySchema = z
  .object({
    orderId: z.uuid(),
    restaurantId: z.string(),
    restaurantName: z.string(),
    state: orderStateSchema,
    totalMinor: z.number().int(),
    capturedMinor: z.number().int(),
    refundedMinor: z.number().int(),
    placedAtMs: timeMsSchema,
    endedAtMs: timeMsSchema.nullable().describe('Delivered or cancelled; null before.'),
  })
  .describe("One of a customer's orders, as a list shows it.");
export type OrderListEntry = Immutable<z.output<typeof orderListEntrySchema>>;

const day = z.string().describe('UTC, YYYY-MM-DD.');

export const restaurantDaySchema = z
  .object({
    day,
    placed: z.number().int(),
    delivered: z.number().int(),
    cancelled: z.number().int(),
    salesMinor: z.number().int().describe('Captured less refunded.'),
  })
  .describe('A day of a restaurant.');
export type RestaurantDay = Immutable<z.output<typeof restaurantDaySchema>>;

export const courierDaySchema = z
  .object({
    day,
    delivered: z.number().int(),
    accepted: z.number().int().describe('Offers.'),
    declined: z.number().int().describe('Offers.'),
    lapsed: z.number().int().describe('Offers that were left to lapse.'),
    ratings: z.number().int().describe('Customers that gave stars.'),
    rating: z.number().nullable().describe('Their mean; null when there were none.'),
    feesMinor: z
      .number()
      .int()
      .describe('What customers paid for the delivery of what was delivered.'),
    carriedMeters: z
      .number()
      .int()
      .describe('Of what was delivered, from the restaurants to the doors, by air.'),
  })
  .describe('A day of a courier.');
export type CourierDay = Immutable<z.output<typeof courierDaySchema>>;

export const reorderProposalSchema = z
  .object({
    restaurantId: z.string(),
    restaurantOpen: z.boolean(),
    items: z
      .array(orderItemSchema)
      .describe("What can be had, at today's prices: ready to be placed."),
    unavailable: z.array(
      z.object({
        itemId: z.string(),
        name: z.string(),
        reason: z.enum(['not_on_menu', 'unavailable', 'out_of_stock']),
      }),
    ),
    priceChanges: z.array(
      z.object({
        itemId: z.string(),
        name: z.string(),
        thenMinor: z.number().int(),
        nowMinor: z.number().int(),
      }),
    ),
    totalMinor: z.number().int().nullable().describe('Null when nothing can be had.'),
  })
  .describe('An old order as it would be today.');
export type ReorderProposal = Immutable<z.output<typeof reorderProposalSchema>>;

export const eventDataSchema = z
  .record(z.string(), z.unknown())
  .describe('Facts of the event, as far as the reader may know them.');

export const timelineEntrySchema = z.object({
  sequence: z.number().int(),
  type: orderEventTypeSchema,
  atMs: timeMsSchema,
  data: eventDataSchema,
});
export type TimelineEntry = Immutable<z.output<typeof timelineEntrySchema>>;

export const orderViewSchema = orderSummarySchema
  .extend({
    payment: z.object({
      method: paymentMethodSchema,
      state: paymentStateSchema,
      authorizedMinor: z.number().int(),
      capturedMinor: z.number().int(),
      refundedMinor: z.number().int(),
    }),
    deliveryCode: z
      .string()
      .nullable()
      .describe('Six digits that the customer tells the courier; null for everybody else.'),
    modifiesToMinor: z
      .number()
      .int()
      .nullable()
      .describe('The total that a change of items waits for the provider with; null: none does.'),
    rating: ratingSchema.nullable(),
    timeline: z
      .array(timelineEntrySchema)
      .describe('Everything that happened, oldest first, without a gap in `sequence`.'),
    offers: z
      .array(offerRecordSchema)
      .nullable()
      .describe('Who was asked to carry it, oldest first; null for all but operators.'),
  })
  .describe('An order with its money and its story.');
export type OrderView = Immutable<z.output<typeof orderViewSchema>>;

export const orderTrackSchema = z
  .object({
    orderId: z.uuid(),
    courierId: z.string().nullable(),
    points: z
      .array(positionSchema)
      .describe(`Oldest first; at most ${TRACK_POINTS_MAX}, empty while there is nothing to see.`),
  })
  .describe(
    "The way of an order's courier so far, as far as the reader may see it: a customer from the " +
      'pickup on, a restaurant until then.',
  );
export type OrderTrack = Immutable<z.output<typeof orderTrackSchema>>;

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
