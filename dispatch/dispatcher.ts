import type { LiveCity } from '../geo/index.ts';
import type { Clock, Logger, Metrics, TimeScale } from '../runtime/index.ts';
import { CityDispatcher } from './city-dispatcher.ts';
import { dispatchInstruments, type DispatchInstruments } from './instruments.ts';
import { Matcher } from './matcher.ts';
import type { DispatchStore, EstimateBoard } from './ports.ts';

export interface DispatcherDeps {
  readonly store: DispatchStore;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Wall milliseconds between two rounds of a city while orders wait. */
  readonly epochMs: number;
  readonly timeScale: TimeScale;
  readonly estimates: EstimateBoard;
  readonly threads: number;
}

/**
 * Finds couriers for all cities of this engine.
 *
 * | state   | entered when  | left when | what then holds                                   |
 * | ------- | ------------- | --------- | ------------------------------------------------- |
 * | made    | constructor   | `start()` | cities may be added; nobody is asked to carry      |
 * | running | `start()`     | `stop()`  | each city has a running round, or sleeps           |
 * | stopped | `stop()`      | never     | no round runs, no thread lives                     |
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #matcher: Matcher;
  readonly #instruments: DispatchInstruments;
  readonly #cities = new Map<string, CityDispatcher>();
  #running = false;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#matcher = new Matcher(deps.threads);
    this.#instruments = dispatchInstruments(deps.metrics, () =>
      this.#cities.values().reduce((sum, city) => sum + city.waiting, 0),
    );
  }

  /** From now on finds couriers for this city. A city that is known already is left as it is. */
  addCity(city: LiveCity): void {
    if (this.#cities.has(city.cityId)) return;
    const dispatcher = new CityDispatcher(city, {
      ...this.#deps,
      matcher: this.#matcher,
      instruments: this.#instruments,
    });
    this.#cities.set(city.cityId, dispatcher);
    if (this.#running) dispatcher.start();
  }

  start(): void {
    this.#running = true;
    for (const city of this.#cities.values()) city.start();
  }

  /** An order of this city wants a courier; only a nudge, see `DispatchStore.waitingOrders`. */
  requestCourier(cityId: string): void {
    this.#cities.get(cityId)?.wake();
  }

  /** No new round; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#cities.values().map((city) => city.stop()));
    await this.#matcher.close();
  }
}
