/**
 * City time runs `factor` times as fast as the machine's clock.
 *
 * A replayed day at speed 300 must see a restaurant's five minutes of patience pass in one second.
 * Whatever is a promise of the business (patience, travel, preparation) is written in city seconds
 * and goes through this object; whatever belongs to the machine (socket timeouts, retries of SQL,
 * pings) is plain milliseconds and does not.
 */
export class TimeScale {
  readonly factor: number;

  /** @param factor city seconds per wall second, at least 1. */
  constructor(factor: number) {
    if (!(factor >= 1) || !Number.isFinite(factor)) {
      throw new RangeError(`time scale must be a number of at least 1, got ${factor}`);
    }
    this.factor = factor;
  }

  /** Wall milliseconds that `citySeconds` take. */
  wallMs(citySeconds: number): number {
    return (citySeconds * 1000) / this.factor;
  }

  /** City seconds that pass in `wallMs` milliseconds. */
  citySeconds(wallMs: number): number {
    return (wallMs / 1000) * this.factor;
  }

  /**
   * Hour of the city's day, 0 to 23, at a reading of the clock: UTC's where city time is the clock's,
   * in a fast city some 24 parts of its day. What repeats by the day repeats by it.
   */
  hourOfDay(atMs: number): number {
    return Math.floor((atMs * this.factor) / 3_600_000) % 24;
  }
}
