import { mapCellsIn } from '../../geo/index.ts';
import { protocolErrors, type Actor, type Area } from '../../protocol/index.ts';
import {
  Loop,
  type Clock,
  type Logger,
  type Metrics,
  type TimeScale,
} from '../../runtime/index.ts';
import { gatewayErrors } from '../errors.ts';
import type { LiveCities } from '../ports.ts';
import { CELLS_PER_AREA_MAX, HEARD_SECONDS, TELL_EVERY_MS, WATCHERS_MAX } from './bounds.ts';
import { WatchedCell, type MapCounts, type MapWatcher } from './watched-cell.ts';

/** So long one slice holds up the event loop, and a cell's work more. */
const SLICE_MS = 2;
/** And so long it rests: no more than a tenth of a thread goes into maps. */
const REST_MS = 20;
/** Nobody watches; whoever begins wakes the loop. */
const IDLE_MS = 60_000;

/** An operator at a socket. */
export interface AreaWatcher extends MapWatcher {
  readonly actor: Actor;
}

/**
 * Operators see the couriers of an area move. Only cells that somebody watches are looked at, each
 * once a second for all who watch it, in slices; when there is more to do than the slices hold, cells
 * are told of less often.
 */
export class LiveMap {
  readonly #deps: LiveMapDeps;
  /** By city and cell; whose turn was last stands last. */
  readonly #cells = new Map<string, WatchedCell>();
  readonly #areas = new Map<AreaWatcher, readonly WatchedCell[]>();
  readonly #counts: MapCounts & Record<string, number> = { full: 0, changes: 0, held: 0 };
  readonly #seconds: ReturnType<Metrics['latency']>;
  readonly #loop: Loop;

  constructor(deps: LiveMapDeps) {
    this.#deps = deps;
    const { metrics, log } = deps;
    metrics.tally(
      'hexfleet_live_map_messages_total',
      'Messages about cells: everybody, changes, and those that a slow reader has not got',
      { label: 'kind', by: this.#counts },
    );
    metrics.gauge(
      'hexfleet_live_map_watchers',
      'Operators who watch an area',
      () => this.#areas.size,
    );
    metrics.gauge('hexfleet_live_map_cells', 'Cells that are watched', () => this.#cells.size);
    this.#seconds = metrics.latency('hexfleet_live_map_slice_seconds', 'Work at one time', []);
    this.#loop = new Loop({
      name: 'live map',
      round: () => {
        this.slice();
        return Promise.resolve(false);
      },
      idleMs: () => (this.#cells.size > 0 ? REST_MS : IDLE_MS),
      log,
    });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /**
   * From now on the watcher is told of this area, and of no other; first of everybody in it. Cells that
   * it has watched before begin anew.
   * @throws AppError `area_too_large`, `too_many_watchers`, `not_found`; the area before stays
   */
  watch(watcher: AreaWatcher, area: Area): void {
    const { cityId } = watcher.actor;
    const city = this.#deps.cities.city(cityId);
    if (city === null) throw protocolErrors.make('not_found');
    const cells = mapCellsIn(area, CELLS_PER_AREA_MAX);
    if (cells === null) {
      throw gatewayErrors.make('area_too_large', { details: { cellsMax: CELLS_PER_AREA_MAX } });
    }
    if (!this.#areas.has(watcher) && this.#areas.size >= WATCHERS_MAX) {
      throw gatewayErrors.make('too_many_watchers', { details: { watchersMax: WATCHERS_MAX } });
    }
    this.forget(watcher);
    const watched = cells.map((cell) => {
      const key = `${cityId}/${cell.cell}`;
      const known = this.#cells.get(key) ?? new WatchedCell(key, cell, city.index);
      known.add(watcher);
      this.#cells.set(key, known);
      return known;
    });
    this.#areas.set(watcher, watched);
    // Not in this turn: the watcher gets the answer to its command first.
    setImmediate(() => this.#loop.wake());
  }

  forget(watcher: AreaWatcher): void {
    for (const cell of this.#areas.get(watcher) ?? []) {
      cell.remove(watcher);
      if (!cell.isWatched) this.#cells.delete(cell.key);
    }
    this.#areas.delete(watcher);
  }

  /**
   * Tells of the cells that are due, until this has taken SLICE_MS.
   * @returns whether that was not enough for all of them
   */
  slice(): boolean {
    const { clock, timeScale, isPaused } = this.#deps;
    if (isPaused?.() === true) return false;
    const startedAtMs = clock.monotonicMs();
    const sinceMs = clock.nowMs() - timeScale.wallMs(HEARD_SECONDS);
    let nowMs = startedAtMs;
    for (const [key, cell] of this.#cells) {
      if (cell.dueAtMs > startedAtMs) continue;
      cell.tell(sinceMs, this.#counts);
      cell.dueAtMs = startedAtMs + TELL_EVERY_MS;
      // Its turn comes again after everybody else's. It may be gone: a slow socket is closed at once.
      if (this.#cells.delete(key)) this.#cells.set(key, cell);
      nowMs = clock.monotonicMs();
      if (nowMs - startedAtMs >= SLICE_MS) break;
    }
    if (nowMs > startedAtMs) this.#seconds.observe((nowMs - startedAtMs) / 1000);
    return nowMs - startedAtMs >= SLICE_MS;
  }
}

export interface LiveMapDeps {
  /** Areas stand still for now; nobody is forgotten. */
  readonly isPaused?: () => boolean;
  readonly cities: LiveCities;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly metrics: Metrics;
  readonly log: Logger;
}
