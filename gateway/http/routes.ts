import type { z } from 'zod';
import {
  BODY_BYTES_MAX,
  cityInputSchema,
  cityOrdersQuerySchema,
  courierInputSchema,
  heatQuerySchema,
  IDEMPOTENCY_KEY_LENGTH_MAX,
  idSchema,
  notificationPreferencesSchema,
  orderCommandBodySchema,
  placeOrderSchema,
  PROTOCOL_VERSION,
  PROVISIONING_BODY_BYTES_MAX,
  protocolErrors,
  restaurantInputSchema,
  shopCommandBodySchema,
  revocationInputSchema,
  webhookEndpointSchema,
  type Actor,
  type CityFigures,
  type RevocationInput,
} from '../../protocol/index.ts';
import type { Clock, TimeScale } from '../../runtime/index.ts';
import {
  MESSAGE_ROLES,
  requireCity,
  requireRole,
  ROUTE_ROLES,
  type RouteName,
} from '../authorization.ts';
import type { RequestHeaders } from '../edge.ts';
import { orderIdOf } from '../order-id.ts';
import { readHeat } from '../live-map/heat.ts';
import type { Catalogue, LiveCities, NotificationDesk, OrderDesk } from '../ports.ts';
import type { Tickets } from '../tickets.ts';
import type { Identity } from '../tokens.ts';
import { validate } from '../untrusted-input.ts';
import type { Reply } from './answers.ts';

/** The REST interface: which path does what. Who may use it stands in authorization.ts. */

export interface RouteDeps {
  readonly orders: OrderDesk;
  readonly catalogue: Catalogue;
  readonly cities: LiveCities;
  readonly notifications: NotificationDesk;
  readonly tickets: Tickets;
  /** Durable when it resolves; live sockets are closed then. */
  revoke(by: Actor, input: RevocationInput): Promise<void>;
  readonly figures: (cityId: string) => CityFigures;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
}

/** One request, with everything checked but what only the port can know. */
export interface Call<Body> {
  readonly actor: Actor;
  /** The actor, and its token's facts. */
  readonly identity: Identity;
  readonly correlationId: string;
  readonly headers: RequestHeaders;
  /** What stood behind the path, decoded; not checked. */
  readonly query: Readonly<Record<string, string>>;
  /** What stood at `:name` in the path. @throws AppError `not_found` when it is no id */
  id(name: string): string;
  readonly body: Body;
}

interface Route {
  /** Null for a route without a body. */
  readonly bodySchema: z.ZodType | null;
  readonly bodyBytesMax: number;
  readonly handle: (deps: RouteDeps, call: Call<never>) => Promise<Reply>;
}

const PRINTABLE_KEY = new RegExp(`^[\\x20-\\x7e]{1,${IDEMPOTENCY_KEY_LENGTH_MAX}}$`);

function reading(handle: (deps: RouteDeps, call: Call<undefined>) => Promise<Reply>): Route {
  return { bodySchema: null, bodyBytesMax: 0, handle };
}

function writing<Schema extends z.ZodType>(
  bodySchema: Schema,
  handle: (deps: RouteDeps, call: Call<z.output<Schema>>) => Promise<Reply>,
): Route {
  return { bodySchema, bodyBytesMax: BODY_BYTES_MAX, handle };
}

/** What only PROVISIONERS may send, so much of it that a menu or a zone has room. */
function provisioning<Schema extends z.ZodType>(
  bodySchema: Schema,
  handle: (deps: RouteDeps, call: Call<z.output<Schema>>) => Promise<Reply>,
): Route {
  return { bodySchema, bodyBytesMax: PROVISIONING_BODY_BYTES_MAX, handle };
}

