import { distanceMeters, isPlace, METERS_PER_DEGREE, type Place } from './place.ts';

/** Why a fix was not taken. */
export type FixProblem =
  | 'not_finite'
  | 'out_of_range'
  | 'null_island'
  | 'from_future'
  | 'stale'
  | 'out_of_order'
  | 'too_fast';

/** A device's clock may be ahead by so much. */
const FUTURE_MS_MAX = 30_000;
/** 200 km/h: no courier's vehicle is faster. */
const SPEED_MPS_MAX = 200 / 3.6;
/** What satellite positioning in streets may be off, beside what the device admits. */
const SLACK_METERS = 150;
/** A device that is less sure of itself is not believed to have jumped farther for that. */
const ACCURACY_METERS_MAX = 500;
/**
 * So many fixes in a row that agree with each other and not with the one that was taken last say that
 * the last was wrong: a receiver's first fix may lie a country away, and every true one would be too
 * fast for as long as the way back takes.
 */
const CONFIRMING_FIXES = 3;
/** Receivers without a position report 0, 0; the real place is at sea. */
const NULL_ISLAND_DEGREES = 0.000_1;

/** A fix as far as it can be believed or not. */
export interface CheckedFix extends Place {
  readonly atMs: number;
  readonly accuracyMeters: number;
}

/** Where and when the courier was last. */
interface LastFix extends Place {
  readonly atMs: number;
}

/** What fixes are checked against, beside each other. */
export interface FixTerms {
  /** The server's wall clock. */
  nowMs: number;
  /** City seconds per wall second: in a fast city couriers move fast. */
  readonly timeScale: number;
  /** Older fixes say nothing of where a courier is. */
  readonly ageMsMax: number;
}

/** A class for the same reason as `MovingPlace`. */
class FixPoint {
  lat = 0;
  lng = 0;
  atMs = 0;
}

/** What is remembered of one courier's fixes; made once, changed in place. */
export interface FixTrack {
  /** The fix that was taken last; `atMs` 0 before the first. */
  readonly last: FixPoint;
  /** The newest of those that were too far from it, and how many of them agree so far. */
  readonly jump: FixPoint;
  jumpFixes: number;
}

/** @param known where the courier was last, if anybody knows */
export function newFixTrack(known: LastFix | null): FixTrack {
  const last = new FixPoint();
  if (known !== null) moveTo(last, known);
  return { last, jump: new FixPoint(), jumpFixes: 0 };
}

/**
 * Whether a fix is to be taken: null, and the track goes on from it; or what speaks against it. A
 * jump is taken with the third fix that confirms it.
 * @hot bench: ingest
 */
export function followFix(track: FixTrack, fix: CheckedFix, terms: FixTerms): FixProblem | null {
  const { last, jump } = track;
  const problem = fixProblem(fix, last.atMs === 0 ? null : last, terms);
  if (problem === 'too_fast') {
    const agrees = track.jumpFixes > 0 ? fixProblem(fix, jump, terms) : 'too_fast';
    if (agrees === 'out_of_order') return problem;
    track.jumpFixes = agrees === null ? track.jumpFixes + 1 : 1;
    moveTo(jump, fix);
    if (track.jumpFixes < CONFIRMING_FIXES) return problem;
  } else if (problem !== null) {
    return problem;
  }
  track.jumpFixes = 0;
  moveTo(last, fix);
  return null;
}

function moveTo(point: FixPoint, fix: LastFix): void {
  point.lat = fix.lat;
  point.lng = fix.lng;
  point.atMs = fix.atMs;
}

/**
 * What speaks against a fix, or null. Pure, and makes no garbage.
 * @param last the fix that was taken before, null for the first
 * @hot bench: ingest
 */
export function fixProblem(
  fix: CheckedFix,
  last: LastFix | null,
  { nowMs, timeScale, ageMsMax }: FixTerms,
): FixProblem | null {
  if (!hasOnlyNumbers(fix)) return 'not_finite';
  if (!isPlace(fix)) return 'out_of_range';
  if (Math.abs(fix.lat) < NULL_ISLAND_DEGREES && Math.abs(fix.lng) < NULL_ISLAND_DEGREES) {
    return 'null_island';
  }
  if (fix.atMs > nowMs + FUTURE_MS_MAX) return 'from_future';
  if (fix.atMs < nowMs - ageMsMax) return 'stale';
  if (last === null) return null;
  if (fix.atMs <= last.atMs) return 'out_of_order';
  const citySeconds = ((fix.atMs - last.atMs) / 1000) * timeScale;
  const slackMeters = SLACK_METERS + Math.min(ACCURACY_METERS_MAX, Math.max(0, fix.accuracyMeters));
  const reachMeters = citySeconds * SPEED_MPS_MAX + slackMeters;
  return isWithin(reachMeters, last, fix) ? null : 'too_fast';
}

/** The way along the meridian and then the equator is never the shorter, and mostly tells enough. */
function isWithin(meters: number, from: Place, to: Place): boolean {
  const degrees = Math.abs(to.lat - from.lat) + Math.abs(to.lng - from.lng);
  return degrees * METERS_PER_DEGREE <= meters || distanceMeters(from, to) <= meters;
}

/** One number that is none makes the sum one; none of them is near the largest. */
function hasOnlyNumbers({ lat, lng, atMs, accuracyMeters }: CheckedFix): boolean {
  return Number.isFinite(lat + lng + atMs + accuracyMeters);
}
