import type { OrderSummary } from '../../protocol/index.ts';
import { assert, isAppError, required, type Random } from '../../runtime/index.ts';
import { Grouped } from '../database/grouped.ts';
import type { Database } from '../database/pool.ts';
import { isViolation } from '../database/sqlstate.ts';
import { orderErrors } from '../errors.ts';
import type { Change } from '../model/change.ts';
import type { Order } from '../model/order.ts';
import {
  COMMIT_CHANGES,
  couriersOf,
  nameOfCourier,
  valuesOf,
  type CommittedRow,
} from './commit-statement.ts';
import type { Decided } from './decided.ts';

/** What a commit did, for those who keep a picture of it in memory. */
export interface Committed {
  readonly order: OrderSummary;
  readonly couriers: readonly { readonly courierId: string; readonly available: boolean }[];
}

/** Commits changes, those that come at the same time together. */
export class ChangeCommitter {
  readonly #group: Grouped<Decided, Outcome>;

  constructor(database: Database, random: Random) {
    this.#group = new Grouped({
      run: (items) => commitAll(database, items),
      keysOf: touchedBy,
      random,
    });
  }

  /**
   * @returns null when somebody else changed the order first: load again and decide again
   * @throws AppError `courier_taken`, `offer_gone`, `out_of_stock`
   */
  async commit(decided: Decided): Promise<Committed | null> {
    const { change } = decided;
    const set = new Set(change.setTimers?.map(({ kind }) => kind));
    assert(
      change.clearTimers?.some((kind) => set.has(kind)) !== true,
      'a change does not both set and clear a timer',
    );
    assert(
      new Set(couriersOf(decided)).size === couriersOf(decided).length,
      'an order goes from a courier to another one',
    );
    const outcome = await this.#tryCommit(decided);
    if (outcome === 'courier_taken') throw orderErrors.make('courier_taken');
    return outcome;
  }

  async #tryCommit(decided: Decided): Promise<Outcome> {
    try {
      return await this.#group.add(decided);
    } catch (error) {
      // The same command is being carried out beside us: look again.
      if (isViolation(error, 'command_key')) return null;
      throw error;
    }
  }
}

/** null: somebody else changed the order first. */
type Outcome = Committed | 'courier_taken' | null;

/** The rows that two changes in one statement must not share: PostgreSQL changes each only once. */
function touchedBy(decided: Decided): readonly string[] {
  const { cityId, orderId } = decided.order;
  return [`order ${orderId}`, ...couriersOf(decided).map((id) => `courier ${cityId}/${id}`)];
}

async function commitAll(
  database: Database,
  items: readonly Decided[],
): Promise<readonly Outcome[]> {
  const inputs = items.map((decided) => ({
    decided,
    after: applied(decided.order, decided.change),
  }));
  const row = await run(database, valuesOf(inputs));
  const changed = new Set(row.changed);
  const free = new Set(row.free);
  const available = new Set(row.available);
  return inputs.map(({ decided, after }) => {
    const { cityId, orderId } = decided.order;
    if (decided.change.newOffer !== undefined && !free.has(orderId)) return 'courier_taken';
    if (!changed.has(orderId)) return null;
    // An offer that is accepted keeps its courier's slot.
    const touched = decided.change.offerBecomes?.state === 'accepted' ? [] : couriersOf(decided);
    const couriers = touched.map((courierId) => ({
      courierId,
      available: available.has(nameOfCourier(cityId, courierId)),
    }));
    return { order: after, couriers };
  });
}

/** A part that had to match and did not, as the error that the caller knows. */
async function run(database: Database, values: readonly unknown[]): Promise<CommittedRow> {
  try {
    const [row] = await database.query<CommittedRow>(COMMIT_CHANGES, values);
    return required(row, 'a row of what was committed');
  } catch (error) {
    const reason = isAppError(error, 'statement_refused') ? error.details['reason'] : null;
    if (reason === 'offer_gone') throw orderErrors.make('offer_gone', { cause: error });
    // The partial unique indexes say the same as the version check, should that ever be wrong.
    if (reason === 'courier_taken' || isViolation(error, 'offer_one_per_courier_slot')) {
      throw orderErrors.make('courier_taken', { cause: error });
    }
    if (isViolation(error, 'stock_left')) throw orderErrors.make('out_of_stock', { cause: error });
    throw error;
  }
}

function applied(order: Order, change: Change): OrderSummary {
  return {
    ...order.summary,
    ...change.basket,
    state: change.state ?? order.state,
    cancelReason: change.cancelReason ?? order.cancelReason,
    courierId: change.courierId === undefined ? order.courierId : change.courierId,
    readyAtMs: change.readyAtMs ?? order.readyAtMs,
    attention: change.attention === undefined ? order.attention : change.attention,
    sequence: order.sequence + change.events.length,
  };
}
