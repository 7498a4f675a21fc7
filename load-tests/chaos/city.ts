import { HexfleetApi } from '../../clients/ts/index.ts';
import { randomInteger, seededRandom, type Random } from '../../runtime/index.ts';
import type { Place, PlaceOrder, Role } from '../../protocol/index.ts';
import { signToken } from '../world/tokens.ts';

const CITY_ID = 'chaos';
const SOUTH_WEST: Place = { lat: 52.48, lng: 13.36 };
const NORTH_EAST: Place = { lat: 52.56, lng: 13.46 };
const REQUESTS_AT_ONCE = 16;
/** Orders that one kitchen, and one courier, is asked for in a second. */
const ORDERS_PER_RESTAURANT = 4;
const COURIERS_PER_ORDER = 6;
const COURIER_CAPACITY = 10;
const CUSTOMERS = 500;
const DISH = { itemId: 'dish', name: 'Dish of the day', priceMinor: 1_450, available: true };

/** Parts of all orders whose card is refused, whose restaurant says no, or nothing at all. */
const REFUSED_CARDS = 0.05;
const REJECTED = 0.04;
const IGNORED = 0.03;

export type RestaurantMood = 'accepts' | 'rejects' | 'ignores';

/** Who lives in the city, and what becomes of each order, all from the seed. */
export class ChaosCity {
  readonly url: string;
  readonly restaurants: readonly Inhabitant[];
  readonly couriers: readonly Inhabitant[];
  readonly seed: number;
  readonly #jwtSecret: string;

  constructor(
    where: { readonly url: string; readonly jwtSecret: string },
    size: { readonly seed: number; readonly ordersPerSecond: number },
  ) {
    const random = seededRandom(size.seed + 2);
    const many = (prefix: string, count: number): Inhabitant[] =>
      Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, place: anywhere(random) }));
    this.url = where.url;
    this.#jwtSecret = where.jwtSecret;
    this.seed = size.seed;
    const rate = size.ordersPerSecond;
    this.restaurants = many('restaurant-', Math.max(3, Math.ceil(rate / ORDERS_PER_RESTAURANT)));
    this.couriers = many('courier-', Math.max(20, Math.ceil(rate * COURIERS_PER_ORDER)));
  }

  token(role: Role, subject: string): Promise<string> {
    return signToken({ jwtSecret: this.#jwtSecret, cityId: CITY_ID }, role, subject);
  }

  async api(role: Role, subject: string, tries?: number): Promise<HexfleetApi> {
    const token = await this.token(role, subject);
    return new HexfleetApi({ url: this.url, token, ...(tries === undefined ? {} : { tries }) });
  }

  /** The order number `n`: who wants what. Its `reference` tells the restaurant what to do. */
  wishOf(n: number): { readonly customerId: string; readonly request: PlaceOrder } {
    const random = seededRandom(this.seed + 1_000_003 * (n + 1));
    const restaurant = this.restaurants[randomInteger(random, 0, this.restaurants.length - 1)];
    const refused = random.next() < REFUSED_CARDS;
    return {
      customerId: `customer-${randomInteger(random, 1, CUSTOMERS)}`,
      request: {
        restaurantId: restaurant?.id ?? '',
        items: [{ itemId: DISH.itemId, quantity: randomInteger(random, 1, 3) }],
        dropoff: { place: anywhere(random), address: `Door ${n}` },
        paymentToken: refused ? 'pm_card_chargeDeclined' : 'pm_card_visa',
        reference: `order-${n}`,
      },
    };
  }

  moodFor(reference: string): RestaurantMood {
    const chance = this.chanceOf(reference);
    if (chance < REJECTED) return 'rejects';
    return chance < REJECTED + IGNORED ? 'ignores' : 'accepts';
  }

  /** Always the same for the same text, in [0, 1): who decided so once decides so again. */
  chanceOf(text: string): number {
    let hash = 0x811c9dc5 ^ this.seed;
    for (const letter of text) {
      hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
    }
    return seededRandom(hash).next();
  }

  /** Makes the engine know all of it. */
  async provision(): Promise<void> {
    const api = await this.api('service', 'provisioner');
    const corners = [
      SOUTH_WEST,
      { lat: SOUTH_WEST.lat, lng: NORTH_EAST.lng },
      NORTH_EAST,
      { lat: NORTH_EAST.lat, lng: SOUTH_WEST.lng },
    ];
    await api.putCity(CITY_ID, {
      name: 'City of faults',
      currency: 'eur',
      deliveryZone: [{ outer: corners, holes: [] }],
      deliveryFeeMinor: 290,
      taxRate: 0.07,
      courierSpeedMps: 6,
      detourFactor: 1.3,
    });
    const restaurants = this.restaurants.map(
      ({ id, place }) =>
        () =>
          api.putRestaurant(CITY_ID, id, { name: id, place, open: true, menu: [DISH] }),
    );
    const facts = { vehicle: 'scooter', capacity: COURIER_CAPACITY } as const;
    const couriers = this.couriers.map(
      ({ id }) =>
        () =>
          api.putCourier(CITY_ID, id, { name: id, ...facts }),
    );
    await inLanes([...restaurants, ...couriers], REQUESTS_AT_ONCE, (put) => put());
  }
}

interface Inhabitant {
  readonly id: string;
  readonly place: Place;
}

/** Does `work` for each of `all`, `lanes` at once. */
export async function inLanes<T>(
  all: Iterable<T>,
  lanes: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  const rest = [...all].values();
  const lane = async (): Promise<void> => {
    for (const one of rest) await work(one);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Well inside the zone. */
function anywhere(random: Random): Place {
  const part = (): number => 0.05 + 0.9 * random.next();
  return {
    lat: SOUTH_WEST.lat + part() * (NORTH_EAST.lat - SOUTH_WEST.lat),
    lng: SOUTH_WEST.lng + part() * (NORTH_EAST.lng - SOUTH_WEST.lng),
  };
}
