/**
 * How a marker moves between fixes. Fixes come every few seconds and late; shown as they come, a courier
 * would jump. So the marker is shown a little in the past, about one interval of fixes, where the fix
 * after is known already, and goes straight from one to the next. It never goes back in time, and stands
 * at the newest fix when no more come. Pure: whoever draws says what time it is.
 */
export interface MotionFix {
  readonly lat: number;
  readonly lng: number;
  readonly headingDegrees: number;
  /** The engine's clock. */
  readonly atMs: number;
}

export interface Pose {
  readonly lat: number;
  readonly lng: number;
  readonly headingDegrees: number;
}

/** As many as come within the longest delay. */
const FIXES_MAX = 16;
/** Between fixes that come all the time, and between those of a phone that saves its battery. */
const DELAY_MS_MIN = 300;
const DELAY_MS_MAX = 12_000;
/** Of a new interval, in the mean. */
const NEWS_PART = 0.3;
/** What is missing to where the marker should be is made up within so long, and faster than twice nothing moves. */
const CATCH_UP_MS = 4_000;
const PACE_MAX = 2;
/** Farther behind than this a marker does not hurry after, but is put there. */
const BEHIND_MS_MAX = 30_000;

export class Motion {
  #fixes: MotionFix[] = [];
  #delayMs = DELAY_MS_MIN;
  /** The moment that is shown; null before the first fix. */
  #shownMs: number | null = null;
  #askedMs = 0;

  /** @param nowMs the engine's clock; a fix that is older than the newest, or as old, is dropped */
  add(fix: MotionFix, nowMs: number): void {
    const newest = this.#fixes.at(-1);
    if (newest !== undefined && fix.atMs <= newest.atMs) return;
    if (newest !== undefined) {
      const lateMs = Math.max(0, nowMs - fix.atMs);
      const wantedMs = clamp(fix.atMs - newest.atMs + lateMs, DELAY_MS_MIN, DELAY_MS_MAX);
      const isFirst = this.#fixes.length === 1;
      this.#delayMs += (wantedMs - this.#delayMs) * (isFirst ? 1 : NEWS_PART);
    }
    this.#fixes = [...this.#fixes, fix].slice(-FIXES_MAX);
  }

  /** Where it is shown now; null while nothing is known. @param nowMs not before that of the last call */
  at(nowMs: number): Pose | null {
    if (this.#fixes.length === 0) return null;
    const wantedMs = nowMs - this.#delayMs;
    const elapsedMs = Math.max(0, nowMs - this.#askedMs);
    this.#askedMs = nowMs;
    this.#shownMs =
      this.#shownMs === null ? wantedMs : nextShownMs(this.#shownMs, wantedMs, elapsedMs);
    return poseAt(this.#fixes, this.#shownMs);
  }

  /** Whether there is anything to come: the newest fix is not reached yet. */
  get isMoving(): boolean {
    const newest = this.#fixes.at(-1);
    return newest !== undefined && (this.#shownMs ?? 0) < newest.atMs;
  }

  /** When the newest fix was made; null: there is none. */
  get newestMs(): number | null {
    return this.#fixes.at(-1)?.atMs ?? null;
  }

  /** Where it was last, without the way there: for readers who want nothing to move. */
  get newest(): Pose | null {
    return this.#fixes.at(-1) ?? null;
  }
}

/** The moment that is shown next: towards the wanted one, never back, and never in a rush. */
export function nextShownMs(shownMs: number, wantedMs: number, elapsedMs: number): number {
  const missingMs = wantedMs - shownMs;
  if (missingMs > BEHIND_MS_MAX) return wantedMs;
  const pace = clamp(
    (elapsedMs + (missingMs - elapsedMs) * (elapsedMs / CATCH_UP_MS)) / Math.max(elapsedMs, 1),
    0,
    PACE_MAX,
  );
  return shownMs + elapsedMs * pace;
}

/**
 * Between the two fixes around the moment, in proportion; the first before them all, the last after.
 * @param fixes one or more, growing in time
 */
export function poseAt(fixes: readonly MotionFix[], atMs: number): Pose {
  const after = fixes.findIndex((fix) => fix.atMs > atMs);
  const to = fixes.at(after);
  const from = after <= 0 ? undefined : fixes[after - 1];
  if (to === undefined) return NOWHERE;
  if (from === undefined) return to;
  const part = (atMs - from.atMs) / (to.atMs - from.atMs);
  return {
    lat: from.lat + (to.lat - from.lat) * part,
    lng: from.lng + turn(from.lng, to.lng) * part,
    headingDegrees:
      (from.headingDegrees + turn(from.headingDegrees, to.headingDegrees) * part + 360) % 360,
  };
}

const NOWHERE: Pose = { lat: 0, lng: 0, headingDegrees: 0 };

/** The shorter way around: over north, and over the antimeridian. -180 to 180 */
export function turn(fromDegrees: number, toDegrees: number): number {
  return ((((toDegrees - fromDegrees + 180) % 360) + 360) % 360) - 180;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
