import { z } from 'zod';
import type { CourierEvent } from './courier-events.ts';
import { PREPARATION_SECONDS_MAX, REQUEST_ID_LENGTH_MAX, TOKEN_LENGTH_MAX } from './limits.ts';
import { areaSchema, type CouriersMoved } from './live-map.ts';
import {
  itemsSchema,
  ratingSchema,
  type OrderEventType,
  type OrderState,
  type OrderSummary,
  type OrderView,
} from './orders.ts';
import { amountMinorSchema, idSchema, placeSchema, textSchema, type Place } from './places.ts';
import type { LocationUpdate } from './position-frame.ts';
import { topicPositionSchema, type TopicPosition, type UnsubscribeReason } from './recovery.ts';

/**
 * Messages of the WebSocket, both ways. Clients send JSON text (and couriers binary fix frames, see
 * fix-frame.ts); the server answers in the sub-protocol's encoding. Every command carries a
 * `requestId` of the client's choice, and is answered once by `ok` or `error` with the same id.
 */
export const SUBPROTOCOLS = ['hexfleet.v1.bin', 'hexfleet.v1.json'] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];

const requestId = z.string().min(1).max(REQUEST_ID_LENGTH_MAX);
const orderId = z.uuid();

const command = <Type extends string, Shape extends z.core.$ZodLooseShape>(
  type: Type,
  shape: Shape,
) => z.strictObject({ type: z.literal(type), requestId, ...shape });
/** Why somebody did something that is out of the ordinary; kept with the event. */
const why = textSchema(200);

export const rejectReasonSchema = z.enum(['too_busy', 'out_of_stock', 'closing', 'other']);
export type RejectReason = z.output<typeof rejectReasonSchema>;

/**
 * Commands about an order; each is one transaction of the order core. The same go over REST:
 * `POST /v1/orders/ID/commands`, without `requestId` and `orderId`.
 */
export const orderCommandSchemas = [
  command('accept_order', {
    orderId,
    /** City seconds from now until the food is ready. */
    preparationSeconds: z.number().int().min(0).max(PREPARATION_SECONDS_MAX),
  }),
  command('reject_order', { orderId, reason: rejectReasonSchema }),
  command('start_preparation', { orderId }),
  /** The food is ready so much later, city seconds. */
  command('delay_order', {
    orderId,
    bySeconds: z.number().int().min(1).max(PREPARATION_SECONDS_MAX),
    why: why.optional(),
  }),
  command('mark_ready', { orderId }),
  command('accept_offer', { orderId, offerId: z.uuid() }),
  command('decline_offer', { orderId, offerId: z.uuid() }),
  command('pick_up', { orderId }),
  command('depart', { orderId }),
  /** With the code that the customer says, where the city asks for one. */
  command('deliver', {
    orderId,
    code: z
      .string()
      .regex(/^\d{6}$/, 'six digits')
      .optional(),
  }),
  /** Replaces the items; the prices are today's. */
  command('modify_order', {
    orderId,
    items: itemsSchema,
    /** What the customer was shown; when it differs from the server's total, nothing changes. */
    expectedTotalMinor: amountMinorSchema.optional(),
  }),
  /** By the customer, as the city's policy says. */
  command('cancel_order', {
    orderId,
    /** What the customer was shown; when it differs by now, nothing happens. */
    expectedRefundMinor: amountMinorSchema.optional(),
  }),
  command('rate_order', { orderId, ...ratingSchema.shape }),
  /** Before pickup also from one courier to another. */
  command('assign_courier', { orderId, courierId: idSchema, why }),
  /** Before pickup: the order waits for another courier. */
  command('unassign_courier', { orderId, why }),
  /** By an operator, before pickup: gives back everything, or so much. */
  command('operator_cancel', { orderId, why, refundMinor: amountMinorSchema.optional() }),
  /** By an operator, when the courier cannot: the code was lost, the app broke. */
  command('confirm_delivery', { orderId, why }),
  /** By an operator, after the money was taken. */
  command('refund_order', { orderId, amountMinor: amountMinorSchema.min(1), why }),
] as const;

