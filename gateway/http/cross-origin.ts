import type { Answer, IncomingRequest } from '../edge.ts';

const NO_CONTENT = 204;
/** For which a browser does not ask again, seconds; more than this some do not take. */
const ASKED_FOR_SECONDS = 7_200;
const SENT = 'Authorization, Content-Type, Idempotency-Key, X-Correlation-Id';
/** What pages may read beside the headers that every page may. */
const READ =
  'Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Correlation-Id';

type Handle = (request: IncomingRequest) => Promise<void>;

/**
 * Pages of the allowed origins may ask and read as our own do (CORS); all others are answered as apps
 * are, and their browser keeps the answer from them. Cookies are never among what they may send.
 * @param allowed origins as browsers send them
 */
export function acrossOrigins(allowed: readonly string[], handle: Handle): Handle {
  if (allowed.length === 0) return handle;
  return async (request) => {
    const { origin } = request.headers;
    if (!allowed.includes(origin)) return await handle(request);
    const headers = { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' };
    if (request.method === 'OPTIONS') return request.answer(mayAsk(headers));
    const shown = { ...headers, 'Access-Control-Expose-Headers': READ };
    await handle({
      method: request.method,
      path: request.path,
      query: request.query,
      headers: request.headers,
      peer: request.peer,
      readBody: (bytesMax) => request.readBody(bytesMax),
      answer: (answer) => request.answer({ ...answer, headers: { ...answer.headers, ...shown } }),
    });
  };
}

function mayAsk(headers: Readonly<Record<string, string>>): Answer {
  return {
    status: NO_CONTENT,
    body: '',
    headers: {
      ...headers,
      'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE',
      'Access-Control-Allow-Headers': SENT,
      'Access-Control-Max-Age': String(ASKED_FOR_SECONDS),
    },
  };
}
