import type { LiveCity } from '../geo/index.ts';
import type { OfferWhy } from '../protocol/index.ts';
import { Loop, type Clock, type Logger, type TimeScale } from '../runtime/index.ts';
import type { DispatchInstruments } from './instruments.ts';
import { joinTrips, type Join } from './join-trips.ts';
import { takeSnapshot, type LiveSnapshot } from './live-snapshot.ts';
import type { CityTime } from './load-outlook.ts';
import type { Matcher } from './matcher.ts';
import { PlanMemory } from './plan-memory.ts';
import type { Plan } from './plan/index.ts';
import type {
  CourierLoad,
  CourierPresence,
  DispatchStore,
  EstimateBoard,
  WaitingOrder,
} from './ports.ts';
import { SeenOrders } from './seen-orders.ts';

/** Orders looked at in one round, oldest first; the rest comes in the next. */
const ORDERS_PER_ROUND_MAX = 1_000;
/** Reservations under way at once; the store makes few statements of them. */
const RESERVATIONS_AT_ONCE = 64;
/** With no order waiting, the database is asked so often, in case a nudge was lost. */
const QUIET_MS = 2_000;
/** How often the database is asked for couriers that the index has not heard of as available. */
const RESYNC_MS = 15_000;
/** Nearest available couriers looked at for each order, beside those who have declined it. */
export const CANDIDATES_PER_ORDER_MAX = 32;
/** More who have declined one order are not made up for. */
const DECLINED_MAX = 32;
/** Who is not heard of for so many city seconds, and at least so long, is not asked: a phone is dead. */
const VANISHED_SECONDS = 60;
const VANISHED_MS_MIN = 5_000;
/** Busy couriers looked at in one round, for those who will be free soon. */
const BUSY_MAX = 1_000;
/** A simulated city may be fast, the machine is not: rounds never follow each other closer. */
const EPOCH_MS_MIN = 20;

/**
 * Finds couriers for one city, round after round: read who waits, find who is near, plan, reserve.
 * Rounds follow each other at the city's epoch while orders wait. What was reserved, declined or lost
 * stands in the database; remembered from round to round is only what makes plans better: what the last
 * one meant to do, what was ordered today, who was busy. A restart loses it and nobody notices.
 */
export class CityDispatcher {
  readonly #city: LiveCity;
  readonly #deps: CityDispatcherDeps;
  readonly #loop: Loop;
  #waiting = 0;
  /** Orders that this round passes over, because the last ones have looked at them. */
  #skip = 0;
  #resyncAtMs = -Infinity;
  #epoch = 0;
  readonly #seen = new SeenOrders();
  readonly #busy = new Set<string>();
  readonly #memory = new PlanMemory();
  /** An order has begun to wait since the last round began. */
  #nudged = false;

