import { BODY_BYTES_MAX, protocolErrors, type PlaceOrder } from '../../protocol/index.ts';
import {
  isAppError,
  newCorrelationId,
  withDeadline,
  type AppError,
  type Logger,
  type Metrics,
} from '../../runtime/index.ts';
import { requireRole, ROUTE_ROLES } from '../authorization.ts';
import type { Answer, IncomingRequest } from '../edge.ts';
import { failureFor, PORT_DEADLINE_MS } from '../failure.ts';
import type { TrustedProxies } from '../limits/client-address.ts';
import { groupOf } from '../limits/limit-table.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import type { Tab } from '../limits/tab.ts';
import type { Overload } from '../overload/overload.ts';
import { sheddableRoute } from '../overload/sheddable.ts';
import type { PageSessions } from '../pages/page-sessions.ts';
import { pageAt, type PageTable } from '../pages/page-table.ts';
import type { Reference } from '../reference/reference.ts';
import type { Identity, TokenVerifier } from '../tokens.ts';
import { parseJson, validate } from '../untrusted-input.ts';
import { answerOf, refusalOf, type Reply } from './answers.ts';
import { matchRoute, type Call, type RouteDeps, type RouteMatch } from './routes.ts';

export interface HttpDeps extends RouteDeps {
  readonly tokens: TokenVerifier;
  readonly proxies: TrustedProxies;
  readonly limits: RequestLimits;
  readonly overload: Overload;
  readonly reference: Reference;
  readonly pages: PageTable;
  readonly pageSessions: PageSessions;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Set while the engine stops: nothing new is begun. */
  refusesWork(): AppError | null;
}

const CREATED = 201;
/** Where the payment provider sends what it tells of its own accord. */
const WEBHOOK_PATH = '/v1/payments/webhook';

const CORRELATION_ID = /^[A-Za-z0-9_-]{8,64}$/;
const KNOWN_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** What the client sent as its correlation id when it is fit for a log, else a new one. */
function correlationIdOf(sent: string): string {
  return CORRELATION_ID.test(sent) ? sent : newCorrelationId();
}

/**
 * Answers one request. The checks run from cheap to dear, and a stranger learns nothing but the reference:
 * address, token, limits, path, method, role, overload, content type, size, JSON, schema, then the port.
 * Never rejects.
 */
export function requestHandler(deps: HttpDeps): (request: IncomingRequest) => Promise<void> {
  const requests = deps.metrics.counter('hexfleet_http_requests_total', 'Answered REST requests', [
    'route',
    'method',
    'status',
  ]);
  const seconds = deps.metrics.latency('hexfleet_http_request_seconds', 'Time to the answer', [
    'route',
  ]);

  return async (request) => {
    const published = publishedAt(deps.reference, request) ?? pageAt(deps.pages, request);
    if (published !== null) {
      request.answer(published);
      requests.inc({ route: 'published', method: request.method, status: published.status });
      return;
    }
    const startedMs = deps.clock.monotonicMs();
    const correlationId = correlationIdOf(request.headers.correlationId);
    const endpoint = endpointAt(deps, request);
    const tab = deps.limits.newTab();
    let reply: Reply;
    try {
      reply = await endpoint.answer(tab, correlationId);
    } catch (error) {
      const failure = failureFor(error, deps.log, { correlationId, route: endpoint.name });
      const isWrongMethod = failure.code === 'method_not_allowed';
      reply = refusalOf(failure, isWrongMethod ? { Allow: endpoint.allowed.join(', ') } : {});
    }
    const headers = { ...tab.headers(), ...reply.headers };
    request.answer(answerOf({ ...reply, headers }, correlationId));
    const method = KNOWN_METHODS.includes(request.method) ? request.method : 'other';
    requests.inc({ route: endpoint.name, method, status: reply.status });
    seconds.observe({ route: endpoint.name }, (deps.clock.monotonicMs() - startedMs) / 1000);
  };
}

/** Who answers at a path. */
interface Endpoint {
  /** For metrics and logs. */
  readonly name: string;
  readonly allowed: readonly string[];
  /** @param tab what the request has used of its limits */
  answer(tab: Tab, correlationId: string): Promise<Reply>;
}

function endpointAt(deps: HttpDeps, request: IncomingRequest): Endpoint {
  if (isWebhook(request)) {
    const answer = (tab: Tab): Promise<Reply> => takeWebhook(deps, request, tab);
    return { name: 'webhook', allowed: [request.method], answer };
  }
  const ofPages = deps.pageSessions.methodsAt(request.path);
  if (ofPages !== null) {
    const answer = (tab: Tab): Promise<Reply> => answerPage(deps, request, tab);
    return { name: request.path, allowed: ofPages, answer };
  }
  const { allowed, route } = matchRoute(request.method, request.path);
  return {
    name: route?.name ?? 'unknown',
    allowed,
    async answer(tab, correlationId) {
      const identity = await admit(deps, request, { route, tab });
      requireRoute(route, allowed);
      return await perform(deps, request, { route, identity, tab, correlationId });
    },
  };
}

