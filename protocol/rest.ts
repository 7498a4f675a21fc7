import { z } from 'zod';
import {
  cityInputSchema,
  cityViewSchema,
  courierInputSchema,
  menuItemSchema,
  restaurantInputSchema,
  restaurantViewSchema,
} from './catalogue.ts';
import { cityFiguresSchema, cityOrdersQuerySchema } from './city-desk.ts';
import { dispatchInputSchema, offerRecordSchema } from './dispatch.ts';
import { heatQuerySchema, heatViewSchema } from './live-map.ts';
import { orderCommandBodySchema, shopCommandBodySchema } from './messages.ts';
import {
  cancellationQuoteSchema,
  courierDaySchema,
  orderListEntrySchema,
  orderSummarySchema,
  orderTrackSchema,
  orderViewSchema,
  placeOrderSchema,
  reorderProposalSchema,
  restaurantDaySchema,
  timelineEntrySchema,
} from './orders.ts';
import {
  deliveryRecordSchema,
  notificationPreferencesSchema,
  notificationPreferencesViewSchema,
  webhookEndpointSchema,
  webhookSecretSchema,
} from './notifications.ts';
import {
  demoPeopleSchema,
  demoSignInSchema,
  pageSessionSchema,
  pagesConfigSchema,
  resumedSessionSchema,
  signInSchema,
} from './pages.ts';
import { placeSchema, timeMsSchema } from './places.ts';
import { wireErrorSchema } from './server-messages.ts';
import { revocationInputSchema, webSocketTicketSchema } from './sessions.ts';
import type { Immutable } from './immutable.ts';

/**
 * The REST interface as it is documented: what each route takes, what it answers, and with which codes
 * it refuses. Who may use it, and what is done, is the gateway's; authorization.ts there has the
 * same routes.
 */

/** In every path and sub-protocol. What breaks clients gets a new one; v1 only grows. */
export const PROTOCOL_VERSION = 'v1';

export const engineStatusSchema = z.object({
  version: z.string().describe('Of the protocol.'),
  timeScale: z.number().describe('City seconds per second of the clock.'),
  serverTimeMs: timeMsSchema,
});
export type EngineStatus = Immutable<z.output<typeof engineStatusSchema>>;

/** Every body that has a name in the documents. */
export const REST_SCHEMAS = {
  PlaceOrder: placeOrderSchema,
  OrderCommand: orderCommandBodySchema,
  RestaurantCommand: shopCommandBodySchema,
  CityInput: cityInputSchema,
  DispatchInput: dispatchInputSchema,
  RestaurantInput: restaurantInputSchema,
  MenuItem: menuItemSchema,
  CourierInput: courierInputSchema,
  Order: orderViewSchema,
  OrderSummary: orderSummarySchema,
  OrderList: z.object({ orders: z.array(orderListEntrySchema) }),
  OrderSummaryList: z.object({ orders: z.array(orderSummarySchema) }),
  TimelineEntry: timelineEntrySchema,
  OfferRecord: offerRecordSchema,
  OrderTrack: orderTrackSchema,
  CancellationQuote: cancellationQuoteSchema,
  ReorderProposal: reorderProposalSchema,
  Restaurant: restaurantViewSchema,
  RestaurantList: z.object({ restaurants: z.array(restaurantViewSchema) }),
  RestaurantDays: z.object({ days: z.array(restaurantDaySchema) }),
  CourierDays: z.object({ days: z.array(courierDaySchema) }),
  Heat: heatViewSchema,
  CityFigures: cityFiguresSchema,
  NotificationPreferences: notificationPreferencesSchema,
  NotificationPreferencesView: notificationPreferencesViewSchema,
  WebhookEndpoint: webhookEndpointSchema,
  WebhookSecret: webhookSecretSchema,
  DeliveryLog: z.object({ notifications: z.array(deliveryRecordSchema) }),
  RevocationInput: revocationInputSchema,
  WebSocketTicket: webSocketTicketSchema,
  EngineStatus: engineStatusSchema,
  City: cityViewSchema,
  SignIn: signInSchema,
  DemoSignIn: demoSignInSchema,
  PageSession: pageSessionSchema,
  ResumedSession: resumedSessionSchema,
  PagesConfig: pagesConfigSchema,
  DemoPeople: demoPeopleSchema,
  Place: placeSchema,
  Error: wireErrorSchema,
  Refusal: z.object({ error: wireErrorSchema }),
} as const satisfies Record<string, z.ZodType>;
export type RestSchemaName = keyof typeof REST_SCHEMAS;

