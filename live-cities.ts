import { createLiveCity, updateLiveCity, type LiveCity, type Place } from './geo/index.ts';
import type { CitySettings } from './order-core/index.ts';

/**
 * The cities of this engine as they are now: the spatial picture that the order core's commits keep
 * up to date and that gateway and dispatch read. Implements the order core's boards.
 */
export class LiveCities {
  readonly #cities = new Map<string, LiveCity>();
  readonly #added: (city: LiveCity) => void;

  /** @param added called once for each city, when it is first known */
  constructor(added: (city: LiveCity) => void) {
    this.#added = added;
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
    const city = createLiveCity(settings);
    this.#cities.set(settings.cityId, city);
    this.#added(city);
  }

  courierChanged(cityId: string, courierId: string, available: boolean): void {
    this.#cities.get(cityId)?.index.setAvailable(courierId, available);
  }
}
