import type { Command } from '../../clients/ts/index.ts';
import type { OfferView, OrderSummary, Place, ServerMessage } from '../../protocol/index.ts';
import { systemClock } from '../../runtime/index.ts';
import type { ChaosCity } from './city.ts';
import { OrderRobot, type RobotFigures } from './order-robot.ts';

/** Parts of all offers that a courier declines, or does not answer. */
const DECLINED = 0.08;
const UNANSWERED = 0.04;

/** Every restaurant and every courier of the city, who answer at once. */
export class Robots {
  readonly figures: RobotFigures = {
    commands: 0,
    failures: {},
    breakages: [],
    connectionsLost: 0,
    refusedForGood: 0,
  };
  readonly #robots: OrderRobot[] = [];

  /** Connects all of them; they come on duty when they are heard. */
  async start(city: ChaosCity): Promise<void> {
    for (const { id } of city.restaurants) this.#robots.push(await restaurant(city, id, this));
    for (const { id, place } of city.couriers) {
      this.#robots.push(await courier(city, { id, place }, this));
    }
  }

  /** Orders of which some app was not told something that had happened. */
  get untold(): readonly string[] {
    return this.#robots.flatMap((robot) => robot.untold);
  }

  stop(): void {
    for (const robot of this.#robots) robot.stop();
  }
}

async function restaurant(
  city: ChaosCity,
  id: string,
  { figures }: Pick<Robots, 'figures'>,
): Promise<OrderRobot> {
  return new OrderRobot({
    url: city.url,
    token: await city.token('restaurant', id),
    api: await city.api('restaurant', id, 1),
    figures,
    concerns: (order) =>
      ['PLACED', 'PAID', 'CONFIRMED', 'PREPARING'].includes(order.state) &&
      city.moodFor(order.reference ?? '') !== 'ignores',
    next: (order) => nextInKitchen(city, order),
  });
}

function nextInKitchen(
  city: ChaosCity,
  { orderId, state, reference }: OrderSummary,
): Command | null {
  if (state === 'CONFIRMED') return { type: 'start_preparation', orderId };
  if (state === 'PREPARING') return { type: 'mark_ready', orderId };
  if (state !== 'PAID') return null;
  return city.moodFor(reference ?? '') === 'rejects'
    ? { type: 'reject_order', orderId, reason: 'too_busy' }
    : { type: 'accept_order', orderId, preparationSeconds: 0 };
}

async function courier(
  city: ChaosCity,
  { id, place }: { readonly id: string; readonly place: Place },
  { figures }: Pick<Robots, 'figures'>,
): Promise<OrderRobot> {
  let sequence = 0;
  const standHere = (robot: OrderRobot): void => {
    sequence += 1;
    const still = { speedMps: 0, headingDegrees: 0, accuracyMeters: 5 };
    robot.socket.sendFixes([{ ...place, ...still, sequence, atMs: systemClock.nowMs() }]);
  };
  const begin = async (robot: OrderRobot, onDuty: boolean): Promise<void> => {
    if (!onDuty) await robot.say({ type: 'set_duty', onDuty: true });
    // An engine that has just started does not know where anybody is.
    standHere(robot);
  };
  const hear = (message: ServerMessage, robot: OrderRobot): void => {
    if (message.type === 'offer') void answer(city, message.offer, robot);
    if (message.type !== 'snapshot') return;
    void begin(robot, message.onDuty === true);
    for (const offer of message.offers) void answer(city, offer, robot);
  };
  return new OrderRobot({
    url: city.url,
    token: await city.token('courier', id),
    api: await city.api('courier', id, 1),
    figures,
    concerns: ({ courierId, state }) =>
      courierId === id && !['DELIVERED', 'COMPLETED', 'CANCELLED'].includes(state),
    next: nextOnTheWay,
    onMessage: hear,
  });
}

function nextOnTheWay({ orderId, state }: OrderSummary): Command | null {
  if (state === 'READY') return { type: 'pick_up', orderId };
  if (state === 'PICKED_UP') return { type: 'depart', orderId };
  return state === 'OUT_FOR_DELIVERY' ? { type: 'deliver', orderId } : null;
}

async function answer(city: ChaosCity, offer: OfferView, robot: OrderRobot): Promise<void> {
  const { offerId, orderId } = offer;
  const chance = city.chanceOf(offerId);
  if (chance < UNANSWERED) return;
  const type = chance < UNANSWERED + DECLINED ? 'decline_offer' : 'accept_offer';
  await robot.say({ type, orderId, offerId });
}
