import { z } from 'zod';
import { assert } from '../runtime/index.ts';
import { PREPARATION_SECONDS_MAX, REQUEST_ID_LENGTH_MAX, TOKEN_LENGTH_MAX } from './limits.ts';
import { areaSchema } from './live-map.ts';
import { itemsSchema, ratingSchema } from './orders.ts';
import { amountMinorSchema, idSchema, placeSchema, textSchema } from './places.ts';
import { topicPositionSchema } from './recovery.ts';

/**
 * What clients say on the WebSocket, as JSON text (and couriers as binary fix frames, see
 * fix-frame.ts); what the server says is in server-messages.ts. Every command carries a `requestId` of
 * the client's choice, and is answered once by `ok` or `error` with the same id.
 */
export const SUBPROTOCOLS = ['hexfleet.v1.bin', 'hexfleet.v1.json'] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];

const requestId = z.string().min(1).max(REQUEST_ID_LENGTH_MAX);
const orderId = z.uuid();

/** @param what it does, for the documents */
const command = <Type extends string, Shape extends z.core.$ZodLooseShape>(
  type: Type,
  what: string,
  shape: Shape,
) => z.strictObject({ type: z.literal(type), requestId, ...shape }).describe(what);
const why = textSchema(200).describe('Why, when it is out of the ordinary; kept with the event.');

export const rejectReasonSchema = z.enum(['too_busy', 'out_of_stock', 'closing', 'other']);
export type RejectReason = z.output<typeof rejectReasonSchema>;

/**
 * Commands about an order; each is one transaction of the order core. The same go over REST:
 * `POST /v1/orders/ID/commands`, without `requestId` and `orderId`.
 */
export const orderCommandSchemas = [
  command('accept_order', 'The restaurant will cook it.', {
    orderId,
    preparationSeconds: z
      .number()
      .int()
      .min(0)
      .max(PREPARATION_SECONDS_MAX)
      .describe('City seconds from now until the food is ready.'),
  }),
  command('reject_order', 'The restaurant will not cook it; nothing is charged.', {
    orderId,
    reason: rejectReasonSchema,
  }),
  command('start_preparation', 'The kitchen begins: items change no more.', { orderId }),
  command('delay_order', 'The food is ready later than it was said.', {
    orderId,
    bySeconds: z.number().int().min(1).max(PREPARATION_SECONDS_MAX).describe('City seconds.'),
    why: why.optional(),
  }),
  command('mark_ready', 'The food can be picked up.', { orderId }),
  command('accept_offer', 'The courier will carry it.', { orderId, offerId: z.uuid() }),
  command('decline_offer', 'The courier will not; somebody else is asked.', {
    orderId,
    offerId: z.uuid(),
  }),
  command('pick_up', 'The courier has the food: the money is taken.', { orderId }),
  command('depart', 'The courier sets out for the door.', { orderId }),
  command('deliver', 'The customer has the food.', {
    orderId,
    code: z
      .string()
      .regex(/^\d{6}$/, 'six digits')
      .optional()
      .describe('What the customer says, where the city asks for it.'),
  }),
  command('modify_order', "Replaces the items, until the kitchen begins; at today's prices.", {
    orderId,
    items: itemsSchema,
    expectedTotalMinor: amountMinorSchema
      .optional()
      .describe("When it differs from the server's total, nothing changes."),
  }),
  command('cancel_order', "By the customer, before pickup, as the city's policy says.", {
    orderId,
    expectedRefundMinor: amountMinorSchema
      .optional()
      .describe('What the customer was shown; when it differs by now, nothing happens.'),
  }),
  command('rate_order', 'After the delivery, once.', { orderId, ...ratingSchema.shape }),
  command('assign_courier', 'Before pickup; also from one courier to another.', {
    orderId,
    courierId: idSchema,
    why,
  }),
  command('unassign_courier', 'Before pickup: the order waits for another courier.', {
    orderId,
    why,
  }),
  command('operator_cancel', 'Before pickup: gives back everything, or so much.', {
    orderId,
    why,
    refundMinor: amountMinorSchema.optional(),
  }),
  command('confirm_delivery', 'When the courier cannot: the code was lost, the app broke.', {
    orderId,
    why,
  }),
  command('refund_order', 'After the money was taken.', {
    orderId,
    amountMinor: amountMinorSchema.min(1),
    why,
  }),
] as const;

