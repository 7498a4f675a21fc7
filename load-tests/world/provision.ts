import { HexfleetApi } from '../../clients/ts/index.ts';
import type { DispatchStrategy } from '../../protocol/index.ts';
import { DISH, type World } from './world.ts';
import { signToken } from './tokens.ts';

/** Requests under way at once. */
const AT_ONCE = 16;

/**
 * Makes the engine know the city, its restaurants and its couriers. May be repeated.
 * @param strategy how couriers are found
 */
export async function provision(
  world: World,
  strategy: DispatchStrategy = 'optimal',
): Promise<void> {
  const { url, cityId } = world;
  const token = await signToken(world, 'service', 'provisioner');
  const api = new HexfleetApi({ url, token });
  await api.putCity(cityId, {
    name: cityId,
    currency: 'eur',
    deliveryZone: [{ outer: [...world.zone], holes: [] }],
    deliveryFeeMinor: 290,
    taxRate: 0.07,
    courierSpeedMps: world.courierSpeedMps,
    detourFactor: 1,
    dispatch: { strategy },
  });
  const menu = [{ ...DISH, available: true }];
  const restaurants = world.restaurants.map(
    ({ restaurantId, place }) =>
      () =>
        api.putRestaurant(cityId, restaurantId, {
          name: `Restaurant ${restaurantId}`,
          place,
          open: true,
          menu,
        }),
  );
  const couriers = world.couriers.map(
    ({ courierId }) =>
      () =>
        api.putCourier(cityId, courierId, {
          name: `Courier ${courierId}`,
          vehicle: 'scooter',
          capacity: 3,
        }),
  );
  const rest = [...restaurants, ...couriers].values();
  const lane = async (): Promise<void> => {
    for (const put of rest) await put();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