/** What a restaurant says about itself; the same go to `POST /v1/restaurants/ID/commands`. */
export const shopCommandSchemas = [
  command('set_item', {
    itemId: idSchema,
    available: z.boolean().optional(),
    /** Portions that are left; null when nobody counts. */
    stock: z.number().int().min(0).max(100_000).nullable().optional(),
  }),
  command('pause_orders', { forSeconds: z.number().int().min(1).max(86_400) }),
  command('resume_orders', {}),
] as const;

export const clientMessageSchema = z.discriminatedUnion('type', [
  ...orderCommandSchemas,
  ...shopCommandSchemas,
  command('set_duty', {
    onDuty: z.boolean(),
    /** When the courier will stop, ms since the Unix epoch: from then on it is asked for nothing new. */
    untilMs: z.number().int().min(0).optional(),
  }),
  /**
   * Also to a topic that is listened to already: it begins anew. With `since` only what was missed is
   * told (`recovered`) while the engine remembers it; else the topic begins with a `snapshot`.
   */
  command('subscribe', { topic: z.string().max(100), since: topicPositionSchema.optional() }),
  command('unsubscribe', { topic: z.string().max(100) }),
  /** Is somebody there? For apps, which do not see the pings of the WebSocket itself. */
  command('ping', {}),
  /** A newer token of the same subject: the session goes on until that one expires. */
  command('refresh', { token: z.string().min(1).max(TOKEN_LENGTH_MAX) }),
  /**
   * By an operator: from now on `couriers_moved` tells of this area of the city, in place of the one
   * before; null: of none. What came until `ok` is of the area before.
   */
  command('watch_area', { area: areaSchema.nullable() }),
  /** One fix as JSON, for clients that cannot send binary frames. Fields as in fix-frame.ts. */
  command('fix', {
    fix: z.strictObject({
      ...placeSchema.shape,
      sequence: z.number().int().min(0).max(0xffff_ffff),
      atMs: z.number().int().min(0),
      speedMps: z.number().min(0).max(655),
      headingDegrees: z.number().min(0).max(360),
      accuracyMeters: z.number().min(0).max(255),
    }),
  }),
]);
export type ClientMessage = z.output<typeof clientMessageSchema>;

const orderCommandSchema = z.discriminatedUnion('type', [...orderCommandSchemas]);
type WithoutRequestId<Command> = Command extends unknown ? Omit<Command, 'requestId'> : never;
/** An order command as the order core takes it: what the client said, without its request id. */
export type OrderCommand = WithoutRequestId<z.output<typeof orderCommandSchema>>;
export type OrderCommandType = OrderCommand['type'];

const shopCommandSchema = z.discriminatedUnion('type', [...shopCommandSchemas]);
/** A restaurant's command about itself. */
export type ShopCommand = WithoutRequestId<z.output<typeof shopCommandSchema>>;

/** What all command schemas have in common: fields that can be left out. */
type AnyCommand = z.ZodObject<{ requestId: z.ZodType; orderId: z.ZodType }>;
type WithoutOrderId<Command> = Command extends unknown ? Omit<Command, 'orderId'> : never;

/** A command about the order that the path names. */
export type OrderCommandBody = WithoutOrderId<OrderCommand>;

/** The body of `POST /v1/orders/ID/commands`: the path says which order. */
export const orderCommandBodySchema = z.union(
  (orderCommandSchemas as readonly unknown[] as readonly AnyCommand[]).map((schema) =>
    schema.omit({ requestId: true, orderId: true }),
  ),
) as unknown as z.ZodType<OrderCommandBody>;
/** The body of `POST /v1/restaurants/ID/commands`. */
export const shopCommandBodySchema = z.union(
  (shopCommandSchemas as readonly unknown[] as readonly AnyCommand[]).map((schema) =>
    schema.omit({ requestId: true }),
  ),
) as unknown as z.ZodType<ShopCommand>;

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** An offer as the courier sees it. */
export interface OfferView {
  readonly offerId: string;
  readonly orderId: string;
  readonly restaurantName: string;
  readonly pickup: Place;
  readonly dropoff: Place;
  readonly readyAtMs: number | null;
  /** By the database's clock. */
  readonly expiresAtMs: number;
}

