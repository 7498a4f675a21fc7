import { moveBy, newTrackFilter, planeMeters, smooth, type Place } from '../../geo/index.ts';
import type { Random } from '../../runtime/index.ts';
import type { Trace, TracePoint } from './traces.ts';

/** The filter may settle for so many fixes of a trace. */
const SETTLE_FIXES = 5;
/** A courier stands when it was no farther from here, so long ago ... */
const STANDING_METERS = 3;
/** ... and is looked at only after a minute, in fixes of 3 s. */
const STANDING_FIXES = 20;
/** Devices mean the radius that holds two of three fixes: 1.5 deviations of an axis. */
const ACCURACY_PER_DEVIATION = 1.5;
const ACCURACY_METERS_MIN = 5;

/** Of fixes as they were sent, and of what was shown after each. */
export interface Accuracy {
  /** Root of the mean squared distance from where the courier was, metres. */
  readonly rawErrorMeters: number;
  readonly shownErrorMeters: number;
  /** Way that a courier who stands seems to go, metres a minute. */
  readonly rawStandingMetersPerMinute: number;
  readonly shownStandingMetersPerMinute: number;
}

/**
 * Sends each trace with noise through a filter of its own, and looks how far what is shown is from the
 * trace without noise.
 * @param deviationMeters of the noise, on each axis, normally distributed
 */
export function measureAccuracy(
  traces: readonly Trace[],
  deviationMeters: number,
  random: Random,
): Accuracy {
  const sums = { fixes: 0, raw: 0, shown: 0, standingMs: 0, rawWay: 0, shownWay: 0 };
  const accuracyMeters = Math.max(ACCURACY_METERS_MIN, deviationMeters * ACCURACY_PER_DEVIATION);
  for (const trace of traces) {
    const filter = newTrackFilter();
    let [rawBefore, shownBefore]: Place[] = [];
    trace.forEach((truth, i) => {
      const { lat, lng } = withNoise(truth, deviationMeters, random);
      const shown = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
      const fix = { lat, lng, atMs: truth.atMs, speedMps: 0, headingDegrees: 0, accuracyMeters };
      smooth(filter, fix, 1, shown);
      if (i >= SETTLE_FIXES) {
        sums.fixes += 1;
        sums.raw += planeMeters(truth, fix) ** 2;
        sums.shown += planeMeters(truth, shown) ** 2;
      }
      if (rawBefore !== undefined && shownBefore !== undefined && isStanding(trace, i)) {
        sums.standingMs += truth.atMs - (trace[i - 1]?.atMs ?? truth.atMs);
        sums.rawWay += planeMeters(rawBefore, fix);
        sums.shownWay += planeMeters(shownBefore, shown);
      }
      [rawBefore, shownBefore] = [fix, shown];
    });
  }
  const minutes = sums.standingMs / 60_000;
  return {
    rawErrorMeters: Math.sqrt(sums.raw / sums.fixes),
    shownErrorMeters: Math.sqrt(sums.shown / sums.fixes),
    rawStandingMetersPerMinute: sums.rawWay / minutes,
    shownStandingMetersPerMinute: sums.shownWay / minutes,
  };
}

function isStanding(trace: Trace, i: number): boolean {
  const [now, then, halfway] = [i, i - STANDING_FIXES, i - STANDING_FIXES / 2].map(
    (at): TracePoint | undefined => trace[at],
  );
  if (now === undefined || then === undefined || halfway === undefined) return false;
  return planeMeters(now, then) <= STANDING_METERS && planeMeters(now, halfway) <= STANDING_METERS;
}

/** Box and Muller's transform: two numbers of chance make one step in any direction. */
function withNoise({ lat, lng }: Place, deviationMeters: number, random: Random): Place {
  const place = { lat, lng };
  const meters = deviationMeters * Math.sqrt(-2 * Math.log(1 - random.next()));
  const angle = 2 * Math.PI * random.next();
  moveBy(place, meters * Math.cos(angle), meters * Math.sin(angle));
  return place;
}
