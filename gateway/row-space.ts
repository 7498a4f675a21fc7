const ROWS_FIRST = 64;
/** An eighth: half of a large fleet's rows again would lie idle. */
const GROWTH_SHIFT = 3;

/** Which rows of an array are used. Rows that were given back are given out again. */
export class RowSpace {
  readonly #free: number[] = [];
  #used = 0;
  #capacity = ROWS_FIRST;

  /** How many rows the array must have. */
  get capacity(): number {
    return this.#capacity;
  }

  /** @returns a row; `capacity` may have grown for it */
  take(): number {
    const row = this.#free.pop() ?? this.#used++;
    if (row >= this.#capacity) {
      this.#capacity += Math.max(ROWS_FIRST, this.#capacity >> GROWTH_SHIFT);
    }
    return row;
  }

  giveBack(row: number): void {
    this.#free.push(row);
  }
}
