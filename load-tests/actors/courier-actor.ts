import { ApiError, HexfleetSocket, type Command } from '../../clients/ts/index.ts';
import type { OfferView, OrderSummary, Place, ServerMessage } from '../../protocol/index.ts';
import { sleep, type Clock, type Random } from '../../runtime/index.ts';
import { isOver, wallMsAt, wallMsOf, type World, type WorldCourier } from '../world/world.ts';
import { Journey } from './journey.ts';
import { Signal } from './signal.ts';

/** City seconds between two fixes of a courier who moves. */
const FIX_SECONDS = 3;
/** City seconds that a person needs to look at an offer. */
const OFFER_SECONDS = 2;
/** Of the world's noise. */
const DECLINED_SHARE = 0.2;
/** However unlike its plans the city is, nobody is five times as fast. */
const SLOWNESS_MIN = 0.2;
/** Without news, the courier looks again by itself; in wall time, for it is about lost messages. */
const LOOK_AGAIN_MS = 2_000;

export interface CourierDeps {
  readonly world: World;
  readonly clock: Clock;
  readonly random: Random;
  readonly token: string;
  /** Called for each fix that is sent. */
  readonly fixSent: () => void;
}

/**
 * One courier and the app: goes on duty, takes what it is offered, drives, picks up, delivers.
 *
 * It never remembers what it was doing: at each step it looks at the state of the order that it
 * carries and does what comes next, so a lost connection or a killed engine changes nothing.
 */
export class CourierActor {
  readonly #courier: WorldCourier;
  readonly #deps: CourierDeps;
  readonly #changed = new Signal();
  readonly #carried = new Map<string, OrderSummary>();
  readonly #offers: OfferView[] = [];
  /** Orders at whose door this courier has already stood for a while. */
  readonly #served = new Set<string>();
  /** The restaurant where it stands, once it has gone in: one visit is for all that is picked up. */
  #visited: string | null = null;
  #place: Place;
  #sequence = 0;
  #onDuty = false;

  constructor(courier: WorldCourier, deps: CourierDeps) {
    this.#courier = courier;
    this.#deps = deps;
    this.#place = courier.place;
  }

  /** From the beginning of the shift to its end, and the end of what was taken on. */
  async work(signal: AbortSignal): Promise<void> {
    const { world, clock, token } = this.#deps;
    const beginsAtMs = wallMsAt(world.schedule, this.#courier.onAtMinute);
    await sleep(Math.max(0, beginsAtMs - clock.nowMs()), signal);
    if (signal.aborted) return;
    const socket = new HexfleetSocket({
      url: world.url,
      token,
      onMessage: (message) => this.#hear(message, socket),
    });
    signal.addEventListener('abort', () => this.#changed.notify(), { once: true });
    while (!signal.aborted && !(this.#shiftIsOver() && this.#carried.size === 0 && !this.#onDuty)) {
      await this.#step(socket).catch(async (error: unknown) => {
        // Refused: somebody else was faster, look again. Anything else: wait for the connection.
        const pauseMs = error instanceof ApiError ? 20 : 200;
        await this.#changed.changed(pauseMs);
      });
    }
    socket.close();
  }

  #shiftIsOver(): boolean {
    const { offAtMinute } = this.#courier;
    if (offAtMinute === null) return false;
    return this.#deps.clock.nowMs() >= wallMsAt(this.#deps.world.schedule, offAtMinute);
  }

  /** What the courier says of its shift's end when it comes on duty. */
  #until(): { readonly untilMs?: number } {
    const { offAtMinute } = this.#courier;
    if (offAtMinute === null) return {};
    return { untilMs: Math.round(wallMsAt(this.#deps.world.schedule, offAtMinute)) };
  }

  #hear(message: ServerMessage, socket: HexfleetSocket): void {
    if (message.type === 'snapshot') {
      this.#carried.clear();
      for (const order of message.orders) this.#carried.set(order.orderId, order);
      this.#offers.splice(0, Infinity, ...message.offers);
      this.#onDuty = message.onDuty === true;
      // An engine that has just started does not know where anybody is.
      this.#sendFix(socket, 0, 0);
    }
    if (message.type === 'offer') this.#offers.push(message.offer);
    if (message.type === 'offer_closed') {
      this.#closeOffer(message.offerId);
      // Cancelled, or given to somebody else.
      if (message.outcome === 'withdrawn') this.#carried.delete(message.orderId);
    }
    if (message.type === 'order_event') this.#see(message.order);
    this.#changed.notify();
  }

  #closeOffer(offerId: string): void {
    const at = this.#offers.findIndex((offer) => offer.offerId === offerId);
    if (at >= 0) this.#offers.splice(at, 1);
  }

