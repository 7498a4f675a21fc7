import { createHash } from 'node:crypto';
import type { OrderView } from '../../protocol/index.ts';
import { Grouped } from '../database/grouped.ts';
import type { Database } from '../database/pool.ts';
import { isViolation } from '../database/sqlstate.ts';
import { orderErrors } from '../errors.ts';
import {
  draftOf,
  viewOf,
  type Placement,
  type PlacementFacts,
  type PlacementRules,
} from './placement-draft.ts';
import { insertOrders, readFacts, type Stored } from './placement-store.ts';
import type { OrderViews } from './order-views.ts';

export type { Placement } from './placement-draft.ts';

interface Rules extends PlacementRules {
  /** For how long a step that begins now is this process's own; null when it has enough to do. */
  readonly leaseMs: () => number | null;
}

export interface Placed {
  readonly order: OrderView;
  /** This key had placed this very order before. */
  readonly replayed: boolean;
  /** The first step is this process's own. */
  readonly leased: boolean;
}

/** Places orders, durably, once per customer and key; those that come at the same time together. */
export class Placements {
  readonly #views: OrderViews;
  readonly #rules: Rules;
  readonly #facts: Grouped<Placement, PlacementFacts>;
  readonly #inserts: Grouped<Stored, number>;

  constructor(database: Database, views: OrderViews, rules: Rules) {
    const { random } = rules;
    this.#views = views;
    this.#rules = rules;
    this.#facts = new Grouped({
      run: (placements) => readFacts(database, placements),
      keysOf: () => [],
      random,
    });
    this.#inserts = new Grouped({
      run: (orders) => insertOrders(database, orders),
      keysOf: ({ placement }) => [`${placement.actor.subject}/${placement.idempotencyKey}`],
      random,
    });
  }

  /**
   * @throws AppError `restaurant_not_found`, `restaurant_closed`, `item_not_on_menu`,
   *   `item_unavailable`, `out_of_stock`, `outside_delivery_zone`, `schedule_out_of_range`,
   *   `total_mismatch`, `idempotency_key_reused`, ...; then nothing was stored
   */
  async place(placement: Placement): Promise<Placed> {
    const { actor, request, idempotencyKey } = placement;
    const hash = createHash('sha256').update(JSON.stringify(request)).digest();
    // Two rounds: the second only when another request with this key was committed in between.
    for (let round = 1; round <= 2; round++) {
      const facts = await this.#facts.add(placement);
      if (facts.used_for !== null) {
        if (facts.request_hash?.equals(hash) !== true) {
          throw orderErrors.make('idempotency_key_reused', { details: { idempotencyKey } });
        }
        const order = await this.#views.view(facts.used_for, actor);
        return { order, replayed: true, leased: false };
      }
      const draft = draftOf(placement, facts, this.#rules);
      const leaseMs = draft.method === 'card' ? this.#rules.leaseMs() : null;
      const placedAtMs = await this.#insert({ placement, draft, hash, leaseMs });
      if (placedAtMs === null) continue;
      return { order: viewOf(draft, placedAtMs), replayed: false, leased: leaseMs !== null };
    }
    throw orderErrors.make('order_busy', { details: { idempotencyKey }, retryAfterMs: 100 });
  }

  /** @returns when it was placed, ms; null when another request with the same key was faster */
  async #insert(order: Stored): Promise<number | null> {
    try {
      return await this.#inserts.add(order);
    } catch (error) {
      if (isViolation(error, 'idempotency_key')) return null;
      if (isViolation(error, 'stock_left'))
        throw orderErrors.make('out_of_stock', { cause: error });
      throw error;
    }
  }
}
