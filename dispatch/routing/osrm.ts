import { z } from 'zod';
import type { Place, TravelTimes } from '../../geo/index.ts';
import {
  Breaker,
  DEPENDENCIES,
  dropOldest,
  type Logger,
  type Metrics,
} from '../../runtime/index.ts';

/** Places are asked for to so many parts of a degree, some 100 m: couriers on one way share answers. */
const PER_DEGREE = 1_000;
/** Ways that are remembered; streets do not change while an engine runs. */
const KNOWN_MAX = 200_000;
/** Ways that wait to be asked for; what comes then is answered without, and comes again. */
const WAITING_MAX = 2_000;
/** Requests under way at once. */
const AT_ONCE = 4;
const { callMs, breaker: BREAKER } = DEPENDENCIES.routing;

/** `NoRoute` and `NoSegment` are answers too: there is no way, and there will be none tomorrow. */
const answerSchema = z.discriminatedUnion('code', [
  z.object({
    code: z.literal('Ok'),
    routes: z.array(z.object({ duration: z.number().nonnegative() })).min(1),
  }),
  z.object({ code: z.enum(['NoRoute', 'NoSegment']) }),
]);

export interface OsrmDeps {
  /** Of a server that speaks OSRM's HTTP API, with its profile: http://host:5000/route/v1/bicycle */
  readonly url: string;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Travel times of a routing service that knows the streets (Project OSRM, HTTP API v1). Nobody waits
 * for it: a way that was not asked for before is answered by what the fleet has taught, and asked for
 * behind; the next time the answer is there. A service that is away, slow or wrong changes nothing
 * but that.
 */
export class OsrmRoutes {
  readonly #deps: OsrmDeps;
  /** Seconds, by way, null where there is none; oldest first. */
  readonly #known = new Map<string, number | null>();
  readonly #waiting = new Set<string>();
  readonly #breaker: Breaker;
  readonly #answers: ReturnType<Metrics['counter']>;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<string>();
  #resting = false;

  constructor(deps: OsrmDeps) {
    this.#deps = deps;
    this.#breaker = new Breaker({
      name: 'routing',
      terms: BREAKER,
      onOpen: () => this.#rest(),
      metrics: deps.metrics,
      log: deps.log,
    });
    this.#answers = deps.metrics.counter(
      'hexfleet_routing_requests_total',
      'Ways that the routing service was asked for',
      ['outcome'],
    );
    deps.metrics.gauge('hexfleet_routes_known', 'Ways remembered', () => this.#known.size);
  }

  /** Times of these streets where they are known, else those of `otherwise`. */
  inFrontOf(otherwise: TravelTimes): TravelTimes {
    return {
      seconds: (from, to, hour) => this.#secondsOf(from, to) ?? otherwise.seconds(from, to, hour),
      airSpeedMps: (hour) => otherwise.airSpeedMps(hour),
    };
  }

  /** What is under way is given up. */
  stop(): void {
    this.#stop.abort();
    this.#waiting.clear();
  }

  /** Null when it is not known yet; then it is asked for. */
  #secondsOf(from: Place, to: Place): number | null {
    const way = `${spelled(from)};${spelled(to)}`;
    const known = this.#known.get(way);
    if (known !== undefined) return known;
    if (this.#underWay.has(way)) return null;
    if (this.#waiting.size < WAITING_MAX) this.#waiting.add(way);
    this.#askOn();
    return null;
  }

  #askOn(): void {
    if (this.#stop.signal.aborted || this.#resting) return;
    for (const way of this.#waiting) {
      if (this.#underWay.size >= AT_ONCE) return;
      this.#waiting.delete(way);
      void this.#ask(way);
    }
  }

  /** The breaker would refuse each of thousands of ways; so they are not even tried. */
  #rest(): void {
    this.#resting = true;
    setTimeout(() => {
      this.#resting = false;
      this.#askOn();
    }, BREAKER.pauseMs).unref();
  }

  /** Never rejects. */
  async #ask(way: string): Promise<void> {
    this.#underWay.add(way);
    try {
      const seconds = await this.#breaker.execute(
        (signal) => this.#request(way, signal),
        this.#stop.signal,
      );
      this.#remember(way, seconds);
      this.#answers.inc({ outcome: 'answered' });
    } catch (error) {
      this.#answers.inc({ outcome: 'failed' });
      this.#deps.log.debug({ err: error, way }, 'routing.failed');
    }
    this.#underWay.delete(way);
    this.#askOn();
  }

  /** Null: there is no way. @throws when there is no answer in time, or none that can be believed */
  async #request(way: string, signal: AbortSignal): Promise<number | null> {
    const url = `${this.#deps.url}/${way}?overview=false&steps=false&alternatives=false`;
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(callMs)]),
      redirect: 'error',
    });
    const answer = answerSchema.parse(await response.json());
    return answer.code === 'Ok' ? (answer.routes[0]?.duration ?? null) : null;
  }

  #remember(way: string, seconds: number | null): void {
    this.#known.set(way, seconds);
    dropOldest(this.#known, KNOWN_MAX);
  }
}

/** OSRM wants longitude first. */
function spelled({ lat, lng }: Place): string {
  const rounded = (degrees: number): string =>
    (Math.round(degrees * PER_DEGREE) / PER_DEGREE).toFixed(3);
  return `${rounded(lng)},${rounded(lat)}`;
}