export interface RestAnswer {
  readonly description: string;
  readonly body?: RestSchemaName;
  /** Headers of this answer, beside those that every answer has: name and meaning. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RestRoute {
  readonly summary: string;
  readonly body?: RestSchemaName;
  /** What may stand behind the path. */
  readonly query?: z.ZodObject;
  readonly idempotencyKey?: 'required' | 'possible';
  readonly answers: Readonly<Record<number, RestAnswer>>;
  /** Error codes, beside those of REFUSALS. */
  readonly refusals?: readonly string[];
}

/** Error codes of whole kinds of routes. */
export const REFUSALS = {
  /** Of every route. */
  always: [
    'unauthorized',
    'not_found',
    'internal_error',
    'shutting_down',
    'database_busy',
    'database_unavailable',
    'deadline_exceeded',
    'rate_limited',
    'overloaded',
  ],
  /** Where not every role may come. */
  byRole: ['forbidden'],
  withBody: ['invalid_json', 'invalid_request', 'body_too_large', 'unsupported_media_type'],
  withKey: ['idempotency_key_required', 'idempotency_key_reused'],
} as const;

const MENU_REFUSALS = ['item_not_on_menu', 'item_unavailable', 'out_of_stock', 'amount_too_large'];
const LOCATION = { Location: 'The path of the order.' };
const STORED = { 204: { description: 'It is stored.' } };

