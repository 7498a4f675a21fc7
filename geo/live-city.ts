import { assert } from '../runtime/index.ts';
import { CourierIndex } from './courier-index.ts';
import { KitchenDelays } from './kitchen-delays.ts';
import { assertTravelTerms, LearnedTravel } from './learned-travel.ts';
import type { TravelTimes } from './travel-times.ts';
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
  readonly bundleRadiusMeters: number;
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
  /** What the fleet's fixes teach of this city's ways. */
  readonly learned: LearnedTravel;
  /** What its kitchens teach of when food is ready. */
  readonly kitchens: KitchenDelays;
  /** How long ways take: by what was learned, or by who knows the streets. */
  readonly travel: TravelTimes;
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

/**
 * @param travelBy makes another source of travel times of what is learned; left out: that alone
 * @throws AssertionFailed for settings that make no sense
 */
export function createLiveCity(
  settings: LiveCitySettings,
  travelBy: (learned: LearnedTravel) => TravelTimes = (learned) => learned,
): LiveCity {
  const learned = new LearnedTravel(settings);
  return {
    cityId: settings.cityId,
    index: new CourierIndex(),
    learned,
    kitchens: new KitchenDelays(),
    travel: travelBy(learned),
    zone: new Zone(settings.deliveryZone),
    dispatch: settings.dispatch,
  };
}

/**
 * New settings for a running city; its couriers stay where they are, and what was learned is kept.
 * @throws AssertionFailed for settings that make no sense or are another city's; nothing has changed
 */
export function updateLiveCity(city: LiveCity, settings: LiveCitySettings): void {
  assert(city.cityId === settings.cityId, 'settings go to their own city');
  assertTravelTerms(settings);
  const zone = new Zone(settings.deliveryZone);
  city.learned.setTerms(settings);
  Object.assign(city, { zone, dispatch: settings.dispatch });
}
