import type { Random } from '../../../runtime/index.ts';
import { NOBODY } from '../snapshot.ts';
import type { Candidates } from './candidates.ts';
import type { Insertion, Queue, Routes } from './routes.ts';

/** Weighted minutes that an order in no queue counts: far more than any way of carrying it. */
const UNSERVED_MINUTES = 500;
const FORESEEN_UNSERVED_MINUTES = 60;
/** Orders taken out at a time. */
const RUIN_MAX = 6;
/** A change for the worse by so many minutes is taken 37 times in 100 at the beginning. */
const TEMPERATURE_MINUTES = 0.3;
/** How much nearer an order of the same courier counts when orders to take out are chosen. */
const SAME_COURIER_MINUTES = 8;
const JITTER_MIN = 0.4;
/** Of the reinsertions: in random sequence, the one with most to lose first, the cheapest first. */
const RANDOM_SHARE = 0.5;
const REGRET_SHARE = 0.3;

/**
 * Ruin and recreate (Schrimpf, Schneider, Stamm-Wilbrandt, Dueck: "Record Breaking Optimization Results
 * Using the Ruin and Recreate Principle", 2000) with simulated annealing: takes some related orders
 * out of the queues, puts them back where they cost least, and keeps that when it is better, or not
 * much worse. Deterministic for a given source of chance.
 */
export class Search {
  readonly #routes: Routes;
  readonly #candidates: Candidates;
  readonly #random: Random;
  readonly #distances: Float64Array;
  readonly #taken: number[] = [];
  /** Queues of couriers that were changed in this iteration, as they were. */
  readonly #before = new Map<number, { readonly queue: Queue; readonly cost: number }>();
  /** Queues that were better, of couriers whose queue is another now. */
  readonly #best = new Map<number, Queue>();

  constructor(routes: Routes, candidates: Candidates, random: Random) {
    this.#routes = routes;
    this.#candidates = candidates;
    this.#random = random;
    this.#distances = new Float64Array(routes.stops.count);
  }

