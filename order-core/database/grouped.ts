import { isAppError, sleep, type Random } from '../../runtime/index.ts';
import { databaseErrors } from './errors.ts';

/** About 3 s of the highest planned load; more callers than this would time out anyway. */
const WAITING_MAX = 5_000;
/** Items in one statement: enough to share a commit, few enough to hold few locks and fail seldom. */
const SIZE_MAX = 64;
/** Statements at once: one is on its way while the other is written to disk. */
const LANES_MAX = 2;
const CONFLICT_TRIES = 4;
const CONFLICT_PAUSE_MS = 5;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly keys: readonly string[];
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupedOptions<Item, Result> {
  /** One statement for all of them: a result for each item, in their order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** What an item changes. Two that share a key are never under way at the same time. */
  readonly keysOf: (item: Item) => readonly string[];
  readonly random: Random;
}

/**
 * Lets work that waits for the database anyway go together: what comes while a statement is under way
 * is the next statement. An item alone goes at once, a crowd shares the round trip, the plan and the
 * commit. When a statement fails, each of its items is tried alone, so that one that cannot be done
 * takes nobody with it.
 */
export class Grouped<Item, Result> {
  readonly #options: GroupedOptions<Item, Result>;
  readonly #waiting: Waiting<Item, Result>[] = [];
  readonly #underWay = new Set<string>();
  #busy = 0;
  #scheduled = false;

  constructor(options: GroupedOptions<Item, Result>) {
    this.#options = options;
  }

  /** @throws AppError `database_busy` when too many wait; whatever `run` throws for this item */
  add(item: Item): Promise<Result> {
    const waiting = this.#waiting.length;
    if (waiting >= WAITING_MAX) {
      const busy = databaseErrors.make('database_busy', {
        details: { waiting },
        retryAfterMs: 1_000,
      });
      return Promise.reject(busy);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, keys: this.#options.keysOf(item), resolve, reject });
      this.#schedule();
    });
  }

  /** After what this turn of the event loop still has to say: it comes along. */
  #schedule(): void {
    if (this.#scheduled || this.#busy >= LANES_MAX) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#busy < LANES_MAX && this.#begin());
    });
  }

  /** @returns whether there was anything that could begin */
  #begin(): boolean {
    const group = this.#take();
    if (group.length === 0) return false;
    this.#busy += 1;
    void this.#perform(group).finally(() => {
      this.#busy -= 1;
      for (const { keys } of group) for (const key of keys) this.#underWay.delete(key);
      if (this.#waiting.length > 0) this.#schedule();
    });
    return true;
  }

  /** From the front, leaving out what would touch the same as something under way. */
  #take(): readonly Waiting<Item, Result>[] {
    const group: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    // What was passed over keeps its place before whatever shares a key with it.
    const passedOver = new Set<string>();
    for (const waiting of this.#waiting) {
      const free =
        group.length < SIZE_MAX &&
        !waiting.keys.some((key) => this.#underWay.has(key) || passedOver.has(key));
      if (free) {
        group.push(waiting);
        for (const key of waiting.keys) this.#underWay.add(key);
      } else {
        left.push(waiting);
        for (const key of waiting.keys) passedOver.add(key);
      }
    }
    this.#waiting.splice(0, this.#waiting.length, ...left);
    return group;
  }

  /** Never rejects. */
  async #perform(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(group.map(({ item }) => item));
      group.forEach(({ resolve }, i) => resolve(results[i] as Result));
    } catch (error) {
      if (!mayGoAlone(error, group.length)) {
        for (const { reject } of group) reject(error);
        return;
      }
      for (const waiting of group) await this.#alone(waiting);
    }
  }

  async #alone({ item, resolve, reject }: Waiting<Item, Result>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const [result] = await this.#options.run([item]);
        resolve(result as Result);
        return;
      } catch (error) {
        if (tries >= CONFLICT_TRIES || !isAppError(error, 'transaction_conflict')) {
          reject(error);
          return;
        }
        await sleep(CONFLICT_PAUSE_MS * 2 ** tries * this.#options.random.next());
      }
    }
  }
}

/**
 * Only what PostgreSQL has surely rolled back, because one of the group could not be done. A
 * connection that was lost may have committed first: to try again would do it twice. And a database
 * that hangs would hang for each of them, one after the other.
 */
const ROLLED_BACK: ReadonlySet<string> = new Set([
  'unique_violation',
  'check_violation',
  'foreign_key_violation',
  'statement_refused',
  'database_fault',
  'offer_gone',
  'courier_taken',
  'out_of_stock',
]);

function mayGoAlone(error: unknown, size: number): boolean {
  if (isAppError(error, 'transaction_conflict')) return true;
  return size > 1 && isAppError(error) && ROLLED_BACK.has(error.code);
}
