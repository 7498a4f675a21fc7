import { followFix, smooth, type CourierPosition, type FixTerms } from '../../geo/index.ts';
import {
  COURIER_FRAME_BYTES_MAX,
  decodeFix,
  emptyFix,
  FIX_AGE_MS_MAX,
  fixCount,
  type Fix,
} from '../../protocol/index.ts';
import type { Clock, Config, Metrics, Tally, TimeScale } from '../../runtime/index.ts';
import type { CourierState } from '../courier-rows.ts';
import { takeOne } from '../limits/bucket.ts';
import { frameEveryMs } from '../limits/socket-budget.ts';
import type { FixHistory, LiveCities } from '../ports.ts';
import type { Tracking } from '../tracking.ts';
import { FixStream, type FixSource } from './fix-stream.ts';

export interface FixIntakeDeps {
  readonly config: Config;
  readonly cities: LiveCities;
  readonly history: FixHistory;
  readonly tracking: Tracking;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly metrics: Metrics;
}

/** The frame that is looked at, and what with. */
class Look {
  /** Of the fixes in it. */
  count = 0;
  /** Whether the courier still has its slot in the index. */
  hasSlot = false;
  /** When it came, monotonic. */
  nowMs = 0;
}

/** Takes fixes from frame to index, history and watchers. */
export class FixIntake {
  readonly #deps: FixIntakeDeps;
  readonly #terms: FixTerms;
  readonly #frameEveryMs: number;
  readonly #outcomes: Tally & { taken: number } = { taken: 0 };
  /** One for all frames, which are worked off one after the other. */
  readonly #look = new Look();
  readonly #fix: Fix = emptyFix();
  /** Where the courier is shown after the newest fix that was taken. */
  readonly #shown: CourierPosition = emptyFix();

  constructor(deps: FixIntakeDeps) {
    this.#deps = deps;
    this.#frameEveryMs = frameEveryMs(deps.config);
    const timeScale = deps.timeScale.factor;
    this.#terms = { nowMs: 0, timeScale, ageMsMax: FIX_AGE_MS_MAX };
    deps.metrics.tally('hexfleet_fixes_total', 'Fixes by what became of them: taken, or why not', {
      label: 'outcome',
      by: this.#outcomes,
    });
  }

