/**
 * So many a minute, with room for a whole minute's at once. For what belongs to one socket: four
 * numbers, no map, no window at whose edge twice as many pass.
 */
export class Bucket {
  readonly #perMs: number;
  readonly #room: number;
  // Begun with numbers: a field that was undefined once has a new heap object for each number in it.
  #left = 0;
  #filledAtMs = 0;

  /** @param nowMs monotonic */
  constructor(perMinute: number, nowMs: number) {
    this.#perMs = perMinute / 60_000;
    this.#room = perMinute;
    this.#left = perMinute;
    this.#filledAtMs = nowMs;
  }

  /** @returns false when there is nothing left to take. @hot bench: ingest */
  take(nowMs: number): boolean {
    this.#left = Math.min(this.#room, this.#left + (nowMs - this.#filledAtMs) * this.#perMs);
    this.#filledAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Until one can be taken. */
  waitMs(): number {
    return Math.max(0, (1 - this.#left) / this.#perMs);
  }
}
