import { CourierIndex } from './courier-index.ts';
import { TravelModel } from './travel-model.ts';
import { Zone, type ZonePolygon } from './zone.ts';

/** The spatial side of one city while the engine runs: where couriers are, how fast they move. */
export interface LiveCity {
  readonly cityId: string;
  readonly index: CourierIndex;
  travel: TravelModel;
  zone: Zone;
}

/** What was set for a city; see the parts for units and bounds. */
export interface LiveCitySettings {
  readonly cityId: string;
  readonly deliveryZone: readonly ZonePolygon[];
  readonly courierSpeedMps: number;
  readonly detourFactor: number;
}

/** @throws AssertionFailed for settings that make no sense */
export function createLiveCity(settings: LiveCitySettings): LiveCity {
  return {
    cityId: settings.cityId,
    index: new CourierIndex(),
    travel: new TravelModel(settings),
    zone: new Zone(settings.deliveryZone),
  };
}

/** New settings for a running city; its couriers stay where they are. */
export function updateLiveCity(city: LiveCity, settings: LiveCitySettings): void {
  const [travel, zone] = [new TravelModel(settings), new Zone(settings.deliveryZone)];
  Object.assign(city, { travel, zone });
}
