import type { OrderView, Place } from '../../protocol/index.ts';
import { seededRandom, sleep, type Random } from '../../runtime/index.ts';
import { away, RESTAURANTS, type SampleCity } from './sample-city.ts';

/** A sample city at noon: couriers everywhere, and orders at every stage. */

const COURIERS = 90;
const ORDERS = 26;
const STEP_MS = 1_500;
const STEP_METERS = 9;
const SPREAD_METERS = 2_100;
const STREETS = [
  'Karl-Marx-Allee',
  'Torstraße',
  'Oranienstraße',
  'Rosenthaler Straße',
  'Köpenicker Straße',
  'Schönhauser Allee',
  'Alte Jakobstraße',
  'Linienstraße',
] as const;

/** Fills the city. @returns what stops the couriers */
export async function fill(city: SampleCity): Promise<() => void> {
  const random = seededRandom(11);
  const setup = await city.api('service', 'setup');
  const view = await setup.city(city.cityId);
  await setup.putCity(city.cityId, {
    ...structuredClone(inputOf(view)),
    dispatch: { strategy: 'scored', epochSeconds: 1 },
  });
  const couriers = Array.from({ length: COURIERS }, (_, i) => `c${i + 1}`);
  for (const courierId of couriers) {
    const courier = { name: courierId, vehicle: 'bicycle', capacity: 2 } as const;
    await setup.putCourier(city.cityId, courierId, courier);
  }
  const stops = await Promise.all(
    couriers.map(async (courierId) => {
      const place = somewhere(random);
      const courier = await city.courier(courierId, place);
      return wander(courier, place, random);
    }),
  );
  for (let i = 0; i < ORDERS; i++) await bring(city, await order(city, i, random), i);
  return () => {
    for (const stop of stops) stop();
  };
}

type CityJson = Awaited<ReturnType<Awaited<ReturnType<SampleCity['api']>>['city']>>;

/** What a PUT takes of it. */
function inputOf({ cityId: _id, dispatch: _dispatch, ...rest }: CityJson) {
  return rest as Parameters<Awaited<ReturnType<SampleCity['api']>>['putCity']>[1];
}

function somewhere(random: Random): Place {
  const near = (): number => (random.next() + random.next() - 1) * SPREAD_METERS;
  return away(RESTAURANTS[0].place, near() - 200, near() + 400);
}

/** Goes about, as couriers do who wait for something. */
function wander(
  courier: Awaited<ReturnType<SampleCity['courier']>>,
  start: Place,
  random: Random,
): () => void {
  let place = start;
  let heading = random.next() * 360;
  const timer = setInterval(() => {
    heading = (heading + (random.next() - 0.5) * 60 + 360) % 360;
    const radians = (heading * Math.PI) / 180;
    place = away(place, STEP_METERS * Math.cos(radians), STEP_METERS * Math.sin(radians));
    courier.isAt(place, heading);
  }, STEP_MS);
  return () => clearInterval(timer);
}

async function order(city: SampleCity, i: number, random: Random): Promise<OrderView> {
  const restaurant = RESTAURANTS[i % RESTAURANTS.length] ?? RESTAURANTS[0];
  const [dish] = restaurant.menu;
  const street = STREETS[i % STREETS.length] ?? STREETS[0];
  return await city.order(`guest-${i + 1}`, {
    restaurantId: restaurant.id,
    items: [{ itemId: dish.itemId, quantity: 1 + (i % 3) }],
    dropoff: { place: somewhere(random), address: `${street} ${7 + i * 3}` },
  });
}

/** To one of the stages that orders go through, the next order to the next. */
async function bring(city: SampleCity, { orderId, restaurantId }: OrderView, i: number) {
  await city.isIn('PAID', orderId);
  const stage = i % 4;
  if (stage === 0 && i > 8) return;
  const kitchen = await city.api('restaurant', restaurantId);
  await kitchen.command(orderId, { type: 'accept_order', preparationSeconds: 600 + i * 30 });
  await kitchen.command(orderId, { type: 'start_preparation' });
  if (stage === 1) return;
  await kitchen.command(orderId, { type: 'mark_ready' });
  if (stage === 2) return;
  const courierId = await courierOf(city, orderId);
  const courier = await city.api('courier', courierId);
  await courier.command(orderId, { type: 'pick_up' });
  await courier.command(orderId, { type: 'depart' });
}

async function courierOf(city: SampleCity, orderId: string): Promise<string> {
  const operator = await city.api('operator', 'olga');
  for (let tries = 0; tries < 200; tries++) {
    const { courierId } = await operator.order(orderId);
    if (courierId !== null) return courierId;
    await sleep(100);
  }
  throw new Error(`nobody takes ${orderId}`);
}
