import {
  BODY_BYTES_MAX,
  demoSignInSchema,
  pageRoleSchema,
  protocolErrors,
  sessionQuerySchema,
  signInSchema,
  type PageRole,
  type PageSession,
  type PagesConfig,
} from '../../protocol/index.ts';
import { isAppError, type Clock, type Config, type TimeScale } from '../../runtime/index.ts';
import type { IncomingRequest } from '../edge.ts';
import { gatewayErrors } from '../errors.ts';
import type { Reply } from '../http/answers.ts';
import type { Catalogue } from '../ports.ts';
import { signToken, type TokenVerifier } from '../tokens.ts';
import { parseJson, validate } from '../untrusted-input.ts';
import { requireSameSite } from './same-site.ts';
import { isLoopback, sessionCookie, tokenIn } from './session-cookie.ts';

export interface PageSessionsDeps {
  readonly config: Config;
  readonly tokens: TokenVerifier;
  readonly jwtSecret: string;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
}

type Handler = (request: IncomingRequest) => Promise<Reply>;

/** As long as the tokens of `npm run token`. */
const DEMO_SECONDS = 12 * 3600;
/** Of keys of the payment API that move no money. */
const TEST_KEY = 'sk_test_';
/** Nothing of this is kept by anybody, or shown to another site. */
const PRIVATE = { 'Cache-Control': 'no-store', 'Cross-Origin-Resource-Policy': 'same-origin' };

/**
 * Signing in for pages. Who somebody is says an access token, as everywhere; a page that has one hands
 * it in once, and the engine keeps it in a cookie that no script can read, and gives it back to a page
 * that was loaded again. The engine remembers nothing: the cookie is the token.
 *
 * These routes ask for no token, and are refused to other sites.
 */
export class PageSessions {
  readonly #deps: PageSessionsDeps;
  readonly #routes: ReadonlyMap<string, Readonly<Record<string, Handler>>>;

  constructor(deps: PageSessionsDeps) {
    this.#deps = deps;
    this.#routes = new Map<string, Readonly<Record<string, Handler>>>([
      ['/v1/pages/config', { GET: () => Promise.resolve(this.#config()) }],
      [
        '/v1/session',
        {
          GET: (request) => Promise.resolve(this.#resume(request)),
          POST: (request) => this.#signIn(request),
          DELETE: (request) => Promise.resolve(this.#signOut(request)),
        },
      ],
      [
        '/v1/session/demo',
        { GET: (request) => this.#people(request), POST: (request) => this.#beSomebody(request) },
      ],
    ]);
  }

  /** Methods of a path of this table; null: the path is none of it. */
  methodsAt(path: string): readonly string[] | null {
    const methods = this.#routes.get(path);
    return methods === undefined ? null : Object.keys(methods);
  }

  /** @throws AppError `method_not_allowed`, `cross_site`, `unauthorized`, `demo_off`, `invalid_request` */
  async answer(request: IncomingRequest): Promise<Reply> {
    const handle = this.#routes.get(request.path)?.[request.method];
    if (handle === undefined) throw protocolErrors.make('method_not_allowed');
    requireSameSite(request.method, request.headers);
    const reply = await handle(request);
    return { ...reply, headers: { ...PRIVATE, ...reply.headers } };
  }

  #config(): Reply {
    const { config, timeScale } = this.#deps;
    const body: PagesConfig = {
      mapStyleUrl: config.MAP_STYLE_URL ?? null,
      restaurantAnswerSeconds: config.RESTAURANT_ANSWER_SECONDS,
      timeScale: timeScale.factor,
      testCard: config.PAYMENT_API_KEY.startsWith(TEST_KEY),
      demoSignIn: this.#hasOwnKey,
    };
    return { status: 200, body };
  }

  async #signIn(request: IncomingRequest): Promise<Reply> {
    const { token } = validate(signInSchema, await jsonOf(request));
    return this.#begin(request, this.#sessionOf(token));
  }

  /** Nobody is no error: that is how a page finds out that somebody has to sign in. */
  #resume(request: IncomingRequest): Reply {
    const role = roleAskedFor(request);
    const token = tokenIn(request.headers.cookie, role);
    if (token === '') return { status: 200, body: { session: null } };
    try {
      const session = this.#sessionOf(token);
      if (session.role === role) return { status: 200, body: { session } };
    } catch (error) {
      if (!isAppError(error, 'unauthorized')) throw error;
    }
    return { status: 200, body: { session: null }, headers: this.#forget(request, role) };
  }

  #signOut(request: IncomingRequest): Reply {
    return { status: 204, headers: this.#forget(request, roleAskedFor(request)) };
  }

  #forget({ headers: { host } }: IncomingRequest, role: PageRole): Record<string, string> {
    return { 'Set-Cookie': sessionCookie(role, '', { host, maxAgeSeconds: 0 }) };
  }

  async #people(request: IncomingRequest): Promise<Reply> {
    this.#requireDemo(request);
    return { status: 200, body: await this.#deps.catalogue.samplePeople() };
  }

  async #beSomebody(request: IncomingRequest): Promise<Reply> {
    this.#requireDemo(request);
    const wanted = validate(demoSignInSchema, await jsonOf(request));
    const { jwtSecret, clock } = this.#deps;
    const token = await signToken(jwtSecret, wanted, DEMO_SECONDS, clock.nowMs());
    return this.#begin(request, this.#sessionOf(token));
  }