  constructor(city: LiveCity, deps: CityDispatcherDeps) {
    this.#city = city;
    this.#deps = deps;
    this.#loop = new Loop({
      name: `dispatch:${city.cityId}`,
      round: () => this.#round(),
      idleMs: () => (this.#waiting > 0 || this.#nudged ? this.#epochMs() : QUIET_MS),
      log: deps.log,
    });
  }

  /** Orders that wait for a courier, as of the last round. */
  get waiting(): number {
    return this.#waiting;
  }

  start(): void {
    this.#loop.start();
  }

  /** An order of this city has begun to wait: a round begins at once, or with the next epoch. */
  wake(): void {
    this.#nudged = true;
    if (this.#waiting === 0) this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Wall milliseconds between two rounds, as the city is set now. */
  #epochMs(): number {
    const { epochSeconds } = this.#city.dispatch;
    const { epochMs, timeScale } = this.#deps;
    const ownMs = epochSeconds === null ? epochMs : timeScale.wallMs(epochSeconds);
    return Math.max(ownMs, EPOCH_MS_MIN);
  }

  async #round(): Promise<boolean> {
    this.#nudged = false;
    await this.#resync();
    const { store, instruments, clock } = this.#deps;
    const { cityId } = this.#city;
    const page = { skip: this.#skip, limit: ORDERS_PER_ROUND_MAX };
    const orders = await store.waitingOrders(cityId, page);
    this.#waiting = page.skip + orders.length;
    // A crowd that nobody can carry must not keep those behind it from being looked at.
    const isFull = orders.length === ORDERS_PER_ROUND_MAX;
    this.#skip = isFull ? page.skip + orders.length : 0;
    if (page.skip === 0) this.#memory.turn();
    if (orders.length === 0) return page.skip > 0;
    const startedAtMs = clock.monotonicMs();
    const chosen = await this.#choose(orders);
    await this.#reserveAll(chosen);
    instruments.roundSeconds.observe((clock.monotonicMs() - startedAtMs) / 1000);
    // On at once while that finds couriers; a crowd that nobody can carry waits for the next epoch.
    return isFull && chosen.length > 0;
  }

  /** Who is to be asked now, trip by trip. */
  async #choose(orders: readonly WaitingOrder[]): Promise<readonly Choice[]> {
    const { store, matcher, clock, timeScale } = this.#deps;
    const { cityId, dispatch } = this.#city;
    const ids = await this.#candidates(orders);
    if (ids.length === 0) return [];
    const loads = (await store.courierLoads(cityId, ids)).filter(
      ({ courierId }) => !this.#hasVanished(courierId),
    );
    this.#rememberBusy(loads);
    const nowMs = clock.nowMs();
    const time = {
      hour: timeScale.hourOfDay(nowMs),
      minutesUntil: (atMs: number): number => timeScale.citySeconds(atMs - nowMs) / 60,
    };
    this.#seen.add(orders, nowMs, timeScale.factor);
    this.#epoch += 1;
    const live = takeSnapshot(this.#city, {
      orders,
      loads,
      past: this.#seen.byPlacement(),
      intended: (orderId) => this.#memory.intention(orderId),
      price: (courierId) => this.#memory.price(courierId),
      time,
      epochMinutes: timeScale.citySeconds(this.#epochMs()) / 60,
      seed: this.#epoch,
    });
    const plan = await matcher.plan(live.snapshot, dispatch.strategy);
    this.#memory.keep(orders, live.couriers, plan);
    this.#announce(orders, plan, nowMs);
    const joins = joinTrips(this.#city, { orders, loads, plannedDropoffs: plan.dropoffAt, time });
    const joined = new Set(joins.map(({ order }) => order.orderId));
    const trips = plan.trips.flatMap(({ courier, orders: own }) => {
      const load = live.couriers[courier];
      if (load === undefined || load.activeOrders > 0) return [];
      const trip = own
        .map((i) => orders[i])
        .filter((order) => order !== undefined)
        .filter(({ orderId }) => !joined.has(orderId));
      if (trip.length === 0) return [];
      const parts = partsOf(live, plan, courier, own[0] ?? 0);
      const score = own.reduce((sum, i) => sum + clickToDoor(live, plan, i), 0);
      const { strategy } = dispatch;
      return [{ orders: trip, courier: load, why: { strategy, score, parts, epoch: this.#epoch } }];
    });
    return [...joins.map((join) => this.#choiceOf(join, time)), ...trips];
  }

  /** Tells when each order is meant to be picked up and at its door, as far as that is known. */
  #announce(orders: readonly WaitingOrder[], plan: Plan, nowMs: number): void {
    const { estimates, timeScale } = this.#deps;
    orders.forEach(({ orderId, restaurantId }, i) => {
      const [pickupIn = Number.NaN, dropoffIn = Number.NaN] = [plan.pickupAt[i], plan.dropoffAt[i]];
      const atMs = (minutes: number): number => nowMs + timeScale.wallMs(minutes * 60);
      const times = Number.isFinite(dropoffIn)
        ? { pickupAtMs: atMs(pickupIn), dropoffAtMs: atMs(dropoffIn) }
        : null;
      estimates.planned({ cityId: this.#city.cityId, orderId, restaurantId }, times);
    });
  }

  #choiceOf({ order, courier, dropoffInMinutes }: Join, { minutesUntil }: CityTime): Choice {
    const { strategy } = this.#city.dispatch;
    const score = rounded(dropoffInMinutes - minutesUntil(order.placedAtMs));
    const parts = {
      joins_orders: courier.activeOrders,
      dropoff_in: rounded(dropoffInMinutes),
      click_to_door: score,
    };
    return { orders: [order], courier, why: { strategy, score, parts, epoch: this.#epoch } };
  }

  /** Available couriers near the orders, and those in the middle of something. */
  async #candidates(orders: readonly WaitingOrder[]): Promise<readonly string[]> {
    const { index, dispatch } = this.#city;
    const declined = Math.max(...orders.map(({ declinedBy }) => declinedBy.length));
    const { slots, generations } = await this.#deps.matcher.nearby({
      memory: index.memory,
      lat: Float64Array.from(orders, ({ pickup }) => pickup.lat),
      lng: Float64Array.from(orders, ({ pickup }) => pickup.lng),
      // Those who have declined an order are found too, and are not asked.
      k: CANDIDATES_PER_ORDER_MAX + Math.min(declined, DECLINED_MAX),
      maxMeters: dispatch.maxPickupDistanceMeters,
    });
    const ids = new Set<string>(this.#busy);
    slots.forEach((slot, i) => {
      const courierId = index.courierAt(slot, generations[i] as number);
      if (courierId !== null) ids.add(courierId);
    });
    return [...ids];
  }

  #hasVanished(courierId: string): boolean {
    const { presence, timeScale } = this.#deps;
    const limitMs = Math.max(timeScale.wallMs(VANISHED_SECONDS), VANISHED_MS_MIN);
    return presence.silentMs(this.#city.cityId, courierId) > limitMs;
  }

  #rememberBusy(loads: readonly CourierLoad[]): void {
    for (const { courierId, activeOrders } of loads) {
      if (activeOrders === 0) this.#busy.delete(courierId);
      else if (this.#busy.size < BUSY_MAX) this.#busy.add(courierId);
    }
  }

  async #reserveAll(choices: readonly Choice[]): Promise<void> {
    const rest = choices.values();
    const lane = async (): Promise<void> => {
      for (const choice of rest) await this.#reserve(choice);
    };
    await Promise.all(Array.from({ length: RESERVATIONS_AT_ONCE }, lane));
  }

  /** The orders of a trip one after the other: each reservation makes the courier's next version. */
  async #reserve({ orders, courier, why }: Choice): Promise<void> {
    const { store, instruments, log } = this.#deps;
    const { courierId } = courier;
    let courierVersion = courier.version;
    for (const { orderId, correlationId } of orders) {
      const { cityId } = this.#city;
      const outcome = await store.reserve({ cityId, orderId, courierId, courierVersion, why });
      instruments.reservations.inc({ outcome });
      if (outcome !== 'reserved') {
        log.debug({ orderId, correlationId, courierId, outcome }, 'not reserved');
        return;
      }
      courierVersion += 1;
      if (this.#busy.size < BUSY_MAX) this.#busy.add(courierId);
    }
  }

  /**
   * Only ever makes couriers available: what was read may be older than what a commit has said since,
   * and a courier who is wrongly available is sorted out by its load, one who is wrongly not would
   * be passed over until the next time.
   */
  async #resync(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs < this.#resyncAtMs) return;
    const onDuty = await this.#deps.store.couriersOnDuty(this.#city.cityId);
    for (const { courierId, activeOrders, capacity, vehicle } of onDuty) {
      // A capacity that was lowered may be below what the courier carries.
      const room = Math.max(0, capacity - activeOrders);
      const available = activeOrders === 0 ? { available: true } : {};
      this.#city.index.setStatus(courierId, { ...available, room, vehicle });
      if (activeOrders > 0 && this.#busy.size < BUSY_MAX) this.#busy.add(courierId);
    }
    this.#resyncAtMs = nowMs + RESYNC_MS;
  }
}

interface Choice {
  readonly orders: readonly WaitingOrder[];
  readonly courier: CourierLoad;
  readonly why: OfferWhy;
}

/** City minutes from the click to the door, as planned. */
function clickToDoor({ snapshot }: LiveSnapshot, plan: Plan, order: number): number {
  return rounded((plan.dropoffAt[order] ?? 0) - (snapshot.orders.placedAt[order] ?? 0));
}

/** What the choice is made of, in city minutes, for operators. */
function partsOf(
  live: LiveSnapshot,
  plan: Plan,
  courier: number,
  order: number,
): Record<string, number> {
  const { snapshot, handicaps } = live;
  const { acceptance = 0, rating = 0, idle = 0, earnings = 0 } = handicaps[courier]?.parts ?? {};
  return {
    pickup_in: rounded(plan.pickupAt[order] ?? 0),
    food_waits: rounded((plan.pickupAt[order] ?? 0) - (snapshot.orders.readyAt[order] ?? 0)),
    dropoff_in: rounded(plan.dropoffAt[order] ?? 0),
    click_to_door: clickToDoor(live, plan, order),
    acceptance: rounded(acceptance),
    rating: rounded(rating),
    idle: rounded(idle),
    earnings: rounded(earnings),
  };
}

function rounded(minutes: number): number {
  return Number.isFinite(minutes) ? Math.round(minutes * 100) / 100 : 0;
}

export interface CityDispatcherDeps {
  readonly store: DispatchStore;
  readonly matcher: Matcher;
  readonly clock: Clock;
  readonly log: Logger;
  readonly instruments: DispatchInstruments;
  /** Wall milliseconds between two rounds while orders wait, where the city does not say. */
  readonly epochMs: number;
  readonly timeScale: TimeScale;
  readonly estimates: EstimateBoard;
  readonly presence: CourierPresence;
}
