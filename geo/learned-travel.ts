import { assert } from '../runtime/index.ts';
import { distanceMeters, type Place } from './place.ts';
import { SpeedProfile } from './speed-profile.ts';
import type { TravelTimes } from './travel-times.ts';

/** What was set for a city. */
export interface TravelTerms {
  /** Average speed along the way, metres per city second. */
  readonly courierSpeedMps: number;
  /** Way driven divided by great-circle distance, at least 1. */
  readonly detourFactor: number;
}

/** @throws AssertionFailed for terms that make no sense */
export function assertTravelTerms({ courierSpeedMps, detourFactor }: TravelTerms): void {
  assert(courierSpeedMps > 0 && Number.isFinite(courierSpeedMps), 'couriers move');
  assert(detourFactor >= 1 && Number.isFinite(detourFactor), 'no way is shorter than straight');
}

/**
 * Great-circle distance at the speed at which this fleet comes nearer to where it is going, at this
 * hour and along this way; before anything was learned, at the speed that was set.
 */
export class LearnedTravel implements TravelTimes {
  readonly profile: SpeedProfile;

  /** @throws AssertionFailed for terms that make no sense */
  constructor(terms: TravelTerms) {
    assertTravelTerms(terms);
    this.profile = new SpeedProfile(terms.courierSpeedMps / terms.detourFactor);
  }

  /** What was set has changed; what was learned stays. */
  setTerms(terms: TravelTerms): void {
    assertTravelTerms(terms);
    this.profile.setPrior(terms.courierSpeedMps / terms.detourFactor);
  }

  /** By the speeds at the beginning, in the middle and at the end of the way. */
  seconds(from: Place, to: Place, hour: number): number {
    const meters = distanceMeters(from, to);
    const { profile } = this;
    const slowness =
      1 / profile.speedMps(from.lat, from.lng, hour) +
      1 / profile.speedMps((from.lat + to.lat) / 2, middleLng(from.lng, to.lng), hour) +
      1 / profile.speedMps(to.lat, to.lng, hour);
    return (meters * slowness) / 3;
  }

  airSpeedMps(hour: number): number {
    return this.profile.citySpeedMps(hour);
  }
}

/** Between two meridians, the short way round. */
function middleLng(from: number, to: number): number {
  if (Math.abs(from - to) <= 180) return (from + to) / 2;
  const middle = (from + to) / 2 + 180;
  return middle > 180 ? middle - 360 : middle;
}
