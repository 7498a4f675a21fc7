import type { Routes } from './routes.ts';

/** Couriers looked at for an order: those who could be at its restaurant first. */
const CANDIDATES_MAX = 25;

/** Which couriers an order of a restaurant is tried with. */
export class Candidates {
  readonly #routes: Routes;
  readonly #lists = new Map<number, number[]>();

  constructor(routes: Routes) {
    this.#routes = routes;
    const { stops } = routes;
    for (let order = 0; order < stops.count; order++) {
      const courier = routes.where[order] as number;
      if (courier >= 0) this.willVisit(stops.restaurant[order] as number, courier);
    }
  }

  of(restaurant: number): readonly number[] {
    return this.#listOf(restaurant);
  }

  /** The courier goes there anyway, however far it is now. */
  willVisit(restaurant: number, courier: number): void {
    const list = this.#listOf(restaurant);
    if (!list.includes(courier)) list.push(courier);
  }

  #listOf(restaurant: number): number[] {
    const known = this.#lists.get(restaurant);
    if (known !== undefined) return known;
    const arrivals = Float64Array.from({ length: this.#routes.couriers }, (_, courier) =>
      this.#routes.arrivalAt(courier, restaurant),
    );
    const list = Array.from(arrivals.keys())
      .toSorted((a, b) => (arrivals[a] as number) - (arrivals[b] as number) || a - b)
      .slice(0, CANDIDATES_MAX);
    this.#lists.set(restaurant, list);
    return list;
  }
}
