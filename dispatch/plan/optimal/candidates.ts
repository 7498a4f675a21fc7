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
    const list: number[] = [];
    const arrivals: number[] = [];
    // The few soonest of many: each new one is moved up to its place among those kept.
    for (let courier = 0; courier < this.#routes.couriers; courier++) {
      const arrival = this.#routes.arrivalAt(courier, restaurant);
      if (list.length === CANDIDATES_MAX && arrival >= (arrivals.at(-1) as number)) continue;
      if (list.length === CANDIDATES_MAX) {
        list.pop();
        arrivals.pop();
      }
      let at = list.length;
      while (at > 0 && (arrivals[at - 1] as number) > arrival) at--;
      list.splice(at, 0, courier);
      arrivals.splice(at, 0, arrival);
    }
    this.#lists.set(restaurant, list);
    return list;
  }
}
