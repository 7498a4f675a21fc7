import type { Place } from '../../protocol/index.ts';

/** The sphere that the engine measures on. */
const METERS_PER_DEGREE = (6_371_008.8 * Math.PI) / 180;

/** A straight way at an even speed. Short ways only: degrees are taken as a plane around the start. */
export class Journey {
  readonly from: Place;
  readonly to: Place;
  /** City seconds from start to end. */
  readonly seconds: number;
  readonly headingDegrees: number;
  readonly speedMps: number;

  constructor(from: Place, to: Place, speedMps: number) {
    this.speedMps = speedMps;
    this.from = from;
    this.to = to;
    const middleLat = ((from.lat + to.lat) / 2) * (Math.PI / 180);
    const northMeters = (to.lat - from.lat) * METERS_PER_DEGREE;
    const eastMeters = (to.lng - from.lng) * METERS_PER_DEGREE * Math.cos(middleLat);
    this.seconds = Math.hypot(northMeters, eastMeters) / speedMps;
    const degrees = (Math.atan2(eastMeters, northMeters) * 180) / Math.PI;
    this.headingDegrees = (degrees + 360) % 360;
  }

  /** Where one is after so many city seconds; at the end once they are all over. */
  placeAfter(seconds: number): Place {
    const part = this.seconds === 0 ? 1 : Math.min(1, Math.max(0, seconds / this.seconds));
    return {
      lat: this.from.lat + (this.to.lat - this.from.lat) * part,
      lng: this.from.lng + (this.to.lng - this.from.lng) * part,
    };
  }
}
