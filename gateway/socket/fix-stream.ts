import type { CourierPosition, LiveCity } from '../../geo/index.ts';
import type { Actor } from '../../protocol/index.ts';
import type { FrameSink } from '../edge.ts';
import type { Trail } from '../tracking.ts';

/**
 * So many fixes at most are looked at before the courier is told, so an app keeps some kilobytes. Who
 * streams is told by time; this is for a backlog, twenty and more to a frame, where a message to one frame
 * of three would be a tenth of what its fixes cost.
 */
const ACKNOWLEDGE_FIXES = 256;
/** And so long a courier who sends rarely waits. */
const ACKNOWLEDGE_SECONDS = 30;
/** Before the first second, which is 0. */
const LONG_AGO: number = -ACKNOWLEDGE_SECONDS;

/** As CourierState has it. @param untilMs when the shift ends; null or undefined: the courier did not say */
export function worksUntilMs(onDuty: boolean, untilMs: number | null | undefined): number {
  return onDuty ? (untilMs ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY;
}

/** The courier at the other end of a stream. */
export interface FixSource {
  readonly actor: Actor;
  /** Its fixes were looked at up to this sequence. */
  acknowledge(sequence: number): void;
  /** A frame came too soon. @param fullAtMs as in limits/bucket.ts @param nowMs monotonic */
  tooMany(fullAtMs: number, nowMs: number): void;
  /** What it sent is no frame of fixes. */
  badFrame(isTooBig: boolean): void;
}

/**
 * A courier's socket that streams; whatever a fix needs was looked up when it opened.
 *
 * | state    | entered when         | left when | what then holds                                      |
 * | -------- | -------------------- | --------- | ---------------------------------------------------- |
 * | waiting  | the socket opens     | `admit()` | nothing is taken; the newest frame is kept           |
 * | admitted | the database knows the courier | `end()` | the index's slot is known, if the city is there |
 * | ended    | the socket closes    | never     | nothing is taken: the row may be somebody else's      |
 */
export class FixStream implements FrameSink {
  readonly source: FixSource;
  readonly trail: Trail;
  /** Of the courier's state (courier-rows.ts). */
  readonly row: number;
  readonly #take: (stream: FixStream, bytes: ArrayBuffer) => void;
  /** The texts that the city and its index have too: of one text there are thousands of copies else. */
  #cityId: string;
  #courierId: string;
  #state: FixStream['state'] = 'waiting';
  #index: LiveCity['index'] | null = null;
  #slot = -1;
  #generation = -1;
  #sequence = 0;
  /** Fixes that were looked at since the last acknowledgement. */
  #unacknowledged = 0;
  /** Monotonic; whole, as a fraction would be an object of its own. */
  #acknowledgedAtSecond = LONG_AGO;
  /** The newest frame that came early: one, so that nobody can make us hold more. */
  #early: ArrayBuffer | null = null;

  /** @param take looks at a frame of this stream */
  constructor(
    source: FixSource,
    trail: Trail,
    take: (stream: FixStream, bytes: ArrayBuffer) => void,
  ) {
    this.source = source;
    this.trail = trail;
    this.row = trail.row;
    this.#take = take;
    this.#cityId = source.actor.cityId;
    this.#courierId = source.actor.subject;
  }

  get state(): 'waiting' | 'admitted' | 'ended' {
    return this.#state;
  }

  get cityId(): string {
    return this.#cityId;
  }

  get courierId(): string {
    return this.#courierId;
  }

  /** Whether there is an index to move in. */
  get hasCity(): boolean {
    return this.#index !== null;
  }

  /** Whether the courier still has its slot in the index. @hot bench: ingest */
  hasSlot(): boolean {
    return this.#index?.isStill(this.#slot, this.#generation) ?? false;
  }

  /** @hot bench: ingest */
  frame(bytes: ArrayBuffer): void {
    this.#take(this, bytes);
  }

  /** @returns the frame that came early, or null */
  admit(city: LiveCity | null): ArrayBuffer | null {
    if (this.#state === 'ended') return null;
    this.#state = 'admitted';
    if (city !== null) {
      this.#cityId = city.cityId;
      this.#index = city.index;
      this.#findSlot(city.index);
    }
    const early = this.#early;
    this.#early = null;
    return early;
  }

  end(): void {
    this.#state = 'ended';
    this.#early = null;
  }

  /** @returns the frame that was kept until now, and is not any more */
  keepEarly(bytes: ArrayBuffer): ArrayBuffer | null {
    const dropped = this.#early;
    this.#early = bytes.slice(0);
    return dropped;
  }

  /** @param hasSlot as just said; a courier who was removed gets a slot again. @hot bench: ingest */
  moveTo(position: Readonly<CourierPosition>, hasSlot: boolean): void {
    const index = this.#index;
    if (index === null) return;
    if (!hasSlot) this.#findSlot(index);
    index.moveSlot(this.#slot, position);
  }

  /** A fix was looked at. */
  looked(sequence: number): void {
    if (sequence > this.#sequence) this.#sequence = sequence;
    this.#unacknowledged += 1;
  }

  /** Tells the courier, when that is due. @param nowMs monotonic */
  acknowledgeDue(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    const isDue =
      this.#unacknowledged >= ACKNOWLEDGE_FIXES ||
      second - this.#acknowledgedAtSecond >= ACKNOWLEDGE_SECONDS;
    if (!isDue) return;
    this.#unacknowledged = 0;
    this.#acknowledgedAtSecond = second;
    this.source.acknowledge(this.#sequence);
  }

  #findSlot(index: LiveCity['index']): void {
    this.#slot = index.slotOf(this.source.actor.subject);
    this.#generation = index.generationOf(this.#slot);
    this.#courierId = index.idOf(this.#slot);
  }
}