  /** The stream of a courier's socket. It goes on where the courier is known to be; to be closed with `close`. */
  open(source: FixSource): FixStream {
    return new FixStream(source, this.#deps.tracking.follow(source.actor), this.#frame);
  }

  close(stream: FixStream): void {
    stream.end();
    this.#deps.tracking.unfollow(stream.trail);
  }

  /** The courier exists: from now on its fixes are taken, and what came early too. */
  admit(stream: FixStream): void {
    const early = stream.admit(this.#deps.cities.city(stream.source.actor.cityId));
    if (early === null) return;
    const view = new DataView(early);
    this.#lookAt(stream, fixCount(view), this.#deps.clock.monotonicMs());
    this.#takeAll(stream, view, this.#deps.tracking.rows.read(stream.row));
  }

  /**
   * @param bytes meant as a binary frame, see protocol/fix-frame.ts
   * @hot bench: ingest
   */
  readonly #frame = (stream: FixStream, bytes: ArrayBuffer): void => {
    const view = new DataView(bytes);
    const count = fixCount(view);
    if (count === 0) return stream.source.badFrame(bytes.byteLength > COURIER_FRAME_BYTES_MAX);
    if (stream.state === 'ended') return;
    const { clock, tracking } = this.#deps;
    const nowMs = clock.monotonicMs();
    this.#lookAt(stream, count, nowMs);
    const state = tracking.rows.read(stream.row);
    if (this.#frameEveryMs > 0) {
      const fullAtMs = takeOne(state.framesFullAtMs, nowMs, this.#frameEveryMs);
      if (Number.isNaN(fullAtMs)) {
        this.#count('flood', count);
        return stream.source.tooMany(state.framesFullAtMs, nowMs);
      }
      state.framesFullAtMs = fullAtMs;
    }
    if (stream.state === 'admitted') return this.#takeAll(stream, view, state);
    tracking.rows.write(stream.row);
    this.#keepEarly(stream, bytes);
  };

  /**
   * A frame with many fixes is a backlog: all of them are history, the newest is where the courier is.
   * @hot bench: ingest
   */
  #takeAll(stream: FixStream, view: DataView, state: CourierState): void {
    const { clock, tracking } = this.#deps;
    this.#terms.nowMs = clock.nowMs();
    const refusal = this.#refusal(stream, state);
    let taken = 0;
    for (let i = 0; i < this.#look.count; i++) {
      decodeFix(view, i, this.#fix);
      stream.looked(this.#fix.sequence);
      if (refusal !== null) this.#count(refusal, 1);
      else if (this.#take(stream, state) === null) taken += 1;
    }
    tracking.rows.write(stream.row);
    if (taken > 0) this.#move(stream, state, taken);
    stream.acknowledgeDue(this.#look.nowMs);
  }

  /** Before the row is read, so that the processor waits for the index's record and for the row at once. */
  #lookAt(stream: FixStream, count: number, nowMs: number): void {
    this.#look.count = count;
    this.#look.nowMs = nowMs;
    this.#look.hasSlot = stream.hasSlot();
  }

  /** A newer frame that comes before the courier is known takes the place of the older. */
  #keepEarly(stream: FixStream, bytes: ArrayBuffer): void {
    const dropped = stream.keepEarly(bytes);
    if (dropped !== null) this.#count('early', fixCount(new DataView(dropped)));
  }

  /** @returns why the fix was not taken, or null */
  single(stream: FixStream, fix: Fix): string | null {
    if (stream.state !== 'admitted') return 'unknown_courier';
    const { clock, tracking } = this.#deps;
    this.#terms.nowMs = clock.nowMs();
    Object.assign(this.#fix, fix);
    this.#lookAt(stream, 1, clock.monotonicMs());
    const state = tracking.rows.read(stream.row);
    const refusal = this.#refusal(stream, state);
    if (refusal !== null) this.#count(refusal, 1);
    const problem = refusal ?? this.#take(stream, state);
    tracking.rows.write(stream.row);
    if (problem === null) this.#move(stream, state, 1);
    return problem;
  }

  /** History gets what was said, the index and the watchers what is shown. */
  #take(stream: FixStream, { track, isCarrying }: CourierState): string | null {
    const fix = this.#fix;
    const problem = followFix(track.fixes, fix, this.#terms);
    if (problem !== null) {
      this.#count(problem, 1);
      return problem;
    }
    smooth(track.filter, fix, this.#terms.timeScale, this.#shown);
    if (isCarrying) this.#deps.tracking.fixTaken(stream.trail, this.#shown);
    this.#deps.history.append(stream.cityId, stream.courierId, fix);
    return null;
  }

  /**
   * Where a courier is who does not work is nobody's business. What it carries it carries to its end.
   * By the time when the fix comes, not its own: a clock that is slow must not tell of the way home.
   */
  #refusal({ hasCity }: FixStream, { worksUntilMs, isCarrying }: CourierState): string | null {
    if (!hasCity) return 'unknown_city';
    return isCarrying || this.#terms.nowMs < worksUntilMs ? null : 'off_duty';
  }

  /** @param taken fixes of this frame */
  #move(stream: FixStream, { isCarrying }: CourierState, taken: number): void {
    const { hasSlot, nowMs } = this.#look;
    this.#outcomes.taken += taken;
    stream.moveTo(this.#shown, hasSlot);
    if (isCarrying) this.#deps.tracking.courierMoved(stream.trail, this.#shown, nowMs);
  }

  #count(outcome: string, fixes: number): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + fixes;
  }
}
