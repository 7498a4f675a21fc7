import { BODY_BYTES_MAX, protocolErrors } from '../../protocol/index.ts';
import {
  newId,
  withDeadline,
  type AppError,
  type CorrelationId,
  type Logger,
  type Metrics,
} from '../../runtime/index.ts';
import { requireRole, ROUTE_ROLES } from '../authorization.ts';
import type { IncomingRequest } from '../edge.ts';
import { failureFor, PORT_DEADLINE_MS } from '../failure.ts';
import type { Identity, TokenVerifier } from '../tokens.ts';
import { parseJson, validate } from '../untrusted-input.ts';
import { answerOf, refusalOf, type Reply } from './answers.ts';
import { matchRoute, type Call, type RouteDeps, type RouteMatch } from './routes.ts';

export interface HttpDeps extends RouteDeps {
  readonly tokens: TokenVerifier;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Set while the engine stops: nothing new is begun. */
  refusesWork(): AppError | null;
}

/** Where the payment provider sends what it tells of its own accord. */
const WEBHOOK_PATH = '/v1/payments/webhook';

const CORRELATION_ID = /^[A-Za-z0-9_-]{8,64}$/;
const KNOWN_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** What the client sent as its correlation id when it is fit for a log, else a new one. */
function correlationIdOf(sent: string): string {
  return CORRELATION_ID.test(sent) ? sent : newId<CorrelationId>();
}

/**
 * Answers one request. The checks run from cheap to dear, and a stranger learns nothing: token, path,
 * method, role, content type, size, JSON, schema, then the port. Never rejects.
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
    const startedMs = deps.clock.monotonicMs();
    const correlationId = correlationIdOf(request.headers.correlationId);
    const { allowed, route } = matchRoute(request.method, request.path);
    const name = isWebhook(request) ? 'webhook' : (route?.name ?? 'unknown');
    let reply: Reply;
    try {
      if (isWebhook(request)) {
        reply = await takeWebhook(deps, request);
      } else {
        const identity = admit(deps, request);
        requireRoute(route, allowed);
        reply = await perform(deps, request, { route, identity, correlationId });
      }
    } catch (error) {
      const failure = failureFor(error, deps.log, { correlationId, route: name });
      const wrongMethod = failure.code === 'method_not_allowed';
      reply = refusalOf(failure, wrongMethod ? { Allow: allowed.join(', ') } : {});
    }
    request.answer(answerOf(reply, correlationId));
    const method = KNOWN_METHODS.includes(request.method) ? request.method : 'other';
    requests.inc({ route: name, method, status: reply.status });
    seconds.observe({ route: name }, (deps.clock.monotonicMs() - startedMs) / 1000);
  };
}

function isWebhook({ method, path }: IncomingRequest): boolean {
  return method === 'POST' && path === WEBHOOK_PATH;
}

/** The one request without a token: the provider signs what it says, and the order core checks it. */
async function takeWebhook(deps: HttpDeps, request: IncomingRequest): Promise<Reply> {
  const refusal = deps.refusesWork();
  if (refusal !== null) throw refusal;
  const body = await request.readBody(BODY_BYTES_MAX);
  if (body === null) throw protocolErrors.make('body_too_large');
  const work = deps.orders.takeWebhook(body, request.headers.stripeSignature);
  await withDeadline(work, PORT_DEADLINE_MS, 'webhook');
  return { status: 204 };
}

function admit(deps: HttpDeps, request: IncomingRequest): Identity {
  const refusal = deps.refusesWork();
  if (refusal !== null) throw refusal;
  return deps.tokens.verify(request.headers.authorization);
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
  admitted: { route: RouteMatch; identity: Identity; correlationId: string },
): Promise<Reply> {
  const { route, identity, correlationId } = admitted;
  const { actor } = identity;
  requireRole(actor, ROUTE_ROLES[route.name]);
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
  const work = route.handle(deps, call as Call<never>);
  return withDeadline(work, PORT_DEADLINE_MS, route.name);
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