/** What anybody may read, or null. */
function publishedAt(reference: Reference, { method, path }: IncomingRequest): Answer | null {
  return method === 'GET' || method === 'HEAD' ? (reference.get(path) ?? null) : null;
}

function isWebhook({ method, path }: IncomingRequest): boolean {
  return method === 'POST' && path === WEBHOOK_PATH;
}

/** The one request without a token: the provider signs what it says, and the order core checks it. */
async function takeWebhook(deps: HttpDeps, request: IncomingRequest, tab: Tab): Promise<Reply> {
  const refusal = deps.refusesWork();
  if (refusal !== null) throw refusal;
  const body = await request.readBody(BODY_BYTES_MAX);
  if (body === null) throw protocolErrors.make('body_too_large');
  try {
    const work = deps.orders.takeWebhook(body, request.headers.stripeSignature);
    await withDeadline(work, PORT_DEADLINE_MS, 'webhook');
  } catch (error) {
    // The provider tells of every order: its own address has no limit, one that forges has.
    if (isAppError(error, 'webhook_refused')) {
      await deps.limits.stranger(tab, addressOf(deps, request), 'requests');
    }
    throw error;
  }
  return { status: 204 };
}

/** What a page asks before it has a token. Who guesses is counted as everywhere. */
async function answerPage(deps: HttpDeps, request: IncomingRequest, tab: Tab): Promise<Reply> {
  const refusal = deps.refusesWork();
  if (refusal !== null) throw refusal;
  const address = addressOf(deps, request);
  await deps.limits.anybody(tab, address);
  try {
    return await withDeadline(deps.pageSessions.answer(request), PORT_DEADLINE_MS, request.path);
  } catch (error) {
    await deps.limits.stranger(tab, address, 'requests');
    throw error;
  }
}

async function admit(
  deps: HttpDeps,
  request: IncomingRequest,
  { route, tab }: { readonly route: RouteMatch | null; readonly tab: Tab },
): Promise<Identity> {
  const refusal = deps.refusesWork();
  if (refusal !== null) throw refusal;
  const address = addressOf(deps, request);
  await deps.limits.anybody(tab, address);
  const group = groupOf(route?.name ?? null);
  let identity: Identity;
  try {
    identity = deps.tokens.verify(request.headers.authorization);
  } catch (error) {
    await deps.limits.stranger(tab, address, group);
    throw error;
  }
  await deps.limits.client(tab, identity, group);
  return identity;
}

function addressOf({ proxies }: HttpDeps, { peer, headers }: IncomingRequest): string {
  return proxies.clientOf(peer, headers.forwardedFor);
}

function requireRoute(
  route: RouteMatch | null,
  allowed: readonly string[],
): asserts route is RouteMatch {
  if (route !== null) return;
  throw protocolErrors.make(allowed.length === 0 ? 'not_found' : 'method_not_allowed');
}

async function perform(
  deps: HttpDeps,
  request: IncomingRequest,
  admitted: { route: RouteMatch; identity: Identity; tab: Tab; correlationId: string },
): Promise<Reply> {
  const { route, identity, correlationId } = admitted;
  const { actor } = identity;
  requireRole(actor, ROUTE_ROLES[route.name]);
  deps.overload.require(sheddableRoute(route.name));
  const call: Call<unknown> = {
    actor,
    identity,
    correlationId,
    headers: request.headers,
    query: Object.fromEntries(new URLSearchParams(request.query)),
    id: (name) => route.id(name),
    body: await readBody(request, route),
  };
  // The route made its own schema and handler as a pair: the body is what the handler expects.
  const work = () =>
    withDeadline(route.handle(deps, call as Call<never>), PORT_DEADLINE_MS, route.name);
  return route.name === 'POST /v1/orders'
    ? await placing(deps, { ...admitted, call }, work)
    : work();
}

/** Of a customer and of a restaurant so many orders are taken; only those that were placed count. */
async function placing(
  { limits }: HttpDeps,
  order: { readonly identity: Identity; readonly tab: Tab; readonly call: Call<unknown> },
  place: () => Promise<Reply>,
): Promise<Reply> {
  const { identity, tab, call } = order;
  // The schema of the route has made it one.
  await limits.order(tab, identity, (call.body as PlaceOrder).restaurantId);
  let placed = false;
  try {
    const reply = await place();
    placed = reply.status === CREATED;
    return reply;
  } finally {
    if (!placed) await limits.notPlaced(tab, identity);
  }
}

async function readBody(
  request: IncomingRequest,
  { bodySchema, bodyBytesMax }: RouteMatch,
): Promise<unknown> {
  if (bodySchema === null) return undefined;
  const mediaType = request.headers.contentType.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw protocolErrors.make('unsupported_media_type');
  const body = await request.readBody(bodyBytesMax);
  if (body === null) throw protocolErrors.make('body_too_large');
  return validate(bodySchema, parseJson(body));
}