export const REST_ROUTES = {
  'POST /v1/orders': {
    summary: 'Places an order, once for each key. Prices and totals are computed by the engine.',
    body: 'PlaceOrder',
    idempotencyKey: 'required',
    answers: {
      201: { description: 'The order is durable.', body: 'Order', headers: LOCATION },
      200: {
        description: 'This key has placed it before: the order as it is now.',
        body: 'Order',
        headers: { ...LOCATION, 'Idempotent-Replayed': 'Always `true`.' },
      },
    },
    refusals: [
      ...MENU_REFUSALS,
      'restaurant_not_found',
      'restaurant_closed',
      'outside_delivery_zone',
      'schedule_out_of_range',
      'total_mismatch',
      'order_busy',
    ],
  },
  'GET /v1/orders': {
    summary: "The customer's own orders, newest first.",
    answers: { 200: { description: 'The newest 50.', body: 'OrderList' } },
  },
  'GET /v1/orders/:orderId': {
    summary: 'One order with its money and its timeline.',
    answers: { 200: { description: 'The order.', body: 'Order' } },
  },
  'POST /v1/orders/:orderId/commands': {
    summary: 'Gives a command about an order; with a key it is carried out once.',
    body: 'OrderCommand',
    idempotencyKey: 'possible',
    answers: { 200: { description: 'The order after it.', body: 'OrderSummary' } },
    refusals: [
      ...MENU_REFUSALS,
      'state_conflict',
      'order_busy',
      'offer_gone',
      'courier_taken',
      'wrong_code',
      'code_locked',
      'modification_pending',
      'total_mismatch',
      'refund_changed',
      'refund_too_large',
    ],
  },
  'GET /v1/orders/:orderId/cancellation': {
    summary: 'What cancelling now would give back.',
    answers: { 200: { description: 'The quote.', body: 'CancellationQuote' } },
    refusals: ['state_conflict'],
  },
  'GET /v1/orders/:orderId/reorder': {
    summary: 'What ordering the same again would be today; it is placed like any other order.',
    answers: { 200: { description: 'The proposal.', body: 'ReorderProposal' } },
  },
  'GET /v1/orders/:orderId/track': {
    summary: "The way of the order's courier so far, as far as the caller may see it.",
    answers: { 200: { description: 'The way.', body: 'OrderTrack' } },
  },
  'GET /v1/attention': {
    summary: 'Orders that wait for an operator, oldest first.',
    answers: { 200: { description: 'The orders.', body: 'OrderSummaryList' } },
  },
  'GET /v1/cities/:cityId/heat': {
    summary: 'Where couriers are and where they are wanted, by cells of H3.',
    query: heatQuerySchema,
    answers: { 200: { description: 'Supply and demand.', body: 'Heat' } },
    refusals: ['invalid_request'],
  },
  'GET /v1/cities/:cityId/orders': {
    summary: "A page of the city's live orders, oldest first.",
    query: cityOrdersQuerySchema,
    answers: { 200: { description: 'The orders.', body: 'OrderSummaryList' } },
    refusals: ['invalid_request'],
  },
  'GET /v1/cities/:cityId/figures': {
    summary: 'What has happened in the city lately, minute by minute.',
    answers: { 200: { description: 'The figures.', body: 'CityFigures' } },
  },
  'GET /v1/restaurants': {
    summary: "The restaurants of the caller's city, by id.",
    answers: { 200: { description: 'With their menus.', body: 'RestaurantList' } },
  },
  'GET /v1/restaurants/:restaurantId': {
    summary: 'One restaurant with its menu.',
    answers: { 200: { description: 'The restaurant.', body: 'Restaurant' } },
  },
  'POST /v1/restaurants/:restaurantId/commands': {
    summary: 'What a restaurant says about itself: items, stock, pauses.',
    body: 'RestaurantCommand',
    answers: { 204: { description: 'It is done.' } },
  },
  'GET /v1/restaurants/:restaurantId/days': {
    summary: "A restaurant's days, newest first.",
    answers: { 200: { description: 'The newest 92.', body: 'RestaurantDays' } },
  },
  'GET /v1/couriers/:courierId/days': {
    summary: "A courier's days, newest first.",
    answers: { 200: { description: 'The newest 92.', body: 'CourierDays' } },
  },
  'POST /v1/ws-ticket': {
    summary:
      'A ticket to open one WebSocket with, in place of the token: `new WebSocket(url, ' +
      "['hexfleet.v1.json', 'hexfleet.ticket.' + ticket])`. For browsers, which can send no headers there.",
    answers: { 201: { description: 'Good once, for half a minute.', body: 'WebSocketTicket' } },
  },
  'POST /v1/revocations': {
    summary:
      'Revokes all tokens that somebody has until now, or one of them; sockets that were opened with ' +
      'them are closed (4403).',
    body: 'RevocationInput',
    answers: STORED,
    refusals: ['too_many_revocations'],
  },
  'GET /v1/cities/:cityId': {
    summary: "The caller's city: where it delivers, and on which terms.",
    answers: { 200: { description: 'The city.', body: 'City' } },
  },
  'PUT /v1/cities/:cityId': {
    summary: 'Makes a city, or changes it while it runs.',
    body: 'CityInput',
    answers: STORED,
  },
  'PUT /v1/cities/:cityId/restaurants/:restaurantId': {
    summary: 'Makes a restaurant with its menu, or replaces both.',
    body: 'RestaurantInput',
    answers: STORED,
  },
  'PUT /v1/cities/:cityId/couriers/:courierId': {
    summary: 'Makes a courier, or changes it.',
    body: 'CourierInput',
    answers: STORED,
  },
  'GET /v1/orders/:orderId/notifications': {
    summary: 'Who was told of an order, and what became of it.',
    answers: { 200: { description: 'Newest first.', body: 'DeliveryLog' } },
  },
  'GET /v1/notifications': {
    summary: 'Who was told of what in this city lately, and what became of it.',
    answers: { 200: { description: 'Newest first.', body: 'DeliveryLog' } },
  },
  'GET /v1/notifications/preferences': {
    summary: 'How the caller wants to be told, and what this engine can reach people by.',
    answers: {
      200: { description: 'As they are, or the defaults.', body: 'NotificationPreferencesView' },
    },
  },
  'PUT /v1/notifications/preferences': {
    summary: 'How the caller wants to be told from now on; replaces all that was said before.',
    body: 'NotificationPreferences',
    answers: STORED,
  },
  'GET /v1/notifications/webhook': {
    summary: 'Where the caller is told by HTTP; `not_found` when it is not.',
    answers: { 200: { description: 'The endpoint.', body: 'WebhookEndpoint' } },
  },
  'PUT /v1/notifications/webhook': {
    summary: 'Where the caller is told by HTTP from now on, with a new secret.',
    body: 'WebhookEndpoint',
    answers: { 200: { description: 'The secret, shown this once.', body: 'WebhookSecret' } },
    refusals: ['webhook_target_refused'],
  },
  'DELETE /v1/notifications/webhook': {
    summary: 'The caller is told by HTTP no more.',
    answers: { 204: { description: 'It is gone.' } },
  },
  'GET /v1/status': {
    summary: 'Which protocol the engine speaks, and its clock.',
    answers: { 200: { description: 'The status.', body: 'EngineStatus' } },
  },
} as const satisfies Record<string, RestRoute>;
export type RestRouteName = keyof typeof REST_ROUTES;
