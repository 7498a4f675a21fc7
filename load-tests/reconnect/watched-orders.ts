import { HexfleetApi } from '../../clients/ts/index.ts';
import type { OrderView, Role } from '../../protocol/index.ts';
import { newId } from '../../runtime/index.ts';
import { signToken } from '../world/tokens.ts';

const CITY_ID = 'reconnect';
const RESTAURANT_ID = 'soup-house';
/** Requests at a time. */
const AT_ONCE = 16;

/** Orders that change whenever it is wanted, over a link that is never cut. */
export class WatchedOrders {
  readonly #url: string;
  readonly #jwtSecret: string;
  readonly #operator: HexfleetApi;
  readonly #restaurant: HexfleetApi;
  readonly orderIds: string[] = [];

  private constructor(url: string, jwtSecret: string) {
    const api = (role: Role, subject: string): HexfleetApi =>
      new HexfleetApi({
        url,
        token: () => signToken({ jwtSecret, cityId: CITY_ID }, role, subject),
      });
    this.#url = url;
    this.#jwtSecret = jwtSecret;
    this.#operator = api('operator', 'olga');
    this.#restaurant = api('restaurant', RESTAURANT_ID);
  }

  /** Provisions a city and places `count` orders, which are accepted. */
  static async place(url: string, jwtSecret: string, count: number): Promise<WatchedOrders> {
    const orders = new WatchedOrders(url, jwtSecret);
    await orders.#provision();
    await inTurn(count, (i) => orders.#place(i));
    return orders;
  }

  /** A token of the customer of the order with this number. */
  tokenOf(number: number): Promise<string> {
    return signToken({ jwtSecret: this.#jwtSecret, cityId: CITY_ID }, 'customer', `c${number}`);
  }

  operatorToken(): Promise<string> {
    return signToken({ jwtSecret: this.#jwtSecret, cityId: CITY_ID }, 'operator', 'olga');
  }

  /** @returns the sequence of one more event of this order */
  async changeOne(number: number): Promise<number> {
    const delay = { type: 'delay_order', bySeconds: 1 } as const;
    const orderId = this.orderIds[number] ?? '';
    return (await this.#restaurant.command(orderId, delay, newId<string>())).sequence;
  }

  /** One more event for each order. */
  async change(): Promise<void> {
    await inTurn(this.orderIds.length, async (i) => {
      await this.changeOne(i);
    });
  }

  async view(orderId: string): Promise<OrderView> {
    return await this.#operator.order(orderId);
  }

  async #place(number: number): Promise<void> {
    const api = new HexfleetApi({ url: this.#url, token: await this.tokenOf(number) });
    const order = await api.placeOrder(
      {
        restaurantId: RESTAURANT_ID,
        items: [{ itemId: 'soup', quantity: 1 }],
        dropoff: { place: { lat: 52.53, lng: 13.41 }, address: 'Elm Street 1' },
        paymentToken: 'cash',
      },
      newId<string>(),
    );
    const accept = { type: 'accept_order', preparationSeconds: 3_600 } as const;
    await this.#restaurant.command(order.orderId, accept, newId<string>());
    this.orderIds[number] = order.orderId;
  }

  async #provision(): Promise<void> {
    const zone = [
      { lat: 52, lng: 13 },
      { lat: 53, lng: 13 },
      { lat: 53, lng: 14 },
      { lat: 52, lng: 14 },
    ];
    await this.#operator.putCity(CITY_ID, {
      name: 'City',
      currency: 'eur',
      deliveryZone: [{ outer: zone, holes: [] }],
      deliveryFeeMinor: 250,
      taxRate: 0.07,
      courierSpeedMps: 5,
      detourFactor: 1.3,
    });
    const menu = [{ itemId: 'soup', name: 'Soup', priceMinor: 450, available: true }];
    const place = { lat: 52.52, lng: 13.4 };
    const restaurant = { name: 'Soup House', place, menu, open: true };
    await this.#operator.putRestaurant(CITY_ID, RESTAURANT_ID, restaurant);
  }
}

async function inTurn(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const hand = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hand));
}
