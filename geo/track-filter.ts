import {
  eastMeters,
  eastScale,
  headingOf,
  moveBy,
  northMeters,
  MovingPlace,
} from './local-plane.ts';
import type { Place } from './place.ts';
import type { CourierPosition } from './slots.ts';
import { followStandstill, newStandstill, type Standstill } from './standstill.ts';

/** Couriers turn, brake and start: metres squared per second cubed, tried on real traces. */
const RESTLESSNESS = 0.5;
/** Devices mean by accuracy the radius that two of three fixes lie within: 1.5 deviations of an axis. */
const DEVIATIONS_PER_ACCURACY = 1.5;
/** A device that says nothing of its accuracy, one that boasts, and one that despairs. */
const ACCURACY_METERS_UNKNOWN = 10;
const ACCURACY_METERS_MIN = 3;
const ACCURACY_METERS_MAX = 100;
/** A courier whose speed is not known yet, squared metres per second. */
const SPEED_VARIANCE_FIRST = 100;
/** After so many city seconds where a courier was going says nothing of where it is. */
const GAP_SECONDS_MAX = 15;
/** And after so many not even the mean speed says how fast it is now. */
const MEAN_SPEED_SECONDS_MAX = 300;
/** A faster mean, 108 km/h, was a jump or a wrong fix: going on with it would show the courier far beyond. */
const MEAN_SPEED_MPS_MAX = 30;
/** One fix in 3,000 is off by more, when what is believed of the noise is right (chi squared of 2). */
const SURPRISE_SQUARED = 16;
/** So many surprises in a row are no noise: the courier is there. */
const SURPRISES_MAX = 3;
/** No noise is so great: a jump, which `fix-check.ts` has believed already. */
const JUMP_METERS = 1_000;
/** As in `fix-check.ts`: nothing that a courier rides is faster. */
const SPEED_MPS_MAX = 70;
/** Slower than this, a heading is chance. */
const HEADING_SPEED_MPS_MIN = 1;
/** A device's speed is believed within so much of our own. */
const SPEED_SLACK_MPS = 5;

/** What a device said of where it is and how it moves; 0 of speed or accuracy may mean that it does not know. */
export interface MeasuredFix extends Place {
  readonly atMs: number;
  readonly speedMps: number;
  readonly headingDegrees: number;
  readonly accuracyMeters: number;
}

/**
 * What is believed of one courier: place, speed and how sure that is. Made once, changed in place. The
 * variances are those of each axis: east and north are equally uncertain, so one matrix serves both.
 */
export interface TrackFilter {
  readonly place: MovingPlace;
  /** Of the plane around it, see local-plane.ts. */
  scale: number;
  eastMps: number;
  northMps: number;
  /** Of the last fix; 0 before the first. */
  atMs: number;
  placeVariance: number;
  mixedVariance: number;
  speedVariance: number;
  surprises: number;
  headingDegrees: number;
  readonly standstill: Standstill;
}

export function newTrackFilter(): TrackFilter {
  return {
    place: new MovingPlace(),
    scale: 1,
    eastMps: 0,
    northMps: 0,
    atMs: 0,
    placeVariance: 0,
    mixedVariance: 0,
    speedVariance: 0,
    surprises: 0,
    headingDegrees: 0,
    standstill: newStandstill(),
  };
}

/**
 * Where the courier is shown after this fix. A Kalman filter of constant speed that is shaken by white
 * noise (Bar-Shalom, Li, Kirubarajan: "Estimation with Applications to Tracking and Navigation", 2001,
 * 6.2.2), on the plane around the last place; and a courier who stands does not wander.
 *
 * At even speed the place shown is not behind: after five fixes it is off by less than the accuracy of
 * the fixes. A single fix that is far off moves it little, the third in a row is believed.
 * @param fix that `followFix` has taken: finite, on the globe, newer than the one before
 * @param timeScale city seconds per wall second
 * @param into what is shown: speed and heading are the device's where they make sense, else our own
 * @hot bench: track
 */
export function smooth(
  filter: TrackFilter,
  fix: MeasuredFix,
  timeScale: number,
  into: CourierPosition,
): void {
  const accuracyMeters = accuracyOf(fix);
  const variance = (accuracyMeters / DEVIATIONS_PER_ACCURACY) ** 2;
  filter.scale = eastScale(fix);
  const seconds = filter.atMs === 0 ? Infinity : ((fix.atMs - filter.atMs) / 1000) * timeScale;
  if (seconds > GAP_SECONDS_MAX) startAnew(filter, fix, variance, seconds);
  else correct(filter, fix, variance, seconds);
  filter.atMs = fix.atMs;
  const still = followStandstill(
    filter.standstill,
    filter.place,
    seconds,
    Math.sqrt(filter.placeVariance),
  );
  show(filter, fix, still, into);
}