  #begin({ headers: { host } }: IncomingRequest, session: PageSession): Reply {
    const leftMs = session.expiresAtMs - this.#deps.clock.nowMs();
    const maxAgeSeconds = Math.floor(leftMs / 1000);
    const cookie = sessionCookie(session.role, session.token, { host, maxAgeSeconds });
    return { status: 200, body: session, headers: { 'Set-Cookie': cookie } };
  }

  /** @throws AppError `unauthorized`, also for a service account: it has no page */
  #sessionOf(token: string): PageSession {
    const { actor, expiresAtMs } = this.#deps.tokens.verify(`Bearer ${token}`);
    const role = pageRoleSchema.safeParse(actor.role);
    if (!role.success) throw protocolErrors.make('unauthorized');
    const { subject, cityId } = actor;
    return { role: role.data, subject, cityId, token, expiresAtMs };
  }

  /** A key that the engine has made itself: whoever runs a city has one of their own. */
  get #hasOwnKey(): boolean {
    return this.#deps.config.JWT_SECRET === undefined;
  }

  /**
   * Being anybody is for who sits at the engine's machine: not through a proxy, which would speak for
   * strangers, and by a name of this machine, which no other site can have (DNS rebinding).
   * @throws AppError `demo_off`
   */
  #requireDemo({ peer, headers }: IncomingRequest): void {
    const isHere = peer === '127.0.0.1' || peer === '::1' || LOOPBACK_PEER.test(peer);
    if (this.#hasOwnKey && isHere && headers.forwardedFor === '' && isLoopback(headers.host))
      return;
    throw gatewayErrors.make('demo_off');
  }
}

/** As the socket library spells them: in full. */
const LOOPBACK_PEER =
  /^(127(\.\d{1,3}){3}|0000:0000:0000:0000:0000:(ffff:7f..:....|0000:0000:0001))$/i;

function roleAskedFor({ query }: IncomingRequest): PageRole {
  return validate(sessionQuerySchema, Object.fromEntries(new URLSearchParams(query))).role;
}

async function jsonOf(request: IncomingRequest): Promise<unknown> {
  const mediaType = request.headers.contentType.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw protocolErrors.make('unsupported_media_type');
  const body = await request.readBody(BODY_BYTES_MAX);
  if (body === null) throw protocolErrors.make('body_too_large');
  return parseJson(body);
}
