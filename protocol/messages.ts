import { z } from 'zod';
import { PREPARATION_SECONDS_MAX } from './limits.ts';
import type { OrderEventType, OrderState, OrderSummary, OrderView } from './orders.ts';
import { idSchema, placeSchema, type Place } from './places.ts';

/**
 * Messages of the WebSocket, both ways. Clients send JSON text (and couriers binary fix frames, see
 * fix-frame.ts); the server answers in the sub-protocol's encoding. Every command carries a
 * `requestId` of the client's choice, and is answered once by `ok` or `error` with the same id.
 */
export const SUBPROTOCOLS = ['hexfleet.v1.bin', 'hexfleet.v1.json'] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];

const requestId = z.string().min(1).max(36);
const orderId = z.uuid();

const command = <Type extends string, Shape extends z.core.$ZodLooseShape>(
  type: Type,
  shape: Shape,
) => z.strictObject({ type: z.literal(type), requestId, ...shape });

export const rejectReasonSchema = z.enum(['too_busy', 'out_of_stock', 'closing', 'other']);
export type RejectReason = z.output<typeof rejectReasonSchema>;

/** Commands that move an order; each is one transaction of the order core. */
export const orderCommandSchemas = [
  command('accept_order', {
    orderId,
    /** City seconds from now until the food is ready. */
    preparationSeconds: z.number().int().min(0).max(PREPARATION_SECONDS_MAX),
  }),
  command('reject_order', { orderId, reason: rejectReasonSchema }),
  command('start_preparation', { orderId }),
  command('mark_ready', { orderId }),
  command('accept_offer', { orderId, offerId: z.uuid() }),
  command('decline_offer', { orderId, offerId: z.uuid() }),
  command('pick_up', { orderId }),
  command('depart', { orderId }),
  command('deliver', { orderId }),
] as const;

export const clientMessageSchema = z.discriminatedUnion('type', [
  ...orderCommandSchemas,
  command('set_duty', { onDuty: z.boolean() }),
  command('subscribe', { topic: z.string().max(100) }),
  command('unsubscribe', { topic: z.string().max(100) }),
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
    }
  | {
      readonly type: 'order_event';
      readonly topic: string;
      readonly event: OrderEventType;
      readonly orderId: string;
      readonly sequence: number;
      readonly state: OrderState;
      readonly atMs: number;
      readonly data: Readonly<Record<string, unknown>>;
      readonly order: OrderSummary;
    }
  | { readonly type: 'offer'; readonly offer: OfferView }
  | {
      readonly type: 'offer_closed';
      readonly offerId: string;
      readonly orderId: string;
      readonly outcome: 'accepted' | 'declined' | 'expired' | 'withdrawn';
    }
  | {
      readonly type: 'location_update';
      readonly orderId: string;
      readonly courierId: string;
      readonly lat: number;
      readonly lng: number;
      readonly headingDegrees: number;
      readonly speedMps: number;
      /** When the courier's device took the fix. */
      readonly atMs: number;
      /** City seconds until the order is at the door, by the city's travel model. */
      readonly etaSeconds: number;
    };

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