function accuracyOf({ accuracyMeters }: MeasuredFix): number {
  if (!(accuracyMeters > 0)) return ACCURACY_METERS_UNKNOWN;
  return Math.min(ACCURACY_METERS_MAX, Math.max(ACCURACY_METERS_MIN, accuracyMeters));
}

/** The fix is all that is known, and of the speed what it was on the way, when that was not too long. */
function startAnew(filter: TrackFilter, fix: MeasuredFix, variance: number, seconds: number): void {
  const eastMps = eastMeters(filter.place, fix, filter.scale) / seconds;
  const northMps = northMeters(filter.place, fix) / seconds;
  const squared = eastMps * eastMps + northMps * northMps;
  const goesOn = seconds <= MEAN_SPEED_SECONDS_MAX && squared <= MEAN_SPEED_MPS_MAX ** 2;
  filter.eastMps = goesOn ? eastMps : 0;
  filter.northMps = goesOn ? northMps : 0;
  filter.place.lat = fix.lat;
  filter.place.lng = fix.lng;
  filter.placeVariance = variance;
  filter.mixedVariance = 0;
  filter.speedVariance = SPEED_VARIANCE_FIRST;
  filter.surprises = 0;
}

function correct(filter: TrackFilter, fix: MeasuredFix, variance: number, seconds: number): void {
  predict(filter, seconds);
  const east = eastMeters(filter.place, fix, filter.scale);
  const north = northMeters(filter.place, fix);
  const expected = filter.placeVariance + variance;
  const squared = east * east + north * north;
  const surprise = squared / (expected * SURPRISE_SQUARED);
  filter.surprises = surprise > 1 ? filter.surprises + 1 : 0;
  if (filter.surprises >= SURPRISES_MAX || squared > JUMP_METERS * JUMP_METERS) {
    return startAnew(filter, fix, variance, Infinity);
  }
  // A surprise weighs less the greater it is.
  const total = surprise > 1 ? expected * surprise * surprise : expected;
  const placeGain = filter.placeVariance / total;
  const speedGain = filter.mixedVariance / total;
  moveBy(filter.place, placeGain * east, placeGain * north, filter.scale);
  filter.eastMps = boundedSpeed(filter.eastMps + speedGain * east);
  filter.northMps = boundedSpeed(filter.northMps + speedGain * north);
  filter.speedVariance -= speedGain * filter.mixedVariance;
  filter.placeVariance *= 1 - placeGain;
  filter.mixedVariance *= 1 - placeGain;
}

function predict(filter: TrackFilter, seconds: number): void {
  moveBy(filter.place, filter.eastMps * seconds, filter.northMps * seconds, filter.scale);
  const shaken = RESTLESSNESS * seconds;
  filter.placeVariance +=
    seconds * (2 * filter.mixedVariance + seconds * (filter.speedVariance + shaken / 3));
  filter.mixedVariance += seconds * (filter.speedVariance + shaken / 2);
  filter.speedVariance += shaken;
}

function boundedSpeed(mps: number): number {
  return Math.min(SPEED_MPS_MAX, Math.max(-SPEED_MPS_MAX, mps));
}

function show(filter: TrackFilter, fix: MeasuredFix, still: boolean, into: CourierPosition): void {
  const place = still ? filter.standstill.middle : filter.place;
  const ownMps = Math.sqrt(filter.eastMps ** 2 + filter.northMps ** 2);
  const byDevice = !still && isBelievable(filter, fix, ownMps);
  if (byDevice) filter.headingDegrees = fix.headingDegrees % 360;
  else if (!still && ownMps >= HEADING_SPEED_MPS_MIN) {
    filter.headingDegrees = headingOf(filter.eastMps, filter.northMps);
  }
  into.lat = place.lat;
  into.lng = place.lng;
  into.atMs = fix.atMs;
  into.headingDegrees = filter.headingDegrees;
  into.speedMps = still ? 0 : byDevice ? fix.speedMps : Math.min(SPEED_MPS_MAX, ownMps);
}

/** A device that knows its speed measures it better than places tell; many say 0 for not knowing it. */
function isBelievable(filter: TrackFilter, fix: MeasuredFix, ownMps: number): boolean {
  const { speedMps, headingDegrees } = fix;
  if (!(speedMps >= HEADING_SPEED_MPS_MIN && speedMps <= SPEED_MPS_MAX)) return false;
  if (!(headingDegrees >= 0 && headingDegrees <= 360)) return false;
  const slackMps = SPEED_SLACK_MPS + 2 * Math.sqrt(filter.speedVariance);
  return Math.abs(speedMps - ownMps) <= slackMps;
}
