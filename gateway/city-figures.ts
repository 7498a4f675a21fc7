import {
  FIGURE_MINUTES_MAX,
  type CityFigures,
  type FigureDistribution,
  type FigureMinute,
  type OrderEvent,
} from '../protocol/index.ts';
import { dropOldest, type Clock, type TimeScale } from '../runtime/index.ts';

const MINUTE_MS = 60_000;
/** Cities that are counted; 120 minutes of one are about 20 KB. */
const CITIES_MAX = 1_000;
/** Orders that were accepted and have no courier yet. */
const WAITING_MAX = 50_000;

interface Distribution {
  count: number;
  sum: number;
  max: number;
}

interface Minute {
  atMs: number;
  placed: number;
  delivered: number;
  cancelled: number;
  clickToDoorSeconds: Distribution;
  assignmentSeconds: Distribution;
  eventLagMs: Distribution;
  sockets: number;
}

interface CityFiguresDeps {
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  /** Open now. */
  readonly sockets: () => number;
  /** How much is left undone now; 0: nothing. */
  readonly overload: () => number;
}

/**
 * What happens in each city, counted by the minute as its facts pass. In memory: a restart begins anew,
 * and who wants history has the metrics and the read models.
 */
export class CityFiguresBoard {
  readonly #deps: CityFiguresDeps;
  /** Oldest first; the last is the minute that goes on. */
  readonly #cities = new Map<string, Minute[]>();
  /** When the restaurant has accepted. */
  readonly #acceptedMs = new Map<string, number>();

  constructor(deps: CityFiguresDeps) {
    this.#deps = deps;
  }

  /** A fact that is new. */
  count({ type, atMs, order }: OrderEvent): void {
    const { clock, timeScale } = this.#deps;
    const minute = this.#now(order.cityId);
    add(minute.eventLagMs, Math.max(0, clock.nowMs() - atMs));
    if (type === 'order.placed') minute.placed += 1;
    if (type === 'order.cancelled') minute.cancelled += 1;
    if (type === 'order.confirmed') {
      this.#acceptedMs.set(order.orderId, atMs);
      dropOldest(this.#acceptedMs, WAITING_MAX);
    }
    if (type === 'order.assigned') {
      const acceptedMs = this.#acceptedMs.get(order.orderId);
      // Only the first courier of an order: who comes after did not wait for that.
      this.#acceptedMs.delete(order.orderId);
      if (acceptedMs !== undefined) {
        add(minute.assignmentSeconds, timeScale.citySeconds(atMs - acceptedMs));
      }
    }
    if (type === 'order.delivered') {
      minute.delivered += 1;
      const sinceMs = order.scheduledForMs === null ? order.placedAtMs : null;
      if (sinceMs !== null) add(minute.clickToDoorSeconds, timeScale.citySeconds(atMs - sinceMs));
    }
    if (type === 'order.cancelled') this.#acceptedMs.delete(order.orderId);
  }

  of(cityId: string): CityFigures {
    this.#now(cityId);
    const minutes = this.#cities.get(cityId) ?? [];
    return { minutes: minutes.map(shown), overload: this.#deps.overload() };
  }

  /** The minute that goes on; those since the last one in which something happened are made. */
  #now(cityId: string): Minute {
    const minutes = this.#cities.get(cityId) ?? [];
    if (minutes.length === 0) {
      this.#cities.set(cityId, minutes);
      dropOldest(this.#cities, CITIES_MAX);
    }
    const { clock, sockets } = this.#deps;
    const startMs = Math.floor(clock.nowMs() / MINUTE_MS) * MINUTE_MS;
    const oldestMs = startMs - (FIGURE_MINUTES_MAX - 1) * MINUTE_MS;
    const lastMs = minutes.at(-1)?.atMs ?? startMs - MINUTE_MS;
    for (let atMs = Math.max(lastMs + MINUTE_MS, oldestMs); atMs <= startMs; atMs += MINUTE_MS) {
      minutes.push(emptyMinute(atMs));
    }
    while ((minutes[0]?.atMs ?? startMs) < oldestMs) minutes.shift();
    // A clock that was set back counts into the newest there is.
    const minute = minutes.at(-1) ?? emptyMinute(startMs);
    minute.sockets = sockets();
    return minute;
  }
}

function emptyMinute(atMs: number): Minute {
  const none = (): Distribution => ({ count: 0, sum: 0, max: 0 });
  return {
    atMs,
    placed: 0,
    delivered: 0,
    cancelled: 0,
    clickToDoorSeconds: none(),
    assignmentSeconds: none(),
    eventLagMs: none(),
    sockets: 0,
  };
}

function add(distribution: Distribution, value: number): void {
  distribution.count += 1;
  distribution.sum += value;
  distribution.max = Math.max(distribution.max, value);
}

function shown(minute: Minute): FigureMinute {
  return {
    ...minute,
    clickToDoorSeconds: shownDistribution(minute.clickToDoorSeconds),
    assignmentSeconds: shownDistribution(minute.assignmentSeconds),
    eventLagMs: shownDistribution(minute.eventLagMs),
  };
}

function shownDistribution({ count, sum, max }: Distribution): FigureDistribution {
  return { count, mean: count === 0 ? null : sum / count, max: count === 0 ? null : max };
}
