import { z } from 'zod';
import { roleSchema } from './actor.ts';
import { courierEventSchema } from './courier-events.ts';
import type { Immutable } from './immutable.ts';
import { couriersMovedSchema } from './live-map.ts';
import {
  eventDataSchema,
  orderEventTypeSchema,
  orderStateSchema,
  orderSummarySchema,
  orderViewSchema,
} from './orders.ts';
import { placeSchema, timeMsSchema } from './places.ts';
import { locationUpdateSchema } from './positions.ts';
import { epochSchema, topicPositionSchema, unsubscribeReasonSchema } from './recovery.ts';

/**
 * What the server says on the WebSocket, in the sub-protocol's encoding. The schemas are for types,
 * documents and tests: no message is ever checked on its way out. Fields may be added, so clients
 * ignore those that they do not know, and messages of a type that they do not know.
 */

export const wireErrorSchema = z.object({
  code: z.string().describe('What went wrong, for programs: see the error codes.'),
  message: z.string().describe('The same for people; may change.'),
  details: z.record(z.string(), z.unknown()).describe('Facts, by the code.'),
  retryAfterMs: z
    .number()
    .optional()
    .describe('When the same may be asked again; over REST it stands in `Retry-After` too.'),
});
export type WireError = Immutable<z.output<typeof wireErrorSchema>>;

export const offerViewSchema = z
  .object({
    offerId: z.uuid(),
    orderId: z.uuid(),
    restaurantName: z.string(),
    pickup: placeSchema,
    dropoff: placeSchema,
    readyAtMs: timeMsSchema.nullable(),
    expiresAtMs: timeMsSchema.describe('An answer that comes later is `offer_gone`.'),
  })
  .describe('An offer as the courier sees it.');
export type OfferView = Immutable<z.output<typeof offerViewSchema>>;

const message = <Type extends string, Shape extends z.core.$ZodLooseShape>(
  type: Type,
  what: string,
  shape: Shape,
) => z.object({ type: z.literal(type), ...shape }).describe(what);

const offset = z.number().int().min(1).describe('Among the events of this topic.');
const onDuty = z.boolean().exactOptional().describe("Only on a courier's own topic.");

export const serverMessageSchemas = [
  message('welcome', 'The first message of every socket.', {
    role: roleSchema,
    subject: z.string(),
    cityId: z.string(),
    serverTimeMs: timeMsSchema.describe(
      'What the times of fixes are compared with; a device whose clock is off adds the difference.',
    ),
    timeScale: z.number().describe('City seconds per second of the clock; 1 but in simulations.'),
  }),
  message('ok', 'A command was carried out.', {
    requestId: z.string(),
    order: orderSummarySchema.exactOptional().describe('After a command about one.'),
  }),
  message('error', 'A command was refused, or a message could not be read.', {
    requestId: z.string().nullable().describe('Null when none could be read, or nobody asked.'),
    error: wireErrorSchema,
  }),
  message(
    'snapshot',
    'A topic as it was when the subscription began; events that follow come on top of it.',
    {
      topic: z.string(),
      orders: z.array(z.union([orderViewSchema, orderSummarySchema])),
      offers: z.array(offerViewSchema),
      onDuty,
      position: topicPositionSchema.describe('The next event has a higher offset.'),
    },
  ),
  message(
    'recovered',
    'In place of a snapshot: the events follow that came after the position that was named.',
    {
      topic: z.string(),
      epoch: epochSchema,
      missed: z.number().int().describe('So many events follow.'),
      onDuty,
    },
  ),
  message('unsubscribed', 'This topic is told no more.', {
    topic: z.string(),
    reason: unsubscribeReasonSchema,
  }),
  message('order_event', 'Something happened to an order of the topic.', {
    topic: z.string(),
    offset,
    event: orderEventTypeSchema,
    orderId: z.uuid(),
    sequence: z.number().int().describe('Grows by one with each event of the order.'),
    state: orderStateSchema,
    atMs: timeMsSchema,
    data: eventDataSchema,
    order: orderSummarySchema.describe('As it stood when this was sent: maybe newer.'),
  }),
  message('offer', 'The courier is asked to carry an order.', {
    topic: z.string(),
    offset,
    offer: offerViewSchema,
  }),
  message('offer_closed', 'The courier is asked no more.', {
    topic: z.string(),
    offset,
    offerId: z.uuid(),
    orderId: z.uuid(),
    outcome: z.enum(['accepted', 'declined', 'expired', 'withdrawn']),
  }),
  message(
    'eta_update',
    'To those who watch the order, and its restaurant; sent when it differs by half a minute.',
    {
      orderId: z.uuid(),
      pickupAtMs: timeMsSchema
        .nullable()
        .describe('When the courier will have the food; null: it has it.'),
      dropoffAtMs: timeMsSchema
        .nullable()
        .describe('At the door; null: what was told holds no more, and nothing is known.'),
      by: z
        .enum(['plan', 'courier'])
        .describe('As dispatch means it while nobody carries it; then by where its courier is.'),
    },
  ),
  message(
    'token_expires',
    'The token is about to expire, and the socket closes then (4401), unless `refresh` comes before.',
    { atMs: timeMsSchema },
  ),
  message(
    'going_away',
    'The engine stops, the socket closes soon (1001): connect again after so long, not before.',
    { reconnectInMs: z.number() },
  ),
  locationUpdateSchema,
  couriersMovedSchema,
  courierEventSchema,
  message(
    'fixes_ack',
    'To a courier that sends frames, after some tens of fixes, or seconds: every fix up to this ' +
      'sequence was looked at, and is taken or refused for good; the app may forget it.',
    { sequence: z.number().int() },
  ),
] as const;

export type ServerMessage = Immutable<z.output<(typeof serverMessageSchemas)[number]>>;
