import type { Fix } from '../../protocol/index.ts';
import { assert, required } from '../../runtime/index.ts';
import { FixRows } from './fix-rows.ts';

/** Some 5,500 fixes whose ids are of usual length: larger batches gain little. */
const BATCH_BYTES = 512 * 1024;
/** Some 80,000 fixes: 5 s of 17,000 a second. */
const BATCHES = 15;

/**
 * Fixes that wait to be written, as the bytes of batches; oldest first. All memory is made at once. When
 * it is full the oldest batch that is not under way goes.
 *
 * | a batch is | entered when                          | left when                                 |
 * | ---------- | ------------------------------------- | ----------------------------------------- |
 * | spare      | the start; it was done with, or shed  | the one that is filled is full, or begun  |
 * | filled     | the one before is full, or begun      | it is full, or begun; always just one      |
 * | full       | a fix finds no room in it             | begun, or shed                            |
 * | begun      | `begin()`; at most one                | `done()`                                  |
 */
export class FixBatches {
  readonly #spare: FixRows[] = Array.from({ length: BATCHES }, () => new FixRows(BATCH_BYTES));
  readonly #full: FixRows[] = [];
  #filled = required(this.#spare.pop(), 'a batch');
  #begun: FixRows | null = null;

  /** Fixes in all of them. */
  get count(): number {
    const full = this.#full.reduce((sum, batch) => sum + batch.count, 0);
    return full + this.#filled.count + (this.#begun?.count ?? 0);
  }

  /** Whether one is full and waits to be begun. */
  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /**
   * @param fix is copied
   * @returns how many fixes had to go for it
   * @hot bench: history
   */
  append(cityId: string, courierId: string, fix: Readonly<Fix>): number {
    if (this.#filled.add(cityId, courierId, fix)) return 0;
    this.#full.push(this.#filled);
    const next = this.#spare.pop();
    const shed = next === undefined ? this.#shedOldest() : 0;
    this.#filled = next ?? required(this.#spare.pop(), 'a batch that was shed');
    assert(this.#filled.add(cityId, courierId, fix), 'an empty batch has room');
    return shed;
  }

  /** The one that was begun and is not done, else the oldest; null when there is nothing. */
  begin(): FixRows | null {
    this.#begun ??= this.#full.shift() ?? this.#takeFilled();
    return this.#begun;
  }

  /** The one that was begun is stored, or given up. */
  done(): void {
    const batch = required(this.#begun, 'a batch that was begun');
    this.#begun = null;
    batch.clear();
    this.#spare.push(batch);
  }

  #takeFilled(): FixRows | null {
    const batch = this.#filled;
    if (batch.count === 0) return null;
    this.#filled = required(this.#spare.pop(), 'a spare one while none is full');
    return batch;
  }

  #shedOldest(): number {
    const oldest = required(this.#full.shift(), 'a full batch');
    const { count } = oldest;
    oldest.clear();
    this.#spare.push(oldest);
    return count;
  }
}
