import type { CourierPosition, FixTrack, LiveCity, TrackFilter } from '../../geo/index.ts';
import type { Actor } from '../../protocol/index.ts';
import type { Trail } from '../tracking.ts';

/**
 * So many fixes at most are looked at before the courier is told, so an app keeps some kilobytes. Who
 * streams is told by time; this is for a backlog, twenty and more to a frame, where a message to one frame
 * of three would be a tenth of what its fixes cost.
 */
const ACKNOWLEDGE_FIXES = 256;
/** And so long a courier who sends rarely waits, ms. */
const ACKNOWLEDGE_MS = 30_000;

/** As Trail has it. @param untilMs when the shift ends; null or undefined: the courier did not say */
export function worksUntilMs(onDuty: boolean, untilMs: number | null | undefined): number {
  return onDuty ? (untilMs ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY;
}

/**
 * A courier that streams, and what is remembered of its fixes; whatever a fix needs was looked up when
 * the socket opened.
 *
 * | state    | entered when         | left when | what then holds                                      |
 * | -------- | -------------------- | --------- | ---------------------------------------------------- |
 * | waiting  | the socket opens     | `admit()` | nothing is taken; the newest frame is kept           |
 * | admitted | the database knows the courier | never | the index's slot is known, if the city is there |
 */
export class FixStream {
  readonly actor: Actor;
  readonly track: FixTrack;
  readonly filter: TrackFilter;
  readonly trail: Trail;
  readonly #acknowledge: (sequence: number) => void;
  #admitted = false;
  #index: LiveCity['index'] | null = null;
  #slot = -1;
  /** The newest frame that came early: one, so that nobody can make us hold more. */
  #early: ArrayBuffer | null = null;
  #sequence = 0;
  /** Fixes that were looked at since the last acknowledgement. */
  #unacknowledged = 0;
  #acknowledgedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: {
    readonly actor: Actor;
    readonly track: FixTrack;
    readonly filter: TrackFilter;
    readonly trail: Trail;
    readonly acknowledge: (sequence: number) => void;
  }) {
    this.actor = parts.actor;
    this.track = parts.track;
    this.filter = parts.filter;
    this.trail = parts.trail;
    this.#acknowledge = parts.acknowledge;
  }

  get isAdmitted(): boolean {
    return this.#admitted;
  }

  /** Whether there is an index to move in. */
  get hasCity(): boolean {
    return this.#index !== null;
  }

  /** @returns the frame that came early, or null */
  admit(city: LiveCity | null): ArrayBuffer | null {
    this.#admitted = true;
    this.#index = city?.index ?? null;
    this.#slot = this.#index?.slotOf(this.actor.subject) ?? -1;
    const early = this.#early;
    this.#early = null;
    return early;
  }

  /** @returns the frame that was kept until now, and is not any more */
  keepEarly(bytes: ArrayBuffer): ArrayBuffer | null {
    const dropped = this.#early;
    this.#early = bytes.slice(0);
    return dropped;
  }

  /** @hot bench: ingest */
  moveTo(position: Readonly<CourierPosition>): void {
    const index = this.#index;
    if (index === null) return;
    const { subject } = this.actor;
    if (!index.isSlotOf(this.#slot, subject)) this.#slot = index.slotOf(subject);
    index.moveSlot(this.#slot, position);
  }

  /** A fix was looked at. */
  looked(sequence: number): void {
    if (sequence > this.#sequence) this.#sequence = sequence;
    this.#unacknowledged += 1;
  }

  /** Tells the courier, when that is due. @param nowMs monotonic */
  acknowledgeDue(nowMs: number): void {
    const isDue =
      this.#unacknowledged >= ACKNOWLEDGE_FIXES || nowMs - this.#acknowledgedAtMs >= ACKNOWLEDGE_MS;
    if (!isDue) return;
    this.#unacknowledged = 0;
    this.#acknowledgedAtMs = nowMs;
    this.#acknowledge(this.#sequence);
  }
}
