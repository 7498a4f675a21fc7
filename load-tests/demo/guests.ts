import { HexfleetApi } from '../../clients/ts/index.ts';
import { signToken } from '../world/tokens.ts';
import type { World } from '../world/world.ts';

/** Whom nobody plays, so that somebody at a page can: a restaurant, and a courier. */
const KITCHEN = {
  id: 'guest-kitchen',
  name: 'Guest Kitchen (yours)',
  menu: [
    { itemId: 'bowl', name: 'Rice bowl', priceMinor: 1_150, available: true },
    { itemId: 'soup', name: 'Lentil soup', priceMinor: 650, available: true },
    { itemId: 'tea', name: 'Mint tea', priceMinor: 350, available: true },
  ],
};
const COURIER = { id: 'guest', name: 'Guest (you)' };

/** May be repeated. */
export async function provisionGuests(world: World): Promise<void> {
  const token = await signToken(world, 'service', 'provisioner');
  const api = new HexfleetApi({ url: world.url, token });
  const [near] = world.restaurants;
  if (near === undefined) return;
  const { id, name, menu } = KITCHEN;
  const kitchen = { name, place: near.place, open: true, menu };
  await api.putRestaurant(world.cityId, id, kitchen);
  const courier = { name: COURIER.name, vehicle: 'scooter', capacity: 3 } as const;
  await api.putCourier(world.cityId, COURIER.id, courier);
}