/** What a restaurant says about itself; the same go to `POST /v1/restaurants/ID/commands`. */
export const shopCommandSchemas = [
  command('set_item', 'Whether an item can be had, and how many portions.', {
    itemId: idSchema,
    available: z.boolean().optional(),
    stock: z
      .number()
      .int()
      .min(0)
      .max(100_000)
      .nullable()
      .optional()
      .describe('Portions that are left; null when nobody counts.'),
  }),
  command('pause_orders', 'The restaurant takes no orders for so long.', {
    forSeconds: z.number().int().min(1).max(86_400),
  }),
  command('resume_orders', 'The restaurant takes orders again.', {}),
] as const;

/** What only the socket has: being there, listening, and where a courier is. */
const socketMessageSchemas = [
  command(
    'set_duty',
    'Whether the courier works: it may be asked to carry orders, and its fixes are taken. Off duty they ' +
      'are taken only while it carries something.',
    {
      onDuty: z.boolean(),
      untilMs: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe('When the courier will stop: from then on it is asked for nothing new.'),
    },
  ),
  command(
    'subscribe',
    'Listens to `order:ID`: a snapshot, then its events and positions. With `since` only what was ' +
      'missed is told (`recovered`) while the engine remembers it. A topic that is listened to ' +
      'already begins anew.',
    { topic: z.string().max(100), since: topicPositionSchema.optional() },
  ),
  command('unsubscribe', 'Listens no more.', { topic: z.string().max(100) }),
  command(
    'ping',
    'Is somebody there? For apps, which do not see the pings of the WebSocket itself.',
    {},
  ),
  command(
    'refresh',
    'A newer token of the same subject: the session goes on until that one expires.',
    { token: z.string().min(1).max(TOKEN_LENGTH_MAX) },
  ),
  command(
    'watch_area',
    'From now on `couriers_moved` tells of this area of the city, in place of the one before; null: ' +
      'of none. What came until `ok` is of the area before.',
    { area: areaSchema.nullable() },
  ),
  command('fix', 'One fix as JSON, for clients that cannot send binary frames.', {
    fix: z.strictObject({
      ...placeSchema.shape,
      sequence: z.number().int().min(0).max(0xffff_ffff),
      atMs: z.number().int().min(0),
      speedMps: z.number().min(0).max(655),
      headingDegrees: z.number().min(0).max(360),
      accuracyMeters: z.number().min(0).max(255),
    }),
  }),
] as const;

export const clientMessageSchemas = [
  ...orderCommandSchemas,
  ...shopCommandSchemas,
  ...socketMessageSchemas,
] as const;

export const clientMessageSchema = z.discriminatedUnion('type', [...clientMessageSchemas]);
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
type AnyCommand = z.ZodObject<{ type: z.ZodLiteral<string>; requestId: z.ZodType }>;
type WithoutOrderId<Command> = Command extends unknown ? Omit<Command, 'orderId'> : never;

/** A command about the order that the path names. */
export type OrderCommandBody = WithoutOrderId<OrderCommand>;

/** The same commands where there is a path and an answer: without what these say. */
function bodySchemas(
  schemas: readonly unknown[],
  leftOut: Readonly<Record<string, true>>,
): readonly [z.ZodObject, ...z.ZodObject[]] {
  const [first, ...others] = (schemas as readonly AnyCommand[]).map((schema) =>
    schema.omit(leftOut as { requestId: true }).describe(schema.description ?? ''),
  );
  assert(first !== undefined, 'there are commands');
  return [first, ...others];
}

/** The body of `POST /v1/orders/ID/commands`: the path says which order. */
export const orderCommandBodySchema = z.discriminatedUnion(
  'type',
  bodySchemas(orderCommandSchemas, { requestId: true, orderId: true }),
) as unknown as z.ZodType<OrderCommandBody>;
/** The body of `POST /v1/restaurants/ID/commands`. */
export const shopCommandBodySchema = z.discriminatedUnion(
  'type',
  bodySchemas(shopCommandSchemas, { requestId: true }),
) as unknown as z.ZodType<ShopCommand>;

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
