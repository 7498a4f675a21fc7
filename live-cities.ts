import {
  createLiveCity,
  updateLiveCity,
  type LearnedSums,
  type LearnedTravel,
  type LiveCity,
  type Place,
  type TravelTimes,
} from './geo/index.ts';
import type { CitySettings } from './order-core/index.ts';
import { Loop, type Clock, type Logger } from './runtime/index.ts';

/** How often what was learned is kept: a crash forgets no more than this. */
const KEEP_MS = 300_000;
/** Who sent no fix for so long has gone home, and stands nowhere. */
const POSITION_MS_MAX = 12 * 3_600_000;

/** Where what was learned of a city's ways is kept. */
interface TravelProfiles {
  load(cityId: string): Promise<LearnedSums | null>;
  save(cityId: string, sums: LearnedSums): Promise<void>;
}

export interface LiveCitiesDeps {
  /** Called once for each city, when it is first known. */
  readonly added: (city: LiveCity) => void;
  /** Another source of travel times than what was learned; null: there is none. */
  readonly travelBy: ((learned: LearnedTravel) => TravelTimes) | null;
  readonly profiles: () => TravelProfiles;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The cities of this engine as they are now: the spatial picture that the order core's commits keep
 * up to date and that gateway and dispatch read. Implements the order core's boards. Now and then,
 * what is learned of the cities' ways is kept, and couriers who have gone home are forgotten.
 */
export class LiveCities {
  readonly #cities = new Map<string, LiveCity>();
  readonly #deps: LiveCitiesDeps;
  readonly #keeping: Loop;

  constructor(deps: LiveCitiesDeps) {
    this.#deps = deps;
    this.#keeping = new Loop({
      name: 'travel profiles',
      round: () => this.#keep(),
      idleMs: KEEP_MS,
      log: deps.log,
    });
  }

  /** The cities that there are, with what was learned of them before. */
  async start(settings: readonly CitySettings[]): Promise<void> {
    for (const own of settings) {
      this.cityChanged(own);
      const sums = await this.#deps.profiles().load(own.cityId);
      if (sums !== null) this.#cities.get(own.cityId)?.learned.profile.restore(sums);
    }
    this.#keeping.start();
  }

  async stop(): Promise<void> {
    await this.#keeping.stop();
    await this.#keep();
  }

  /** Null for a city that was never provisioned. */
  city(cityId: string): LiveCity | null {
    return this.#cities.get(cityId) ?? null;
  }

  covers(cityId: string, place: Place): boolean {
    return this.#cities.get(cityId)?.zone.contains(place) ?? false;
  }

  cityChanged(settings: CitySettings): void {
    const known = this.#cities.get(settings.cityId);
    if (known !== undefined) return updateLiveCity(known, settings);
    const city = createLiveCity(settings, this.#deps.travelBy ?? undefined);
    this.#cities.set(settings.cityId, city);
    this.#deps.added(city);
  }

  courierChanged(cityId: string, courierId: string, available: boolean): void {
    this.#cities.get(cityId)?.index.setAvailable(courierId, available);
  }

  async #keep(): Promise<boolean> {
    const { clock, log } = this.#deps;
    for (const { cityId, learned, index } of this.#cities.values()) {
      const couriers = index.expire(clock.nowMs() - POSITION_MS_MAX);
      if (couriers > 0) log.info({ cityId, couriers }, 'couriers.gone_home');
      if (!learned.profile.takeChanged()) continue;
      await this.#deps.profiles().save(cityId, learned.profile.toJSON());
    }
    return false;
  }
}
