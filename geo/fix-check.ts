import { distanceMeters, isPlace, type Place } from './place.ts';

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
/** Older fixes say nothing of where a courier is. */
const STALE_MS = 5 * 60_000;
/** 250 km/h: no courier's vehicle, and no train that it is on, is faster. */
const SPEED_MPS_MAX = 70;
/** What satellite positioning in streets may be off, beside what the device admits. */
const SLACK_METERS = 150;
/** A device that is less sure of itself is not believed to have jumped farther for that. */
const ACCURACY_METERS_MAX = 500;
/** Receivers without a position report 0, 0; the real place is at sea. */
const NULL_ISLAND_DEGREES = 0.000_1;

/** A fix as far as it can be believed or not. */
export interface CheckedFix extends Place {
  readonly atMs: number;
  readonly accuracyMeters: number;
}

/** Where and when the courier was last. */
export interface LastFix extends Place {
  readonly atMs: number;
}

/**
 * What speaks against a fix, or null. Pure, and makes no garbage.
 * @param last the fix that was taken before, null for the first
 * @param nowMs the server's wall clock
 * @param timeScale city seconds per wall second: in a fast city couriers move fast
 * @hot bench: ingest
 */
export function fixProblem(
  fix: CheckedFix,
  last: LastFix | null,
  nowMs: number,
  timeScale: number,
): FixProblem | null {
  if (!hasOnlyNumbers(fix)) return 'not_finite';
  if (!isPlace(fix)) return 'out_of_range';
  if (Math.abs(fix.lat) < NULL_ISLAND_DEGREES && Math.abs(fix.lng) < NULL_ISLAND_DEGREES) {
    return 'null_island';
  }
  if (fix.atMs > nowMs + FUTURE_MS_MAX) return 'from_future';
  if (fix.atMs < nowMs - STALE_MS) return 'stale';
  if (last === null) return null;
  if (fix.atMs <= last.atMs) return 'out_of_order';
  const citySeconds = ((fix.atMs - last.atMs) / 1000) * timeScale;
  const slackMeters = SLACK_METERS + Math.min(ACCURACY_METERS_MAX, Math.max(0, fix.accuracyMeters));
  const reachMeters = citySeconds * SPEED_MPS_MAX + slackMeters;
  return distanceMeters(last, fix) > reachMeters ? 'too_fast' : null;
}

/** One number that is none makes the sum one; none of them is near the largest. */
function hasOnlyNumbers({ lat, lng, atMs, accuracyMeters }: CheckedFix): boolean {
  return Number.isFinite(lat + lng + atMs + accuracyMeters);
}