export type ServerMessage =
  | {
      readonly type: 'welcome';
      readonly role: string;
      readonly subject: string;
      readonly cityId: string;
      /** What the times of fixes are compared with; a device whose clock is off adds the difference. */
      readonly serverTimeMs: number;
      /** City seconds per second of the clock; 1 but in simulations. */
      readonly timeScale: number;
    }
  | { readonly type: 'ok'; readonly requestId: string; readonly order?: OrderSummary }
  | { readonly type: 'error'; readonly requestId: string | null; readonly error: WireError }
  /** The state of a topic when the subscription began; events that follow come on top of it. */
  | {
      readonly type: 'snapshot';
      readonly topic: string;
      readonly orders: readonly (OrderSummary | OrderView)[];
      readonly offers: readonly OfferView[];
      /** Only on a courier's own topic. */
      readonly onDuty?: boolean;
      /** The next event has a higher offset. */
      readonly position: TopicPosition;
    }
  /** In place of a snapshot: so many events follow that came after the position that was named. */
  | {
      readonly type: 'recovered';
      readonly topic: string;
      readonly epoch: string;
      readonly missed: number;
      /** Only on a courier's own topic. */
      readonly onDuty?: boolean;
    }
  /** This topic is told no more. */
  | {
      readonly type: 'unsubscribed';
      readonly topic: string;
      readonly reason: UnsubscribeReason;
    }
  | {
      readonly type: 'order_event';
      readonly topic: string;
      /** Among the events of this topic. */
      readonly offset: number;
      readonly event: OrderEventType;
      readonly orderId: string;
      readonly sequence: number;
      readonly state: OrderState;
      readonly atMs: number;
      readonly data: Readonly<Record<string, unknown>>;
      readonly order: OrderSummary;
    }
  | {
      readonly type: 'offer';
      readonly topic: string;
      readonly offset: number;
      readonly offer: OfferView;
    }
  | {
      readonly type: 'offer_closed';
      readonly topic: string;
      readonly offset: number;
      readonly offerId: string;
      readonly orderId: string;
      readonly outcome: 'accepted' | 'declined' | 'expired' | 'withdrawn';
    }
  | {
      /** To those who watch the order, and its restaurant; sent when it differs by half a minute. */
      readonly type: 'eta_update';
      readonly orderId: string;
      /** When the courier will have the food, ms since the Unix epoch; null: it has it. */
      readonly pickupAtMs: number | null;
      /** When it will be at the door; null: what was told before holds no more, and nothing is known. */
      readonly dropoffAtMs: number | null;
      /** As dispatch means it while nobody carries the order; then by where its courier is. */
      readonly by: 'plan' | 'courier';
    }
  /** The token is about to expire, and the socket closes then (4401), unless `refresh` comes before. */
  | { readonly type: 'token_expires'; readonly atMs: number }
  /** The engine stops, the socket closes soon (1001): connect again after so long, not before. */
  | { readonly type: 'going_away'; readonly reconnectInMs: number }
  | LocationUpdate
  | CouriersMoved
  | CourierEvent
  /**
   * To a courier that sends frames: every fix up to this sequence was looked at, and is taken or
   * refused for good; the app may forget it. Not for each frame: after some tens of fixes, or seconds.
   */
  | { readonly type: 'fixes_ack'; readonly sequence: number };

/** `order:ID`, `restaurant:ID`, `courier:ID`; anything else is no topic. */
export interface Topic {
  readonly kind: 'order' | 'restaurant' | 'courier';
  readonly id: string;
}

/** @returns null when `text` does not follow the grammar; the caller answers as for 'not there' */
export function parseTopic(text: string): Topic | null {
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  const id = text.slice(colon + 1);
  if (kind !== 'order' && kind !== 'restaurant' && kind !== 'courier') return null;
  return idSchema.safeParse(id).success ? { kind, id } : null;
}
