import {
  followFix,
  newFixTrack,
  newTrackFilter,
  smooth,
  type CourierPosition,
  type FixTerms,
  type FixTrack,
  type LiveCity,
  type TrackFilter,
} from '../../geo/index.ts';
import {
  decodeFix,
  emptyFix,
  FIX_AGE_MS_MAX,
  fixCount,
  type Actor,
  type Fix,
} from '../../protocol/index.ts';
import type { Clock, Metrics, TimeScale } from '../../runtime/index.ts';
import type { FixHistory, LiveCities } from '../ports.ts';
import type { Tracking } from '../tracking.ts';

export interface FixIntakeDeps {
  readonly cities: LiveCities;
  readonly history: FixHistory;
  readonly tracking: Tracking;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly metrics: Metrics;
}

/**
 * A courier that streams, and what is remembered of its fixes. Whether there is such a courier is asked
 * of the database when the socket opens; until it is known, nothing is taken.
 */
export interface FixStream {
  readonly actor: Actor;
  readonly track: FixTrack;
  readonly filter: TrackFilter;
  known: boolean;
  /** The newest frame that came before that: one, so that nobody can make us hold more. */
  early: ArrayBuffer | null;
}

/** Takes fixes from frame to index, history and watchers. */
export class FixIntake {
  readonly #deps: FixIntakeDeps;
  readonly #fixes: ReturnType<Metrics['counter']>;
  /** One for all frames: a frame is worked off before the next is looked at. */
  readonly #scratch: Fix = emptyFix();
  /** Where the courier is shown. */
  readonly #shown: CourierPosition = emptyFix();
  readonly #terms: FixTerms;

  constructor(deps: FixIntakeDeps) {
    this.#deps = deps;
    const timeScale = deps.timeScale.factor;
    this.#terms = { nowMs: 0, timeScale, ageMsMax: FIX_AGE_MS_MAX };
    this.#fixes = deps.metrics.counter(
      'hexfleet_fixes_total',
      'Fixes by what became of them: taken, or why not',
      ['outcome'],
    );
  }

  /** A stream goes on where the index knows the courier to be. */
  open(actor: Actor): FixStream {
    const known = this.#deps.cities.city(actor.cityId)?.index.positionOf(actor.subject) ?? null;
    const filter = newTrackFilter();
    return { actor, track: newFixTrack(known), filter, known: false, early: null };
  }

  /** The courier exists: from now on its fixes are taken, and what came early too. */
  admit(stream: FixStream): void {
    const { early } = stream;
    stream.known = true;
    stream.early = null;
    if (early !== null) this.frame(stream, early);
  }

  /**
   * @param bytes a binary frame, see protocol/fix-frame.ts
   * @returns false when the bytes are no frame; nothing was taken
   */
  frame(stream: FixStream, bytes: ArrayBuffer): boolean {
    const view = new DataView(bytes);
    const count = fixCount(view);
    if (count === 0) return false;
    if (!stream.known) {
      if (stream.early !== null) this.#drop(stream.early);
      stream.early = bytes.slice(0);
      return true;
    }
    const receivedAtMs = this.#deps.clock.monotonicMs();
    let taken = false;
    for (let i = 0; i < count; i++) {
      decodeFix(view, i, this.#scratch);
      taken = this.#take(stream, this.#scratch) === null || taken;
    }
    if (taken) this.#deps.tracking.courierMoved(stream.actor, receivedAtMs);
    return true;
  }

  /** A newer frame came before the courier was known. */
  #drop(early: ArrayBuffer): void {
    this.#fixes.inc({ outcome: 'early' }, fixCount(new DataView(early)));
  }

  /** @returns why the fix was not taken, or null */
  single(stream: FixStream, fix: Fix): string | null {
    if (!stream.known) return 'unknown_courier';
    const receivedAtMs = this.#deps.clock.monotonicMs();
    const problem = this.#take(stream, fix);
    if (problem === null) this.#deps.tracking.courierMoved(stream.actor, receivedAtMs);
    return problem;
  }

  #take(stream: FixStream, fix: Fix): string | null {
    const { actor, track, filter } = stream;
    const city = this.#deps.cities.city(actor.cityId);
    const problem = city === null ? 'unknown_city' : this.#problem(fix, track);
    this.#fixes.inc({ outcome: problem ?? 'taken' });
    if (problem !== null || city === null) return problem;
    smooth(filter, fix, this.#terms.timeScale, this.#shown);
    this.#store(city, actor, fix);
    return null;
  }

  #problem(fix: Fix, track: FixTrack): string | null {
    this.#terms.nowMs = this.#deps.clock.nowMs();
    return followFix(track, fix, this.#terms);
  }

  /** The index gets what is shown, history what was said. */
  #store(city: LiveCity, actor: Actor, fix: Fix): void {
    city.index.move(actor.subject, this.#shown);
    this.#deps.history.append(actor.cityId, actor.subject, fix);
  }
}
