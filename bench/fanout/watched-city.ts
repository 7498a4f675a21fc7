import { ApiError, HexfleetApi } from '../../clients/ts/index.ts';
import { DOOR } from '../orders/places.ts';
import { BenchCity } from '../orders/bench-city.ts';
import { goOn, type BenchContext } from '../harness/index.ts';
import { required, sleep } from '../../runtime/index.ts';

const AT_ONCE = 24;
const PREPARATION_SECONDS = 4 * 3600;
const TRIES_MAX = 200;
const RETRY_MS = 20;
const SAY_EVERY = 1_000;

/** A city in which each courier carries an order, placed, accepted and assigned as orders are. */
export interface WatchedCity {
  readonly city: BenchCity;
  /** By the number of the courier; its customer is `customer-NUMBER`. */
  readonly orderIds: readonly string[];
}

/** @throws Error; then nothing is left running */
export async function startWatchedCity(context: BenchContext): Promise<WatchedCity> {
  const { options, directory, signal, say } = context;
  const city = await BenchCity.start({ ...options, directory: `${directory}/engine` });
  try {
    // Couriers say it by their sockets; here they come only when they have something to carry.
    await city.everybodyWorks();
    const orderIds: string[] = [];
    const carry = await orderMaker(city);
    const numbers = Array.from({ length: options.couriers }, (_, i) => i).values();
    let made = 0;
    const lane = async (): Promise<void> => {
      for (const number of numbers) {
        goOn(signal);
        orderIds[number] = await carry(number);
        made += 1;
        if (made % SAY_EVERY === 0) say(`${made} orders have couriers`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    await city.settle(signal);
    return { city, orderIds };
  } catch (error) {
    await city.stop();
    throw error;
  }
}

/** @returns what makes an order for a courier, and gives its id */
async function orderMaker(city: BenchCity): Promise<(courier: number) => Promise<string>> {
  const { url } = city.engine.facts;
  const operator = new HexfleetApi({ url, token: await city.token('operator', 'operator') });
  const kitchens = await Promise.all(
    city.restaurants.map(async (restaurantId) => ({
      restaurantId,
      api: new HexfleetApi({ url, token: await city.token('restaurant', restaurantId) }),
    })),
  );
  return async (courier) => {
    const kitchen = required(kitchens[courier % kitchens.length], 'a restaurant');
    const token = await city.token('customer', `customer-${courier}`);
    const { orderId } = await new HexfleetApi({ url, token }).placeOrder(
      {
        restaurantId: kitchen.restaurantId,
        items: [{ itemId: 'dish', quantity: 1 }],
        dropoff: { place: DOOR, address: 'Door 1' },
        paymentToken: 'cash',
      },
      `fanout-${courier}`,
    );
    const preparationSeconds = PREPARATION_SECONDS;
    await whenPossible(() =>
      kitchen.api.command(orderId, { type: 'accept_order', preparationSeconds }),
    );
    const courierId = `courier-${courier}`;
    await whenPossible(() =>
      operator.command(orderId, { type: 'assign_courier', courierId, why: 'bench' }),
    );
    return orderId;
  };
}

/** The step before is taken by the engine itself, soon. */
async function whenPossible(command: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await command();
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || tries >= TRIES_MAX) throw error;
      await sleep(RETRY_MS);
    }
  }
}
