import {
  followFix,
  newFixTrack,
  newTrackFilter,
  smooth,
  type CourierPosition,
  type FixTerms,
} from '../../geo/index.ts';
import {
  decodeFix,
  emptyFix,
  FIX_AGE_MS_MAX,
  fixCount,
  type Actor,
  type Fix,
} from '../../protocol/index.ts';
import type { Clock, Metrics, Tally, TimeScale } from '../../runtime/index.ts';
import type { FixHistory, LiveCities } from '../ports.ts';
import type { Tracking } from '../tracking.ts';
import { FixStream } from './fix-stream.ts';

export interface FixIntakeDeps {
  readonly cities: LiveCities;
  readonly history: FixHistory;
  readonly tracking: Tracking;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly metrics: Metrics;
}

/** Takes fixes from frame to index, history and watchers. */
export class FixIntake {
  readonly #deps: FixIntakeDeps;
  readonly #terms: FixTerms;
  readonly #outcomes: Tally & { taken: number } = { taken: 0 };
  /** One for all frames, which are worked off one after the other. */
  readonly #fix: Fix = emptyFix();
  /** Where the courier is shown after the newest fix that was taken. */
  readonly #shown: CourierPosition = emptyFix();

  constructor(deps: FixIntakeDeps) {
    this.#deps = deps;
    const timeScale = deps.timeScale.factor;
    this.#terms = { nowMs: 0, timeScale, ageMsMax: FIX_AGE_MS_MAX };
    deps.metrics.tally('hexfleet_fixes_total', 'Fixes by what became of them: taken, or why not', {
      label: 'outcome',
      by: this.#outcomes,
    });
  }

  /**
   * A stream goes on where the index knows the courier to be. To be closed with `close`.
   * @param acknowledge tells the courier up to which sequence its fixes were looked at
   */
  open(actor: Actor, acknowledge: (sequence: number) => void): FixStream {
    const known = this.#deps.cities.city(actor.cityId)?.index.positionOf(actor.subject) ?? null;
    return new FixStream({
      actor,
      acknowledge,
      track: newFixTrack(known),
      filter: newTrackFilter(),
      trail: this.#deps.tracking.follow(actor),
    });
  }

  close(stream: FixStream): void {
    this.#deps.tracking.unfollow(stream.trail);
  }

  /** The courier exists: from now on its fixes are taken, and what came early too. */
  admit(stream: FixStream): void {
    const early = stream.admit(this.#deps.cities.city(stream.actor.cityId));
    if (early !== null) this.frame(stream, early);
  }

  /**
   * A frame with many fixes is a backlog: all of them are history, the newest is where the courier is.
   * @param bytes a binary frame, see protocol/fix-frame.ts
   * @returns false when the bytes are no frame; nothing was taken
   * @hot bench: ingest
   */
  frame(stream: FixStream, bytes: ArrayBuffer): boolean {
    const view = new DataView(bytes);
    const count = fixCount(view);
    if (count === 0) return false;
    if (!stream.isAdmitted) {
      this.#keepEarly(stream, bytes);
      return true;
    }
    const nowMs = this.#deps.clock.monotonicMs();
    this.#terms.nowMs = this.#deps.clock.nowMs();
    const refusal = this.#refusal(stream);
    let taken = 0;
    for (let i = 0; i < count; i++) {
      decodeFix(view, i, this.#fix);
      stream.looked(this.#fix.sequence);
      if (refusal !== null) this.#count(refusal, 1);
      else if (this.#take(stream) === null) taken += 1;
    }
    if (taken > 0) this.#move(stream, nowMs, taken);
    stream.acknowledgeDue(nowMs);
    return true;
  }

  /** A frame that nobody looks at, because its courier has sent too many. @returns as of `frame` */
  tooMany(bytes: ArrayBuffer): boolean {
    const fixes = fixCount(new DataView(bytes));
    this.#count('flood', fixes);
    return fixes > 0;
  }

  /** A newer frame that comes before the courier is known takes the place of the older. */
  #keepEarly(stream: FixStream, bytes: ArrayBuffer): void {
    const dropped = stream.keepEarly(bytes);
    if (dropped !== null) this.#count('early', fixCount(new DataView(dropped)));
  }

  /** @returns why the fix was not taken, or null */
  single(stream: FixStream, fix: Fix): string | null {
    if (!stream.isAdmitted) return 'unknown_courier';
    this.#terms.nowMs = this.#deps.clock.nowMs();
    Object.assign(this.#fix, fix);
    const refusal = this.#refusal(stream);
    if (refusal !== null) this.#count(refusal, 1);
    const problem = refusal ?? this.#take(stream);
    if (problem === null) this.#move(stream, this.#deps.clock.monotonicMs(), 1);
    return problem;
  }

  /** History gets what was said, the index and the watchers what is shown. */
  #take(stream: FixStream): string | null {
    const { actor, track, filter, trail } = stream;
    const fix = this.#fix;
    const problem = followFix(track, fix, this.#terms);
    if (problem !== null) {
      this.#count(problem, 1);
      return problem;
    }
    smooth(filter, fix, this.#terms.timeScale, this.#shown);
    this.#deps.tracking.fixTaken(trail, this.#shown);
    this.#deps.history.append(actor.cityId, actor.subject, fix);
    return null;
  }

  /**
   * Where a courier is who does not work is nobody's business. What it carries it carries to its end.
   * By the time when the fix comes, not its own: a clock that is slow must not tell of the way home.
   */
  #refusal({ trail, hasCity }: FixStream): string | null {
    if (!hasCity) return 'unknown_city';
    const { worksUntilMs, orders } = trail;
    const works = worksUntilMs !== null && this.#terms.nowMs < worksUntilMs;
    return works || orders.length > 0 ? null : 'off_duty';
  }

  /** @param taken fixes of this frame */
  #move(stream: FixStream, nowMs: number, taken: number): void {
    this.#outcomes.taken += taken;
    stream.moveTo(this.#shown);
    this.#deps.tracking.courierMoved(stream.trail, this.#shown, nowMs);
  }

  #count(outcome: string, fixes: number): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + fixes;
  }
}
