import { protocolErrors, type OrderEvent } from '../protocol/index.ts';
import {
  Loop,
  LoopDelay,
  newCorrelationId,
  withDeadline,
  type AppError,
  type Clock,
  type Config,
  type Logger,
  type Metrics,
  type Random,
  type TimeScale,
} from '../runtime/index.ts';
import { Announcer } from './announcer.ts';
import { CityFiguresBoard } from './city-figures.ts';
import type { EdgeSocket, IncomingRequest, UpgradeRequest } from './edge.ts';
import { endedTopicsLoop } from './ended-topics.ts';
import { gatewayErrors } from './errors.ts';
import { failureFor } from './failure.ts';
import { answerOf, refusalOf } from './http/answers.ts';
import { acrossOrigins } from './http/cross-origin.ts';
import { requestHandler } from './http/handle-request.ts';
import { InFlight } from './in-flight.ts';
import { gatewayInstruments } from './instruments.ts';
import { edgeLimits, type EdgeLimits } from './limits/edge-limits.ts';
import { LiveMap } from './live-map/live-map.ts';
import { startOpsServer, type OpsServer } from './ops-server.ts';
import { Overload } from './overload/overload.ts';
import type {
  Catalogue,
  FixHistory,
  HealthCheck,
  LiveCities,
  NotificationDesk,
  OrderDesk,
  RevocationStore,
  Strain,
} from './ports.ts';
import { PageSessions } from './pages/page-sessions.ts';
import type { PageTable } from './pages/page-table.ts';
import { Presence } from './presence.ts';
import type { ErrorCodes } from './reference/common.ts';
import { makeReference, type Reference } from './reference/reference.ts';
import { Revocations } from './revocations.ts';
import { Sessions } from './sessions.ts';
import type { ConversationDeps } from './socket/conversation.ts';
import { FixIntake } from './socket/fix-intake.ts';
import { Session } from './socket/session.ts';
import { Topics } from './socket/topics.ts';
import { SocketDoor, type SocketGuest } from './socket/door.ts';
import { Tickets } from './tickets.ts';
import { TokenVerifier } from './tokens.ts';
import { Tracking } from './tracking.ts';
import { listen, type Listener } from './uws.ts';

/** What a client should wait before it comes back to an engine that restarts. */
const RETRY_AFTER_MS = 2_000;
/** Close frames are written at once; so long is waited for the peers to say goodbye. */
const GOODBYE_MS = 300;

export interface GatewayDeps {
  readonly config: Config;
  readonly jwtSecret: string;
  /** Built pages; an empty table when there are none. */
  readonly pages: PageTable;
  readonly orders: OrderDesk;
  readonly catalogue: Catalogue;
  readonly notifications: NotificationDesk;
  readonly cities: LiveCities;
  readonly history: FixHistory;
  readonly revocations: RevocationStore;
  readonly health: readonly HealthCheck[];
  readonly strain: () => Strain;
  /** Of the folders behind the ports: the reference says what they mean. */
  readonly errors: ErrorCodes;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * | state    | entered when  | left when | what then holds                                        |
 * | -------- | ------------- | --------- | ------------------------------------------------------ |
 * | made     | constructor   | `start()` | no port is open; events are followed                   |
 * | open     | `start()`     | `stop()`  | takes requests and sockets                             |
 * | draining | `stop()`      | it returns | nothing new but fixes is taken; what is in hand ends   |
 * | closed   | `stop()` ends | never     | no port and no socket is open                          |
 */
export class Gateway {
  readonly #deps: GatewayDeps;
  readonly #tokens: TokenVerifier;
  readonly #limits: EdgeLimits;
  readonly #loopDelay: LoopDelay;
  readonly #overload: Overload;
  readonly #revocations: Revocations;
  readonly #door: SocketDoor;
  readonly #sessions = new Sessions();
  readonly #inFlight = new InFlight();
  readonly #presence: Presence;
  readonly #tracking: Tracking;
  readonly #announcer: Announcer;
  readonly #figures: CityFiguresBoard;
  readonly #liveMap: LiveMap;
  readonly #silence: Loop;
  readonly #endedTopics: Loop;
  readonly #conversation: ConversationDeps;
  readonly #handleRequest: (request: IncomingRequest) => Promise<void>;
  #listener: Listener | null = null;
  #ops: OpsServer | null = null;
  #draining = false;