const ROUTES: Readonly<Record<RouteName, Route>> = {
  'POST /v1/orders': writing(placeOrderSchema, async ({ orders }, call) => {
    const idempotencyKey = keyIn(call.headers);
    if (idempotencyKey === null) throw protocolErrors.make('idempotency_key_required');
    const { actor, correlationId, body } = call;
    const placed = await orders.placeOrder(body, { actor, idempotencyKey, correlationId });
    return {
      status: placed.replayed ? 200 : 201,
      body: placed.order,
      headers: {
        Location: `/v1/orders/${placed.order.orderId}`,
        ...(placed.replayed ? { 'Idempotent-Replayed': 'true' } : {}),
      },
    };
  }),

  'GET /v1/orders': reading(async ({ orders }, { actor }) => {
    return { status: 200, body: { orders: await orders.orderList(actor) } };
  }),
  'GET /v1/orders/:orderId': reading(async ({ orders }, call) => {
    const body = await orders.viewOrder(orderOf(call), call.actor);
    return { status: 200, body, isShared: true };
  }),

  'POST /v1/orders/:orderId/commands': writing(orderCommandBodySchema, async ({ orders }, call) => {
    const { actor, correlationId, headers } = call;
    requireRole(actor, MESSAGE_ROLES[call.body.type]);
    const command = { ...call.body, orderId: orderOf(call) };
    const idempotencyKey = keyIn(headers);
    const how = { causation: correlationId, ...(idempotencyKey && { idempotencyKey }) };
    return { status: 200, body: await orders.execute(command, actor, how) };
  }),
  'GET /v1/orders/:orderId/cancellation': reading(async ({ orders }, call) => {
    return { status: 200, body: await orders.cancellationQuote(orderOf(call), call.actor) };
  }),
  'GET /v1/orders/:orderId/reorder': reading(async ({ orders }, call) => {
    return { status: 200, body: await orders.reorderProposal(orderOf(call), call.actor) };
  }),
  'GET /v1/orders/:orderId/track': reading(async ({ orders }, call) => {
    return { status: 200, body: await orders.orderTrack(orderOf(call), call.actor) };
  }),
  'GET /v1/restaurants/:restaurantId/days': reading(async ({ orders }, call) => {
    const days = await orders.restaurantDays(call.actor.cityId, ownOrAny(call, 'restaurantId'));
    return { status: 200, body: { days } };
  }),
  'GET /v1/couriers/:courierId/days': reading(async ({ orders }, call) => {
    const days = await orders.courierDays(call.actor.cityId, ownOrAny(call, 'courierId'));
    return { status: 200, body: { days } };
  }),
  'GET /v1/attention': reading(async ({ orders }, { actor }) => {
    return { status: 200, body: { orders: await orders.attentionOrders(actor) } };
  }),
  'GET /v1/cities/:cityId/heat': reading(async (deps, call) => {
    const cityId = ownCity(call);
    const { resolution } = validate(heatQuerySchema, call.query);
    return { status: 200, body: await readHeat(deps, cityId, resolution) };
  }),
  'GET /v1/cities/:cityId/orders': reading(async ({ orders }, call) => {
    const cityId = ownCity(call);
    const query = validate(cityOrdersQuerySchema, call.query);
    return { status: 200, body: { orders: await orders.cityOrders(cityId, query) } };
  }),
  'GET /v1/cities/:cityId/figures': reading(({ figures }, call) =>
    Promise.resolve({ status: 200, body: figures(ownCity(call)) }),
  ),
  'GET /v1/restaurants': reading(async ({ catalogue }, { actor }) => {
    return { status: 200, body: { restaurants: await catalogue.restaurants(actor.cityId) } };
  }),

  'GET /v1/restaurants/:restaurantId': reading(async ({ catalogue }, call) => {
    const restaurantId = call.id('restaurantId');
    return { status: 200, body: await catalogue.restaurant(call.actor.cityId, restaurantId) };
  }),

  'POST /v1/restaurants/:restaurantId/commands': writing(
    shopCommandBodySchema,
    async ({ orders }, call) => {
      if (call.id('restaurantId') !== call.actor.subject) throw protocolErrors.make('not_found');
      await orders.executeShop(call.body, call.actor);
      return { status: 204 };
    },
  ),
  'POST /v1/ws-ticket': reading(({ tickets }, { identity }) =>
    Promise.resolve({ status: 201, body: tickets.issue(identity) }),
  ),
  'POST /v1/revocations': writing(revocationInputSchema, async (deps, { actor, body }) => {
    await deps.revoke(actor, body);
    return { status: 204 };
  }),
  'GET /v1/cities/:cityId': reading(async ({ catalogue }, call) => {
    const city = await catalogue.city(ownCity(call));
    const { role } = call.actor;
    const knowsDispatch = role === 'operator' || role === 'service';
    return { status: 200, body: knowsDispatch ? city : { ...city, dispatch: null } };
  }),
  'PUT /v1/cities/:cityId': provisioning(cityInputSchema, async ({ catalogue }, call) => {
    await catalogue.putCity(ownCity(call), call.body);
    return { status: 204 };
  }),

  'PUT /v1/cities/:cityId/restaurants/:restaurantId': provisioning(
    restaurantInputSchema,
    async ({ catalogue }, call) => {
      await catalogue.putRestaurant(ownCity(call), call.id('restaurantId'), call.body);
      return { status: 204 };
    },
  ),

  'PUT /v1/cities/:cityId/couriers/:courierId': provisioning(
    courierInputSchema,
    async ({ catalogue }, call) => {
      await catalogue.putCourier(ownCity(call), call.id('courierId'), call.body);
      return { status: 204 };
    },
  ),

  'GET /v1/orders/:orderId/notifications': reading(async ({ notifications }, call) => {
    const log = await notifications.deliveryLog(call.actor.cityId, orderOf(call));
    return { status: 200, body: { notifications: log } };
  }),
  'GET /v1/notifications': reading(async ({ notifications }, { actor }) => {
    const log = await notifications.deliveryLog(actor.cityId, null);
    return { status: 200, body: { notifications: log } };
  }),
  'GET /v1/notifications/preferences': reading(async ({ notifications }, { actor }) => {
    return { status: 200, body: await notifications.preferences(actor) };
  }),
  'PUT /v1/notifications/preferences': writing(
    notificationPreferencesSchema,
    async ({ notifications }, { actor, body }) => {
      await notifications.putPreferences(actor, body);
      return { status: 204 };
    },
  ),
  'GET /v1/notifications/webhook': reading(async ({ notifications }, { actor }) => {
    return { status: 200, body: await notifications.webhookEndpoint(actor) };
  }),
  'PUT /v1/notifications/webhook': writing(
    webhookEndpointSchema,
    async ({ notifications }, { actor, body }) => {
      return { status: 200, body: await notifications.putWebhookEndpoint(actor, body) };
    },
  ),
  'DELETE /v1/notifications/webhook': reading(async ({ notifications }, { actor }) => {
    await notifications.deleteWebhookEndpoint(actor);
    return { status: 204 };
  }),

  'GET /v1/status': reading(({ clock, timeScale }) =>
    Promise.resolve({
      status: 200,
      body: { version: PROTOCOL_VERSION, timeScale: timeScale.factor, serverTimeMs: clock.nowMs() },
    }),
  ),
};

