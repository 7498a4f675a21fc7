import { assert } from '../runtime/index.ts';
import { CourierIndex } from './courier-index.ts';
import { TravelModel } from './travel-model.ts';
import { Zone, type ZonePolygon } from './zone.ts';

/**
 * How the city finds couriers for its orders; kept here for dispatch, which reads it anew each round.
 * `protocol/dispatch.ts` says what each means.
 */
export interface CityDispatch {
  readonly strategy: 'nearest' | 'scored' | 'optimal';
  /** City seconds between two rounds; null: the engine's own. */
  readonly epochSeconds: number | null;
  readonly maxBatch: number;
  readonly maxPickupDistanceMeters: number;
  readonly promiseMinutes: number;
  readonly vehicles: Readonly<
    Record<
      'bicycle' | 'scooter' | 'car' | 'foot',
      { readonly speedFactor: number; readonly maxDistanceMeters: number | null }
    >
  >;
}

/** One city while the engine runs: where couriers are, how fast they move, how they are chosen. */
export interface LiveCity {
  readonly cityId: string;
  readonly index: CourierIndex;
  travel: TravelModel;
  zone: Zone;
  dispatch: CityDispatch;
}

/** What was set for a city; see the parts for units and bounds. */
export interface LiveCitySettings {
  readonly cityId: string;
  readonly deliveryZone: readonly ZonePolygon[];
  readonly courierSpeedMps: number;
  readonly detourFactor: number;
  readonly dispatch: CityDispatch;
}

/** @throws AssertionFailed for settings that make no sense */
export function createLiveCity(settings: LiveCitySettings): LiveCity {
  return {
    cityId: settings.cityId,
    index: new CourierIndex(),
    travel: new TravelModel(settings),
    zone: new Zone(settings.deliveryZone),
    dispatch: settings.dispatch,
  };
}

/**
 * New settings for a running city; its couriers stay where they are.
 * @throws AssertionFailed for settings that make no sense or are another city's; nothing has changed
 */
export function updateLiveCity(city: LiveCity, settings: LiveCitySettings): void {
  assert(city.cityId === settings.cityId, 'settings go to their own city');
  const [travel, zone] = [new TravelModel(settings), new Zone(settings.deliveryZone)];
  Object.assign(city, { travel, zone, dispatch: settings.dispatch });
}