  constructor(deps: GatewayDeps) {
    const { config, orders, cities, history, clock, timeScale, metrics, log } = deps;
    this.#deps = deps;
    this.#presence = new Presence(clock);
    const topics = new Topics(clock);
    const shared = { topics, cities, history, clock, timeScale, metrics };
    this.#revocations = new Revocations(deps.revocations, clock);
    this.#tokens = new TokenVerifier(deps.jwtSecret, clock, (identity) =>
      this.#revocations.isRevoked(identity),
    );
    const tickets = new Tickets(clock);
    this.#limits = edgeLimits(deps);
    this.#loopDelay = new LoopDelay(metrics);
    this.#overload = new Overload({
      signs: () => ({ ...deps.strain(), loopDelayMs: this.#loopDelay.takeMaxMs() }),
      enabled: deps.config.OVERLOAD_STEPS === 'on',
      metrics,
      log,
    });
    this.#door = new SocketDoor({
      limits: this.#limits,
      tokens: this.#tokens,
      tickets,
      allowedOrigins: config.ALLOWED_ORIGINS,
      refusesWork: () => this.#refusal(),
    });
    this.#tracking = new Tracking({
      ...shared,
      courierSilenceSeconds: config.COURIER_SILENCE_SECONDS,
      positionsEveryMs: () => this.#overload.positionsEveryMs,
    });
    this.#silence = silenceLoop(this.#tracking, deps);
    this.#announcer = new Announcer(topics, metrics);
    this.#figures = this.#figuresBoard(deps);
    this.#endedTopics = endedTopicsLoop(shared, log);
    this.#liveMap = new LiveMap({
      ...deps,
      isPaused: () => this.#overload.leavesUndone('live_map'),
    });
    this.#conversation = {
      config: deps.config,
      orders,
      topics,
      tokens: this.#tokens,
      clock,
      timeScale,
      log,
      overload: this.#overload,
      tracking: this.#tracking,
      fixes: new FixIntake({ ...shared, config: deps.config, tracking: this.#tracking }),
      liveMap: this.#liveMap,
      inFlight: this.#inFlight,
      refusesWork: () => this.#refusal(),
      instruments: gatewayInstruments(metrics, () => this.#sessions.size),
    };
    const handleRequest = requestHandler({
      ...deps,
      tokens: this.#tokens,
      tickets,
      figures: (cityId) => this.#figures.of(cityId),
      revoke: (by, input) => this.#revoke(by, input),
      pageSessions: new PageSessions({ ...deps, tokens: this.#tokens }),
      proxies: this.#limits.proxies,
      limits: this.#limits.requests,
      overload: this.#overload,
      reference: referenceWith(deps.errors),
      refusesWork: () => this.#refusal(),
    });
    this.#handleRequest = acrossOrigins(config.ALLOWED_ORIGINS, handleRequest);
  }

  /**
   * Opens both ports.
   * @throws ListenError when one is taken; AppError when the orders under way cannot be read
   */
  async start(): Promise<{ url: string; opsUrl: string }> {
    const { config, orders, log } = this.#deps;
    await this.#revocations.load();
    for (const order of await orders.carriedOrders()) this.#tracking.orderChanged(order);
    this.#liveMap.start();
    this.#silence.start();
    this.#endedTopics.start();
    const ops = { host: config.OPS_HOST, port: config.OPS_PORT };
    const { metrics, health } = this.#deps;
    const overload = () => this.#overload.view;
    this.#ops = await startOpsServer(ops, { metrics, health, overload });
    const edge = { host: config.HOST, port: config.PORT };
    this.#listener = await listen<SocketGuest>(edge, {
      request: (request) => void this.#inFlight.during(() => this.#handleRequest(request)),
      upgrade: (request) => this.#upgrade(request),
      open: (socket, identity) => this.#open(socket, identity),
    });
    this.#overload.start();
    const url = urlOf(config.HOST, this.#listener.port);
    const opsUrl = urlOf(config.OPS_HOST, this.#ops.port);
    log.info({ url, opsUrl }, 'gateway.open');
    return { url, opsUrl };
  }

  /** A committed fact; those who listen hear of it. May come twice. */
  publish(event: OrderEvent): void {
    if (!this.#announcer.announce(event)) return;
    this.#figures.count(event);
    if (event.type === 'order.ready') this.#learnKitchen(event);
    this.#tracking.orderChanged(event.order);
  }

  /** How much later the food is ready than the restaurant had said last. */
  #learnKitchen({ atMs, order: { cityId, restaurantId, readyAtMs } }: OrderEvent): void {
    if (readyAtMs === null) return;
    const { cities, timeScale } = this.#deps;
    const seconds = timeScale.citySeconds(atMs - readyAtMs);
    cities.city(cityId)?.kitchens.learn(restaurantId, seconds);
  }

  /** When an order that nobody carries yet is meant to be picked up and at its door. */
  planned(...told: Parameters<Tracking['planned']>): void {
    this.#tracking.planned(...told);
  }

  /** How long the courier has not been heard of, ms; 0 while its app is connected. */
  courierSilentMs(cityId: string, courierId: string): number {
    return this.#presence.silentMs(cityId, courierId);
  }

  async stop(): Promise<void> {
    this.#draining = true;
    this.#listener?.stopListening();
    this.#sessions.sayGoodbye(this.#deps.random);
    const { DRAIN_MS } = this.#deps.config;
    await withDeadline(this.#inFlight.idle(), DRAIN_MS, 'drain').catch((error: unknown) =>
      this.#deps.log.warn({ err: error, inFlight: this.#inFlight.count }, 'gateway.drain_cut'),
    );
    this.#sessions.closeAll();
    await withDeadline(this.#sessions.empty(), GOODBYE_MS, 'goodbye').catch(() => undefined);
    this.#listener?.close();
    await this.#overload.stop();
    this.#loopDelay.stop();
    await this.#liveMap.stop();
    await this.#silence.stop();
    await this.#endedTopics.stop();
    await this.#ops?.close();
  }

  #figuresBoard({ clock, timeScale }: GatewayDeps): CityFiguresBoard {
    return new CityFiguresBoard({
      clock,
      timeScale,
      sockets: () => this.#sessions.size,
      overload: () => this.#overload.view.step,
    });
  }

  #refusal(): AppError | null {
    if (!this.#draining) return null;
    return protocolErrors.make('shutting_down', { retryAfterMs: RETRY_AFTER_MS });
  }

  #upgrade(request: UpgradeRequest<SocketGuest>): void {
    try {
      this.#door.admit(request);
    } catch (error) {
      const correlationId = newCorrelationId();
      const failure = failureFor(error, this.#deps.log, { correlationId, route: 'upgrade' });
      request.answer(answerOf(refusalOf(failure), correlationId));
    }
  }

  async #revoke(...what: Parameters<Revocations['revoke']>): Promise<void> {
    await this.#revocations.revoke(...what);
    this.#sessions.closeRevoked((identity) => this.#revocations.isRevoked(identity));
  }

  #open(socket: EdgeSocket, identity: SocketGuest): Session {
    const { actor, address } = identity;
    this.#limits.sockets.opened(address, actor);
    const session = new Session(socket, identity, this.#conversation, (ended) => {
      this.#sessions.remove(ended);
      this.#limits.sockets.closed(address, actor);
      if (actor.role === 'courier') this.#presence.left(actor);
    });
    if (actor.role === 'courier') this.#presence.came(actor);
    this.#conversation.instruments.opened.inc({ role: actor.role });
    this.#sessions.add(session);
    return session;
  }
}

/** A silence is noticed so late at most, as a part of what makes one. */
const SILENCE_PART = 1 / 20;
const SILENCE_CHECK_MS_MIN = 50;

function silenceLoop(tracking: Tracking, { config, timeScale, log }: GatewayDeps): Loop {
  const partMs = timeScale.wallMs(config.COURIER_SILENCE_SECONDS * SILENCE_PART);
  return new Loop({
    name: 'courier silence',
    round: () => {
      tracking.checkSilence();
      return Promise.resolve(false);
    },
    idleMs: Math.max(SILENCE_CHECK_MS_MIN, partMs),
    log,
  });
}

function referenceWith(errors: ErrorCodes): Reference {
  return makeReference({ ...protocolErrors.specs, ...gatewayErrors.specs, ...errors });
}

/** An address of all interfaces is none to connect to. */
function urlOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}
