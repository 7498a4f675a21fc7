import type { CourierIndex, CourierSight, MapCell } from '../../geo/index.ts';
import { Broadcast, type Outlet } from '../socket/outlet.ts';
import { COURIERS_PER_MESSAGE_MAX } from './bounds.ts';

/** Somebody at a socket who watches an area. */
export interface MapWatcher {
  readonly outlet: Outlet;
}

/** Messages by what became of them: sent, or not even made for a reader that is behind. */
export interface MapCounts {
  full: number;
  changes: number;
  held: number;
}

/** What was told of a courier in the cell. */
interface Told {
  atMs: number;
  available: boolean;
  /** When, and when it was last here, in turns of the cell; -1: never. */
  toldTurn: number;
  seenTurn: number;
}

/** Everybody from the first id on. */
const FROM_THE_FIRST = '';

/**
 * One cell of the map that somebody watches: who is in it, compared with what was told before. The
 * comparison and the encoding are made once for all who watch.
 *
 * | watcher is | from                            | until                    | and gets                       |
 * | ---------- | ------------------------------- | ------------------------ | ------------------------------ |
 * | owed all   | it begins; it reads too slowly  | it reads                 | nothing, then everybody        |
 * | owed more  | everybody is too many for one message | the last was sent  | changes, and the next of those |
 * | up to date | everybody was sent              | it reads too slowly      | changes                        |
 */
export class WatchedCell {
  readonly key: string;
  readonly #cell: MapCell;
  readonly #index: CourierIndex;
  /** By courier: who is here, and who has left and that was not told yet. */
  readonly #told = new Map<string, Told>();
  /** For each what it is owed: everybody after this id; null when it is up to date. */
  readonly #owed = new Map<MapWatcher, string | null>();
  #turn = 0;
  /** Monotonic, ms. */
  dueAtMs = Number.NEGATIVE_INFINITY;

  /** @param key of the cell and its city */
  constructor(key: string, cell: MapCell, index: CourierIndex) {
    this.key = key;
    this.#cell = cell;
    this.#index = index;
  }

  get isWatched(): boolean {
    return this.#owed.size > 0;
  }

  add(watcher: MapWatcher): void {
    this.#owed.set(watcher, FROM_THE_FIRST);
  }

  remove(watcher: MapWatcher): void {
    this.#owed.delete(watcher);
  }

  /**
   * Looks who is here, and tells those who watch.
   * @param sinceMs who was last heard of before is not here
   * @hot bench: live-map
   */
  tell(sinceMs: number, counts: MapCounts): void {
    this.#turn += 1;
    const here = this.#index.inMapCell(this.#cell, sinceMs);
    const changes = this.#changes(here);
    const sequel = new Sequel(this.#cell.cell, here);
    for (const [watcher, owed] of this.#owed) {
      const { outlet } = watcher;
      if (outlet.isBehind) {
        this.#owed.set(watcher, FROM_THE_FIRST);
        counts.held += 1;
        continue;
      }
      if (owed !== FROM_THE_FIRST && changes !== null) {
        outlet.sendEvent(changes);
        counts.changes += 1;
      }
      if (owed === null) continue;
      const part = sequel.after(owed);
      this.#owed.set(watcher, part.last);
      outlet.sendEvent(part.message);
      counts.full += 1;
    }
  }

  /** Null when there are none. What is too much for one message waits: oldest news go first. */
  #changes(here: readonly CourierSight[]): Broadcast | null {
    const news = here.filter((sight) => this.#isNews(sight));
    const left = this.#left(here.length);
    if (news.length === 0 && left.length === 0) return null;
    if (news.length > COURIERS_PER_MESSAGE_MAX) {
      const toldTurn = ({ courierId }: CourierSight): number =>
        this.#told.get(courierId)?.toldTurn ?? -1;
      news.sort((a, b) => toldTurn(a) - toldTurn(b));
      news.length = COURIERS_PER_MESSAGE_MAX;
    }
    for (const { courierId, atMs, available } of news) {
      const told = this.#told.get(courierId);
      if (told !== undefined) Object.assign(told, { atMs, available, toldTurn: this.#turn });
    }
    return messageOf(this.#cell.cell, { full: false, couriers: news, left });
  }

  #isNews({ courierId, atMs, available }: CourierSight): boolean {
    const told = this.#told.get(courierId);
    if (told === undefined) {
      this.#told.set(courierId, { atMs, available, toldTurn: -1, seenTurn: this.#turn });
      return true;
    }
    told.seenTurn = this.#turn;
    return told.toldTurn < 0 || told.atMs !== atMs || told.available !== available;
  }

  /** Those who were told of, or may have been: somebody may have been sent everybody meanwhile. */
  #left(hereCount: number): string[] {
    const left: string[] = [];
    if (this.#told.size === hereCount) return left;
    for (const [courierId, { seenTurn }] of this.#told) {
      if (seenTurn === this.#turn) continue;
      if (left.length === COURIERS_PER_MESSAGE_MAX) break;
      left.push(courierId);
      this.#told.delete(courierId);
    }
    return left;
  }
}

/** Everybody who is here, by id, in as many messages as that needs; each is made once. */
class Sequel {
  readonly #cell: string;
  readonly #here: readonly CourierSight[];
  #byId: readonly CourierSight[] | null = null;
  readonly #parts = new Map<string, Part>();

  constructor(cell: string, here: readonly CourierSight[]) {
    this.#cell = cell;
    this.#here = here;
  }

  /** The next of those whose ids come after this one. */
  after(courierId: string): Part {
    const known = this.#parts.get(courierId);
    if (known !== undefined) return known;
    this.#byId ??= this.#here.toSorted((a, b) => (a.courierId < b.courierId ? -1 : 1));
    const rest = this.#byId.filter((sight) => sight.courierId > courierId);
    const couriers = rest.slice(0, COURIERS_PER_MESSAGE_MAX);
    const part = {
      message: messageOf(this.#cell, { full: courierId === FROM_THE_FIRST, couriers, left: [] }),
      last: rest.length > couriers.length ? (couriers.at(-1)?.courierId ?? null) : null,
    };
    this.#parts.set(courierId, part);
    return part;
  }
}

interface Part {
  readonly message: Broadcast;
  /** After whom the next part begins; null: this is the last. */
  readonly last: string | null;
}

function messageOf(
  cell: string,
  what: {
    readonly full: boolean;
    readonly couriers: readonly CourierSight[];
    readonly left: readonly string[];
  },
): Broadcast {
  return new Broadcast({ type: 'couriers_moved', cell, ...what });
}
