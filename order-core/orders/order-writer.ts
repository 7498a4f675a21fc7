import type { Actor, OrderSummary } from '../../protocol/index.ts';
import {
  crashPoint,
  isAppError,
  type AppError,
  type Logger,
  type Random,
} from '../../runtime/index.ts';
import type { Decide, Patience } from '../commands/decision.ts';
import type { Database } from '../database/pool.ts';
import { orderErrors } from '../errors.ts';
import type { Change } from '../model/change.ts';
import type { Order, StepRef } from '../model/order.ts';
import type { CourierBoard } from '../ports.ts';
import { ChangeCommitter } from './commit-change.ts';
import type { CommandKey } from './decided.ts';
import { OrderLoader } from './load-order.ts';

/** How often a decision is made anew when others change the same order at the same moment. */
const TRIES_MAX = 8;

const COMMAND_DONE = {
  name: 'command_done',
  text: `SELECT request_hash FROM commands WHERE city_id = $1 AND actor = $2 AND key = $3`,
};
interface DoneRow {
  request_hash: Buffer;
}

/** Which order, who acts and why, and the saga step whose outcome this is, if it is one. */
export interface Occasion {
  readonly cityId: string;
  readonly orderId: string;
  readonly actor: Actor | { readonly engine: string };
  /** What made it happen: a command's id, a timer, a step. */
  readonly causation: string | null;
  readonly finishedStep?: StepRef;
  readonly key?: CommandKey;
}

/**
 * The one way in which an existing order changes: read it, decide (pure), commit under its version;
 * when somebody else was faster, decide again on what is there now.
 */
export class OrderWriter {
  readonly #database: Database;
  readonly #patience: Patience;
  readonly #couriers: CourierBoard;
  readonly #loader: OrderLoader;
  readonly #committer: ChangeCommitter;
  readonly #deps: OrderWriterDeps;

  constructor(deps: OrderWriterDeps) {
    const { database, random } = deps;
    this.#deps = deps;
    this.#database = database;
    this.#patience = deps.patience;
    this.#couriers = deps.couriers;
    this.#loader = new OrderLoader(database, random);
    this.#committer = new ChangeCommitter(database, random);
  }

  /** The order as a decision sees it. @throws AppError `not_found` */
  async load(cityId: string, orderId: string): Promise<Order> {
    return await this.#loader.load(cityId, orderId);
  }

  /**
   * @returns the order after the change (or as it is, when the decision was to change nothing)
   * @throws AppError what `decide` throws; `not_found`; `idempotency_key_reused`; `order_busy` after
   *   TRIES_MAX lost races
   */
  async change<Command>(
    occasion: Occasion,
    decide: Decide<Command>,
    command: Command,
  ): Promise<OrderSummary> {
    const { cityId, orderId } = occasion;
    const actor = 'engine' in occasion.actor ? null : occasion.actor;
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const order = await this.#loader.load(cityId, orderId);
      if (await this.#wasDone(occasion)) return order.summary;
      const change = decide(order, command, { patience: this.#patience, actor });
      if (isEmpty(change) && occasion.finishedStep === undefined) return order.summary;
      const committed = await this.#commit(order, change, occasion);
      if (committed === null) continue;
      if (change.refusal !== undefined) throw change.refusal;
      return committed;
    }
    throw orderErrors.make('order_busy', { details: { orderId }, retryAfterMs: 100 });
  }

  /** Whether the command was carried out before, under its key. */
  async #wasDone({ cityId, actor, key }: Occasion): Promise<boolean> {
    if (key === undefined) return false;
    const values = [cityId, nameOf(actor), key.key];
    const [done] = await this.#database.query<DoneRow>(COMMAND_DONE, values);
    if (done !== undefined && !done.request_hash.equals(key.hash)) {
      throw orderErrors.make('idempotency_key_reused', { details: { idempotencyKey: key.key } });
    }
    return done !== undefined;
  }

  async #commit(order: Order, change: Change, occasion: Occasion): Promise<OrderSummary | null> {
    const { actor, causation, finishedStep, key } = occasion;
    const leaseMs = change.steps === undefined ? null : this.#deps.leaseMs();
    const cause = {
      actor: nameOf(actor),
      causation,
      ...(finishedStep === undefined ? {} : { finishedStep }),
      // What was refused may be tried again under its key.
      ...(key === undefined || change.refusal !== undefined ? {} : { key }),
    };
    const committed = await this.#committer
      .commit({ order, change, cause, leaseMs })
      .finally(() => this.#deps.tried(order));
    if (committed === null) return null;
    crashPoint('change-committed');
    for (const { courierId, available } of committed.couriers) {
      this.#couriers.courierChanged(order.cityId, courierId, available);
    }
    this.#logEvents(committed.order, change);
    this.#deps.committed(order, change, leaseMs !== null);
    return committed.order;
  }

  #logEvents(order: OrderSummary, change: Change): void {
    const { orderId, correlationId, state } = order;
    for (const event of change.events) {
      this.#deps.log.info({ orderId, correlationId, state, ...event.data }, event.type);
    }
  }
}

export interface OrderWriterDeps {
  readonly database: Database;
  readonly patience: Patience;
  readonly couriers: CourierBoard;
  readonly random: Random;
  /** For how long steps that begin now are this process's own; null when it has enough to do. */
  readonly leaseMs: () => number | null;
  /** Called after each try to commit, whatever came of it, before anybody hears of it. */
  readonly tried: (order: Order) => void;
  /**
   * Called after each commit, to wake whoever works on what it started.
   * @param leased whether the steps that began are this process's own
   */
  readonly committed: (order: Order, change: Change, leased: boolean) => void;
  readonly log: Logger;
}

function isEmpty(change: Change): boolean {
  return change.events.length === 0 && Object.keys(change).length === 1;
}

function nameOf(actor: Occasion['actor']): string {
  return 'engine' in actor ? `engine:${actor.engine}` : `${actor.role}:${actor.subject}`;
}

/** The failures that mean: the world has moved on, and there is nothing to do. */
export function isOvertaken(error: unknown): error is AppError {
  return (
    isAppError(error, 'state_conflict') ||
    isAppError(error, 'courier_taken') ||
    isAppError(error, 'offer_gone')
  );
}
