import { assert } from '../runtime/index.ts';
import { distanceMeters, type Place } from './place.ts';

/** How long couriers of a city need: great-circle distance, made longer by streets, at one speed. */
export class TravelModel {
  readonly courierSpeedMps: number;
  readonly detourFactor: number;

  /**
   * @param settings.courierSpeedMps average speed along the way, metres per city second
   * @param settings.detourFactor way driven divided by great-circle distance, at least 1
   */
  constructor(settings: { readonly courierSpeedMps: number; readonly detourFactor: number }) {
    const { courierSpeedMps, detourFactor } = settings;
    assert(courierSpeedMps > 0 && Number.isFinite(courierSpeedMps), 'couriers move');
    assert(detourFactor >= 1 && Number.isFinite(detourFactor), 'no way is shorter than straight');
    this.courierSpeedMps = courierSpeedMps;
    this.detourFactor = detourFactor;
  }

  /** City seconds from one place to the other. */
  travelSeconds(from: Place, to: Place): number {
    return (distanceMeters(from, to) * this.detourFactor) / this.courierSpeedMps;
  }
}
