import { randomInteger, randomPick, seededRandom, type Random } from '../../runtime/index.ts';
import { generateDay, Plane, type Day } from '../days/index.ts';
import { worldOf, type World, type WorldOrder } from '../world/world.ts';

/** Berlin, Alexanderplatz: somewhere that people know. */
const ANCHOR = { lat: 52.5219, lng: 13.4132 };
const CITY_ID = 'demo';
const CITY = { restaurants: 30, couriers: 60, sizeMeters: 6_000 };
/** Customers order from restaurants that are not at the other end of the city. */
const DELIVERY_METERS_MAX = 2_500;

/** A made-up city whose couriers work all day, and where somebody always wants to eat. */
export class SimulatedCity {
  readonly world: World;
  readonly #day: Day;
  readonly #plane: Plane;
  readonly #random: Random;
  #orders = 0;

  constructor(where: Pick<World, 'url' | 'jwtSecret' | 'schedule' | 'seed'>) {
    this.#random = seededRandom(where.seed);
    this.#day = generateDay({ ...CITY, orders: 1, seed: where.seed });
    this.#plane = Plane.of(this.#day, ANCHOR);
    const world = worldOf(this.#day, { ...where, cityId: CITY_ID, noise: 0 }, ANCHOR);
    this.world = {
      ...world,
      orders: [],
      couriers: world.couriers.map((courier) => ({ ...courier, onAtMinute: 0, offAtMinute: null })),
    };
  }

  /** Another customer who wants to eat at this minute. */
  nextOrder(placedAtMinute: number): WorldOrder {
    this.#orders += 1;
    const restaurant = randomPick(this.#random, this.#day.restaurants);
    const away = (): number =>
      randomInteger(this.#random, -DELIVERY_METERS_MAX, DELIVERY_METERS_MAX);
    const inCity = (meters: number): number => Math.min(CITY.sizeMeters, Math.max(0, meters));
    const door = { x: inCity(restaurant.x + away()), y: inCity(restaurant.y + away()) };
    return {
      reference: `order-${this.#orders}`,
      restaurantId: restaurant.restaurantId,
      dropoff: this.#plane.placeOf(door),
      placedAtMinute,
      // The restaurants of this city cook as long as they say.
      readyAtMinute: placedAtMinute,
    };
  }
}
