import { dropOldest } from '../runtime/index.ts';

/** Before so many orders were seen, a restaurant counts for little beside its city. */
const RESTAURANT_ORDERS = 5;
/** And a city beside the promise itself, that food is ready when it is said to be. */
const CITY_ORDERS = 10;
/** What was longer ago counts less: kitchens have good and bad evenings. */
const MEMORY_ORDERS = 50;
/** A button that was pressed an hour late says nothing of the cooking. */
const DELAY_SECONDS_MAX = 3_600;
/** Restaurants of a city that are remembered; beyond it those who were not heard of for longest go. */
const RESTAURANTS_MAX = 20_000;

interface Mean {
  orders: number;
  seconds: number;
}

/**
 * How much later than it was said food is ready: a mean for each restaurant, drawn towards the city's
 * while little was seen (shrinkage), the city's towards none. City seconds; negative: earlier.
 */
export class KitchenDelays {
  readonly #city: Mean = { orders: 0, seconds: 0 };
  /** Oldest news first. */
  readonly #restaurants = new Map<string, Mean>();

  /** Food was ready so much later than its restaurant had said last. What cannot be is passed over. */
  learn(restaurantId: string, seconds: number): void {
    if (!(Math.abs(seconds) <= DELAY_SECONDS_MAX)) return;
    const own = this.#restaurants.get(restaurantId) ?? { orders: 0, seconds: 0 };
    this.#restaurants.delete(restaurantId);
    this.#restaurants.set(restaurantId, own);
    add(own, seconds);
    add(this.#city, seconds);
    dropOldest(this.#restaurants, RESTAURANTS_MAX);
  }

  expectedSeconds(restaurantId: string): number {
    const city = shrunk(this.#city, 0, CITY_ORDERS);
    const own = this.#restaurants.get(restaurantId);
    return own === undefined ? city : shrunk(own, city, RESTAURANT_ORDERS);
  }
}

function add(mean: Mean, seconds: number): void {
  mean.orders = Math.min(mean.orders + 1, MEMORY_ORDERS);
  mean.seconds += (seconds - mean.seconds) / mean.orders;
}

function shrunk({ orders, seconds }: Mean, towards: number, weight: number): number {
  return (orders * seconds + weight * towards) / (orders + weight);
}
