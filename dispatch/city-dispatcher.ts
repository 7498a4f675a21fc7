import type { LiveCity } from '../geo/index.ts';
import { Loop, type Clock, type Logger } from '../runtime/index.ts';
import { findCandidates, takeSnapshot } from './candidates.ts';
import type { DispatchInstruments } from './instruments.ts';
import type { Matcher } from './matcher.ts';
import { NOBODY } from './plan/snapshot.ts';
import type { CourierLoad, DispatchStore, WaitingOrder } from './ports.ts';

/** Orders looked at in one round, oldest first; the rest comes in the next. */
const ORDERS_PER_ROUND_MAX = 500;
/** Reservations under way at once; the store makes few statements of them. */
const RESERVATIONS_AT_ONCE = 64;
/** With no order waiting, the database is asked so often, in case a nudge was lost. */
const QUIET_MS = 2_000;
/** How often the database is asked for couriers that the index has not heard of as available. */
const RESYNC_MS = 15_000;
/** A simulated city may be fast, the machine is not: rounds never follow each other closer. */
const EPOCH_MS_MIN = 20;

/**
 * Finds couriers for one city, round after round: read who waits, find who is near, plan, reserve.
 * Rounds follow each other at `epochMs` while orders wait. Nothing is remembered from round to
 * round but the index: what was reserved, declined or lost stands in the database.
 */
export class CityDispatcher {
  readonly #city: LiveCity;
  readonly #deps: CityDispatcherDeps;
  readonly #loop: Loop;
  #waiting = 0;
  /** Orders that this round passes over, because the last ones have looked at them. */
  #skip = 0;
  #resyncAtMs = -Infinity;

  constructor(city: LiveCity, deps: CityDispatcherDeps) {
    this.#city = city;
    this.#deps = deps;
    this.#loop = new Loop({
      name: `dispatch:${city.cityId}`,
      round: () => this.#round(),
      idleMs: () => (this.#waiting > 0 ? Math.max(deps.epochMs, EPOCH_MS_MIN) : QUIET_MS),
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

  /** An order of this city has begun to wait. */
  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(): Promise<boolean> {
    await this.#resync();
    const { store, instruments, clock } = this.#deps;
    const { cityId } = this.#city;
    const page = { skip: this.#skip, limit: ORDERS_PER_ROUND_MAX };
    const orders = await store.waitingOrders(cityId, page);
    this.#waiting = page.skip + orders.length;
    // A crowd that nobody can carry must not keep those behind it from being looked at.
    const isFull = orders.length === ORDERS_PER_ROUND_MAX;
    this.#skip = isFull ? page.skip + orders.length : 0;
    if (orders.length === 0) return page.skip > 0;
    const startedAtMs = clock.monotonicMs();
    const chosen = await this.#choose(orders);
    await this.#reserveAll(chosen);
    instruments.roundSeconds.observe((clock.monotonicMs() - startedAtMs) / 1000);
    // On at once while that finds couriers; a crowd that nobody can carry waits for the next epoch.
    return isFull && chosen.length > 0;
  }

  async #choose(orders: readonly WaitingOrder[]): Promise<readonly Choice[]> {
    const { store, matcher } = this.#deps;
    const candidates = findCandidates(this.#city, orders);
    const ids = [...new Set(candidates.flat())];
    if (ids.length === 0) return [];
    const loads = await store.courierLoads(this.#city.cityId, ids);
    const { snapshot, couriers } = takeSnapshot(this.#city, orders, candidates, loads);
    const decisions = await matcher.plan(snapshot);
    return orders.flatMap((order, i) => {
      const courier = couriers[decisions[i] ?? NOBODY];
      return courier === undefined ? [] : [{ order, courier }];
    });
  }

  async #reserveAll(choices: readonly Choice[]): Promise<void> {
    const rest = choices.values();
    const lane = async (): Promise<void> => {
      for (const choice of rest) await this.#reserve(choice);
    };
    await Promise.all(Array.from({ length: RESERVATIONS_AT_ONCE }, lane));
  }

  async #reserve({ order, courier }: Choice): Promise<void> {
    const { store, instruments, log } = this.#deps;
    const { orderId, correlationId } = order;
    const outcome = await store.reserve({
      cityId: this.#city.cityId,
      orderId,
      courierId: courier.courierId,
      courierVersion: courier.version,
    });
    instruments.reservations.inc({ outcome });
    if (outcome !== 'reserved') {
      log.debug({ orderId, correlationId, courierId: courier.courierId, outcome }, 'not reserved');
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
    for (const { courierId, activeOrders, capacity } of onDuty) {
      if (activeOrders < capacity) this.#city.index.setAvailable(courierId, true);
    }
    this.#resyncAtMs = nowMs + RESYNC_MS;
  }
}

interface Choice {
  readonly order: WaitingOrder;
  readonly courier: CourierLoad;
}

export interface CityDispatcherDeps {
  readonly store: DispatchStore;
  readonly matcher: Matcher;
  readonly clock: Clock;
  readonly log: Logger;
  readonly instruments: DispatchInstruments;
  /** Wall milliseconds between two rounds while orders wait. */
  readonly epochMs: number;
}
