import { seededRandom, systemClock } from '../../runtime/index.ts';
import { signToken } from '../world/tokens.ts';
import type { World, WorldOrder } from '../world/world.ts';
import { CourierActor } from './courier-actor.ts';
import { CustomerActor, type CustomerEvents } from './customer-actor.ts';
import type { ActorRole, Direction, Report } from './messages.ts';
import { RestaurantActor } from './restaurant-actor.ts';

/**
 * One process of actors: all couriers, all restaurants, or all customers of a simulated city. It is
 * told what to do over IPC (messages.ts) and ends when the channel closes.
 */
const REPORT_MS = 250;

const stopped = new AbortController();
const clock = systemClock;
let orders: ((order: WorldOrder) => void) | null = null;

process.on('message', (direction: Direction) => {
  if (direction.kind === 'order') orders?.(direction.order);
  else void begin(direction.role, direction.world);
});
process.on('disconnect', () => {
  stopped.abort();
  process.exit(0);
});
// Ctrl-C is for the director, who then closes the channel.
process.on('SIGINT', () => undefined);

function tell(report: Report): void {
  if (process.connected) process.send?.(report);
}

async function begin(role: ActorRole, world: World): Promise<void> {
  switch (role) {
    case 'couriers':
      return await beginCouriers(world);
    case 'restaurants':
      return await beginRestaurants(world);
    case 'customers':
      return beginCustomers(world);
  }
}

async function beginCouriers(world: World): Promise<void> {
  let sent = 0;
  setInterval(() => {
    if (sent > 0) tell({ kind: 'fixes', sent });
    sent = 0;
  }, REPORT_MS);
  await Promise.all(
    world.couriers.map(async (courier, i) => {
      const token = await signToken(world, 'courier', courier.courierId);
      const fixSent = (): void => void (sent += 1);
      const random = seededRandom(world.seed + i);
      await new CourierActor(courier, { world, clock, random, token, fixSent }).work(
        stopped.signal,
      );
    }),
  );
}

async function beginRestaurants(world: World): Promise<void> {
  const readyAtMinute = new Map(
    world.orders.map((order) => [order.reference, order.readyAtMinute]),
  );
  await Promise.all(
    world.restaurants.map(async ({ restaurantId }, i) => {
      const token = await signToken(world, 'restaurant', restaurantId);
      const random = seededRandom(world.seed + i);
      const deps = { world, clock, random, token, readyAtMinute };
      await new RestaurantActor(deps).work(stopped.signal);
    }),
  );
}

function beginCustomers(world: World): void {
  let latenciesMs: number[] = [];
  setInterval(() => {
    if (latenciesMs.length > 0) tell({ kind: 'positions', latenciesMs });
    latenciesMs = [];
  }, REPORT_MS);
  const events: CustomerEvents = {
    placed: (reference, orderId) => tell({ kind: 'placed', reference, orderId }),
    refused: (reference, code) => tell({ kind: 'refused', reference, code }),
    heard: ({ reference, restaurantName, courierId }, event) =>
      tell({ kind: 'heard', reference: reference ?? '', event, restaurantName, courierId }),
    position: (latencyMs) => void latenciesMs.push(latencyMs),
    estimated: ({ orderId, pickupAtMs, dropoffAtMs, by }) =>
      tell({ kind: 'estimated', orderId, atMs: clock.nowMs(), pickupAtMs, dropoffAtMs, by }),
    ended: ({ reference, orderId, state, cancelReason }) =>
      tell({ kind: 'ended', reference: reference ?? '', orderId, state, cancelReason }),
  };
  const live = async (order: WorldOrder): Promise<void> => {
    const token = await signToken(world, 'customer', `customer-${order.reference}`);
    await new CustomerActor(order, { world, clock, token, events }).live(stopped.signal);
  };
  orders = (order) => void live(order);
  for (const order of world.orders) void live(order);
}