/** @throws AppError `not_found` when it is no id of an order */
function orderOf(call: Call<unknown>): string {
  const orderId = orderIdOf(call.id('orderId'));
  if (orderId === null) throw protocolErrors.make('not_found');
  return orderId;
}

/** An operator's is any of the city. @throws AppError `not_found` for somebody else's */
function ownOrAny(call: Call<unknown>, name: string): string {
  const { actor } = call;
  const wanted = call.id(name);
  if (actor.role !== 'operator' && wanted !== actor.subject) throw protocolErrors.make('not_found');
  return wanted;
}

/** Null when there is none. @throws AppError `idempotency_key_required` when it cannot be one */
function keyIn({ idempotencyKey }: RequestHeaders): string | null {
  if (idempotencyKey === '') return null;
  if (!PRINTABLE_KEY.test(idempotencyKey)) throw protocolErrors.make('idempotency_key_required');
  return idempotencyKey;
}

function ownCity(call: Call<unknown>): string {
  const cityId = call.id('cityId');
  requireCity(call.actor, cityId);
  return cityId;
}

export interface RouteMatch extends Route {
  readonly name: RouteName;
  /** @throws AppError `not_found` when what stands there is no id */
  id(name: string): string;
}

const COMPILED = (Object.keys(ROUTE_ROLES) as RouteName[]).map((name) => {
  const [method = '', path = ''] = name.split(' ');
  return { name, method, segments: path.split('/') };
});
const BY_LENGTH = Map.groupBy(COMPILED, ({ segments }) => segments.length);

/**
 * Every method that the path takes, and the route of this one; no method at all: no such path. HEAD
 * is GET without the body, which whoever writes the answer leaves out.
 */
export function matchRoute(
  method: string,
  path: string,
): { readonly allowed: readonly string[]; readonly route: RouteMatch | null } {
  const parts = path.split('/');
  const here = (BY_LENGTH.get(parts.length) ?? []).filter(({ segments }) =>
    segments.every((segment, i) => segment.startsWith(':') || segment === parts[i]),
  );
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = here.find((route) => route.method === wanted);
  return {
    allowed: here.flatMap((route) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method])),
    route:
      found === undefined
        ? null
        : { ...ROUTES[found.name], name: found.name, id: idIn(found.segments, parts) },
  };
}

function idIn(segments: readonly string[], parts: readonly string[]): (name: string) => string {
  return (name) => {
    const id = idSchema.safeParse(parts[segments.indexOf(`:${name}`)]);
    if (!id.success) throw protocolErrors.make('not_found');
    return id.data;
  };
}