  #see(order: OrderSummary): void {
    if (order.courierId !== this.#courier.courierId || isOver(order.state)) {
      this.#carried.delete(order.orderId);
    } else {
      this.#carried.set(order.orderId, order);
    }
  }

  /** One thing after the other, most urgent first. */
  async #step(socket: HexfleetSocket): Promise<void> {
    if (!socket.connected) return await this.#changed.changed(LOOK_AGAIN_MS);
    const wanted = !this.#shiftIsOver();
    if (wanted !== this.#onDuty) {
      await socket.send({ type: 'set_duty', onDuty: wanted, ...this.#until() });
      this.#onDuty = wanted;
      // What it sent before was not taken.
      if (wanted) this.#sendFix(socket, 0, 0);
      return;
    }
    const [offer] = this.#offers;
    if (offer !== undefined) return await this.#answerOffer(socket, offer);
    const order = this.#next();
    if (order !== undefined) return await this.#carry(socket, order);
    await this.#changed.changed(this.#idleMs());
  }

  /** First everything is picked up, then it is brought to the doors, in the sequence of the offers. */
  #next(): OrderSummary | undefined {
    const orders = [...this.#carried.values()];
    const hasFood = ({ state }: OrderSummary): boolean =>
      state === 'PICKED_UP' || state === 'OUT_FOR_DELIVERY';
    return orders.find((order) => !hasFood(order)) ?? orders[0];
  }

  #idleMs(): number {
    const { offAtMinute } = this.#courier;
    if (offAtMinute === null) return LOOK_AGAIN_MS;
    const endsInMs = wallMsAt(this.#deps.world.schedule, offAtMinute) - this.#deps.clock.nowMs();
    return Math.min(LOOK_AGAIN_MS, Math.max(1, endsInMs));
  }

  async #answerOffer(socket: HexfleetSocket, offer: OfferView): Promise<void> {
    const { offerId, orderId } = offer;
    await this.#pause(OFFER_SECONDS);
    this.#closeOffer(offerId);
    const { world, random } = this.#deps;
    const wants = this.#onDuty && random.next() >= world.noise * DECLINED_SHARE;
    const type = wants ? 'accept_offer' : 'decline_offer';
    const order = await socket.send({ type, orderId, offerId });
    if (order !== null) this.#see(order);
  }

  async #carry(socket: HexfleetSocket, order: OrderSummary): Promise<void> {
    const { pickupServiceSeconds, dropoffServiceSeconds } = this.#deps.world;
    const { orderId } = order;
    if (order.state === 'PICKED_UP') {
      if (this.#visited !== null) await this.#pause(pickupServiceSeconds / 2);
      this.#visited = null;
      await this.#command(socket, { type: 'depart', orderId });
    } else if (order.state === 'OUT_FOR_DELIVERY') {
      await this.#drive(socket, order.dropoff.place);
      await this.#ring(orderId, dropoffServiceSeconds / 2);
      await this.#command(socket, { type: 'deliver', orderId });
      await this.#pause(dropoffServiceSeconds / 2);
    } else {
      await this.#drive(socket, order.pickup);
      await this.#goIn(order.restaurantId, pickupServiceSeconds / 2);
      const isReady = this.#carried.get(orderId)?.state === 'READY';
      if (isReady) await this.#command(socket, { type: 'pick_up', orderId });
      else await this.#changed.changed(LOOK_AGAIN_MS);
    }
  }

  async #command(socket: HexfleetSocket, command: Command): Promise<void> {
    const order = await socket.send(command);
    if (order !== null) this.#see(order);
  }

  /** Streams a fix every FIX_SECONDS on the way, and one at its end. */
  async #drive(socket: HexfleetSocket, to: Place): Promise<void> {
    const { world, clock } = this.#deps;
    const journey = new Journey(this.#place, to, this.#speedMps());
    if (journey.seconds === 0) return;
    const startedAtMs = clock.monotonicMs();
    for (let seconds = 0; seconds < journey.seconds;) {
      const nextMs = Math.min(FIX_SECONDS, journey.seconds - seconds);
      await sleep(wallMsOf(world.schedule, nextMs));
      seconds = ((clock.monotonicMs() - startedAtMs) / 1000) * world.schedule.timeScale;
      this.#place = journey.placeAfter(seconds);
      this.#sendFix(socket, journey.speedMps, journey.headingDegrees);
    }
  }

  /** Of one way: traffic, hills, lights. */
  #speedMps(): number {
    const { world, random } = this.#deps;
    const slowness = 1 + world.noise * (0.5 + 2 * random.next() - 1);
    return world.courierSpeedMps / Math.max(SLOWNESS_MIN, slowness);
  }

  #sendFix(socket: HexfleetSocket, speedMps: number, headingDegrees: number): void {
    this.#sequence += 1;
    socket.sendFixes([
      {
        ...this.#place,
        sequence: this.#sequence,
        atMs: this.#deps.clock.nowMs(),
        speedMps,
        headingDegrees,
        accuracyMeters: 5,
      },
    ]);
    this.#deps.fixSent();
  }

  /** Parking, going in: once for each visit. */
  async #goIn(restaurantId: string, citySeconds: number): Promise<void> {
    if (this.#visited === restaurantId) return;
    await this.#pause(citySeconds);
    this.#visited = restaurantId;
  }

  /** Parking, stairs: once for each order. */
  async #ring(orderId: string, citySeconds: number): Promise<void> {
    if (this.#served.has(orderId)) return;
    await this.#pause(citySeconds);
    this.#served.add(orderId);
  }

  async #pause(citySeconds: number): Promise<void> {
    await sleep(wallMsOf(this.#deps.world.schedule, citySeconds));
  }
}
