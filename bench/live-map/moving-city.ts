import { LiveMap, Outlet } from '../../gateway/index.ts';
import { CourierIndex, type LiveCity } from '../../geo/index.ts';
import {
  createLogger,
  Metrics,
  required,
  seededRandom,
  systemClock,
  TimeScale,
  type CityId,
  type Clock,
} from '../../runtime/index.ts';

const SEED = 7;
const AREA = { south: 52.41, west: 13.25, north: 52.59, east: 13.55 };
const CENTER = { lat: 52.5, lng: 13.4 };
const HALF_LAT = 0.09;
const HALF_LNG = 0.148;
/** About 10 m. */
const STEP_DEGREES = 1e-4;
const SECOND_MS = 1_000;

/** Couriers of a city, denser towards its middle, and operators who see all of them. */
export class MovingCity {
  readonly #index = new CourierIndex();
  readonly #maps: readonly LiveMap[];
  readonly #places: { lat: number; lng: number }[];
  readonly #random = seededRandom(SEED);
  #aheadMs = 0;
  #next = 0;
  /** Sent so far. */
  bytes = 0;

  constructor(
    couriers: number,
    { maps, operators }: { readonly maps: number; readonly operators: number },
  ) {
    const next = (): number => this.#random.next();
    const spread = (): number => (next() + next() + next() - 1.5) / 1.5;
    this.#places = Array.from({ length: couriers }, () => ({
      lat: CENTER.lat + spread() * HALF_LAT,
      lng: CENTER.lng + spread() * HALF_LNG,
    }));
    const clock: Clock = {
      nowMs: () => systemClock.nowMs() + this.#aheadMs,
      monotonicMs: () => systemClock.monotonicMs() + this.#aheadMs,
    };
    const cities = { city: () => ({ index: this.#index }) as unknown as LiveCity };
    this.#maps = Array.from(
      { length: maps },
      () =>
        new LiveMap({
          cities,
          clock,
          timeScale: new TimeScale(1),
          metrics: new Metrics(false),
          log: createLogger('silent'),
        }),
    );
    this.#move(couriers);
    for (let i = 0; i < operators; i++) this.#watch(required(this.#maps[i % maps], 'a map'));
  }

  /** So many fixes, and then all that the maps have to tell. @returns ms of each slice */
  second(fixes: number): number[] {
    this.#move(fixes);
    this.#aheadMs += SECOND_MS;
    const slicesMs: number[] = [];
    for (const map of this.#maps) {
      for (let more = true; more;) {
        const startedAtMs = systemClock.monotonicMs();
        more = map.slice();
        slicesMs.push(systemClock.monotonicMs() - startedAtMs);
      }
    }
    return slicesMs;
  }

  #move(fixes: number): void {
    for (let i = 0; i < fixes; i++) {
      const courier = this.#next++ % this.#places.length;
      const place = required(this.#places[courier], 'a courier');
      place.lat += (this.#random.next() - 0.5) * STEP_DEGREES;
      place.lng += (this.#random.next() - 0.5) * STEP_DEGREES;
      const atMs = systemClock.nowMs() + this.#aheadMs;
      this.#index.move(`courier-${courier}`, { ...place, headingDegrees: 90, speedMps: 4, atMs });
    }
  }

  #watch(map: LiveMap): void {
    const socket = {
      isOpen: true,
      send: (data: string | Uint8Array) => {
        this.bytes += data.length;
      },
      backlogBytes: () => 0,
      close: () => undefined,
    };
    const actor = { role: 'operator', subject: 'o', cityId: 'c1' as CityId } as const;
    map.watch({ actor, outlet: new Outlet(socket, 'hexfleet.v1.bin') }, AREA);
  }
}