  /** Puts every order into a queue that is in none. */
  fill(): void {
    for (let order = 0; order < this.#routes.stops.count; order++) {
      if (this.#routes.where[order] === NOBODY) this.#insertCheapest(order);
    }
  }

  improve(iterations: number): void {
    if (this.#routes.stops.count < 2) return;
    let current = 0;
    let best = 0;
    for (let i = 0; i < iterations; i++) {
      const temperature = TEMPERATURE_MINUTES * (1 - i / iterations);
      const change = this.#ruinAndRecreate();
      if (change <= 0 || this.#random.next() < Math.exp(-change / temperature)) {
        current += change;
        if (current < best) {
          best = current;
          this.#best.clear();
        } else this.#rememberBest();
      } else this.#undo();
    }
    if (current > best) this.#restoreBest();
    this.#best.clear();
  }

  /** @returns by how many weighted minutes the whole is worse, or better */
  #ruinAndRecreate(): number {
    const routes = this.#routes;
    this.#before.clear();
    this.#chooseRelated();
    let change = 0;
    for (const order of this.#taken) {
      const courier = routes.where[order] as number;
      if (courier === NOBODY) change -= this.#unserved(order);
      else {
        this.#touch(courier);
        routes.remove(order);
      }
    }
    const mode = this.#random.next();
    if (mode < RANDOM_SHARE) {
      this.#shuffle();
      for (const order of this.#taken)
        if (!this.#insertCheapest(order)) change += this.#unserved(order);
    } else change += this.#insertByPriority(mode < RANDOM_SHARE + REGRET_SHARE);
    for (const [courier, { cost }] of this.#before)
      change += (routes.cost[courier] as number) - cost;
    return change;
  }

  /** One order by chance, and those nearest to it in place and time. */
  #chooseRelated(): void {
    const { stops, where } = this.#routes;
    const random = this.#random;
    const seed = Math.floor(random.next() * stops.count);
    const size = Math.min(1 + Math.floor(random.next() * RUIN_MAX), stops.count);
    const seedCourier = where[seed] as number;
    const perMinute = this.#routes.metersPerMinute;
    for (let order = 0; order < stops.count; order++) {
      const meters =
        this.#metersBetweenShops(seed, order) + 0.5 * this.#metersBetweenDoors(seed, order);
      const minutes = meters / perMinute;
      const apart = Math.abs((stops.readyAt[order] as number) - (stops.readyAt[seed] as number));
      const isSame = seedCourier !== NOBODY && where[order] === seedCourier;
      const distance = minutes + 0.5 * apart - (isSame ? SAME_COURIER_MINUTES : 0);
      this.#distances[order] = distance * (JITTER_MIN + random.next());
    }
    this.#distances[seed] = -Infinity;
    this.#taken.length = 0;
    for (let i = 0; i < size; i++) {
      let nearest = 0;
      for (let order = 1; order < stops.count; order++) {
        if ((this.#distances[order] as number) < (this.#distances[nearest] as number))
          nearest = order;
      }
      this.#taken.push(nearest);
      this.#distances[nearest] = Infinity;
    }
  }

  #metersBetweenShops(a: number, b: number): number {
    const { restaurant } = this.#routes.stops;
    return this.#routes.metersBetweenRestaurants(restaurant[a] as number, restaurant[b] as number);
  }

  #metersBetweenDoors(a: number, b: number): number {
    const { x, y } = this.#routes.stops;
    return (
      Math.abs((x[a] as number) - (x[b] as number)) + Math.abs((y[a] as number) - (y[b] as number))
    );
  }

  #shuffle(): void {
    const list = this.#taken;
    for (let i = list.length - 1; i > 0; i--) {
      const other = Math.floor(this.#random.next() * (i + 1));
      const kept = list[i] as number;
      list[i] = list[other] as number;
      list[other] = kept;
    }
  }

  /** @returns false when it may go nowhere */
  #insertCheapest(order: number): boolean {
    const found = this.#cheapest(order);
    if (found.cost >= this.#unserved(order)) return false;
    this.#insert(order, found);
    return true;
  }

  /**
   * @param byRegret first the order that loses most by getting its second best courier; else the one
   *   that costs least
   * @returns what orders count that may go nowhere
   */
  #insertByPriority(byRegret: boolean): number {
    const left = [...this.#taken];
    const chosen: Insertion = { courier: NOBODY, rank: 0, joins: 0, cost: 0, secondCost: 0 };
    let unserved = 0;
    while (left.length > 0) {
      let at = 0;
      let most = -Infinity;
      for (let i = 0; i < left.length; i++) {
        const order = left[i] as number;
        const found = this.#cheapest(order);
        const limit = this.#unserved(order);
        const cost = Math.min(found.cost, limit);
        const priority = byRegret ? Math.min(found.secondCost, limit) - cost : -cost;
        if (priority <= most) continue;
        most = priority;
        at = i;
        Object.assign(chosen, found);
      }
      const [order] = left.splice(at, 1) as [number];
      if (chosen.cost < this.#unserved(order)) this.#insert(order, chosen);
      else unserved += this.#unserved(order);
    }
    return unserved;
  }

  #cheapest(order: number): Readonly<Insertion> {
    const restaurant = this.#routes.stops.restaurant[order] as number;
    return this.#routes.cheapest(order, this.#candidates.of(restaurant));
  }

  #insert(order: number, insertion: Readonly<Insertion>): void {
    this.#touch(insertion.courier);
    this.#routes.insert(order, insertion);
    const restaurant = this.#routes.stops.restaurant[order] as number;
    this.#candidates.willVisit(restaurant, insertion.courier);
  }

  #unserved(order: number): number {
    const { real, weight } = this.#routes.stops;
    return order < real ? UNSERVED_MINUTES : (weight[order] as number) * FORESEEN_UNSERVED_MINUTES;
  }

  #touch(courier: number): void {
    if (this.#before.has(courier)) return;
    const cost = this.#routes.cost[courier] as number;
    this.#before.set(courier, { queue: this.#routes.copyOf(courier), cost });
  }

  #rememberBest(): void {
    for (const [courier, { queue }] of this.#before) {
      if (!this.#best.has(courier)) this.#best.set(courier, queue);
    }
  }

  #undo(): void {
    for (const courier of this.#before.keys()) this.#routes.clear(courier);
    for (const [courier, { queue }] of this.#before) this.#routes.put(courier, queue);
  }

  #restoreBest(): void {
    for (const courier of this.#best.keys()) this.#routes.clear(courier);
    for (const [courier, queue] of this.#best) this.#routes.put(courier, queue);
  }
}
