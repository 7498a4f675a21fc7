import type { OrderSummary } from '../../protocol/index.ts';
import { assert, isAppError, required, type Random } from '../../runtime/index.ts';
import { Grouped } from '../database/grouped.ts';
import type { Database } from '../database/pool.ts';
import { isViolation } from '../database/sqlstate.ts';
import { orderErrors } from '../errors.ts';
import { versionOf } from '../events/upcast.ts';
import type { Change } from '../model/change.ts';
import type { Order, StepRef } from '../model/order.ts';

/**
 * Changes of several orders in one statement, each whole or not at all: the order's row under its
 * version, its events, their outbox rows, the steps and timers that begin or end, the courier's slot,
 * the money, the stock. Every part hangs on `changed`: where the version has moved on, nothing
 * happens. `must` aborts the whole statement when a part that has to match does not (a courier that
 * somebody else took); the changes are then tried one by one.
 * That every table is asked for the keys of the group ($2 to $4) beside the join is for the planner:
 * it knows nothing of the sizes of lists, and must not begin with the whole table.
 * One statement and not a transaction of a dozen for each: round trips, plans and commits are the
 * price of an order.
 */
const COMMIT_CHANGES = {
  name: 'commit_changes',
  text: `
    WITH input AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset($1::jsonb) AS i(n integer, city_id text, order_id uuid,
        version integer, after jsonb, events jsonb, actor text, causation text, key jsonb,
        steps jsonb, finished jsonb, cleared jsonb, timers jsonb, offers jsonb, moves jsonb,
        payment jsonb, authorizations jsonb, refunds jsonb, stock jsonb)
    ), changed AS (
      UPDATE orders o SET
        state = r.state, cancel_reason = r.cancel_reason, courier_id = r.courier_id,
        courier_search = r.courier_search,
        waiting_since = CASE WHEN r.courier_search = 'waiting'
          THEN coalesce(o.waiting_since, clock_timestamp()) END,
        ready_at = to_timestamp(r.ready_at_ms / 1000),
        confirmed_at = CASE WHEN r.confirmed THEN clock_timestamp() ELSE o.confirmed_at END,
        attention = r.attention, modification = r.modification, rating = r.rating,
        code_attempts = r.code_attempts,
        items = coalesce(r.items, o.items),
        subtotal_minor = coalesce(r.subtotal_minor, o.subtotal_minor),
        delivery_fee_minor = coalesce(r.delivery_fee_minor, o.delivery_fee_minor),
        tax_minor = coalesce(r.tax_minor, o.tax_minor),
        total_minor = coalesce(r.total_minor, o.total_minor),
        version = o.version + 1, sequence = o.sequence + jsonb_array_length(i.events)
      FROM input i, jsonb_to_record(i.after) AS r(state text, cancel_reason text,
        courier_id text, courier_search text, ready_at_ms float8, confirmed boolean,
        attention text, modification jsonb, rating jsonb, code_attempts integer, items jsonb,
        subtotal_minor bigint, delivery_fee_minor bigint, tax_minor bigint, total_minor bigint)
      WHERE o.city_id = i.city_id AND o.order_id = i.order_id AND o.version = i.version
        AND o.city_id = ANY($2) AND o.order_id = ANY($3::uuid[])
      RETURNING i.*, o.restaurant_id, o.sequence - jsonb_array_length(i.events) AS base
    ), keyed AS (
      INSERT INTO commands (city_id, actor, key, order_id, request_hash)
      SELECT c.city_id, c.actor, k->>'key', c.order_id, decode(k->>'hash', 'hex')
      FROM changed c, jsonb_array_elements(c.key) k
    ), logged AS (
      INSERT INTO order_events (city_id, order_id, sequence, type, schema_version, data, actor,
        causation, at)
      SELECT c.city_id, c.order_id, c.base + e.ordinality, e.value->>'type',
        (e.value->>'version')::smallint, e.value->'data', c.actor, c.causation, clock_timestamp()
      FROM changed c, jsonb_array_elements(c.events) WITH ORDINALITY e
      RETURNING city_id, order_id, sequence
    ), announced AS (
      INSERT INTO outbox (city_id, order_id, sequence)
      SELECT city_id, order_id, sequence FROM logged ORDER BY order_id, sequence
    ), finished AS (
      DELETE FROM saga_steps s USING changed c, jsonb_array_elements(c.finished) f
      WHERE s.city_id = c.city_id AND s.order_id = c.order_id
        AND s.step = f->>'step' AND s.number = (f->>'number')::integer
        AND s.city_id = ANY($2) AND s.order_id = ANY($3::uuid[])
    ), started AS (
      INSERT INTO saga_steps (city_id, order_id, step, number, attempts, due_at)
      SELECT c.city_id, c.order_id, s->>'step', (s->>'number')::integer,
        CASE WHEN s->>'leaseMs' IS NULL THEN 0 ELSE 1 END,
        clock_timestamp() + coalesce((s->>'leaseMs')::float8, 0) * interval '1 millisecond'
      FROM changed c, jsonb_array_elements(c.steps) s
      ON CONFLICT DO NOTHING
    ), cleared AS (
      DELETE FROM timers t USING changed c, jsonb_array_elements_text(c.cleared) k
      WHERE t.city_id = c.city_id AND t.order_id = c.order_id AND t.kind = k
        AND t.city_id = ANY($2) AND t.order_id = ANY($3::uuid[])
    ), timed AS (
      INSERT INTO timers (city_id, order_id, kind, due_at)
      SELECT c.city_id, c.order_id, t->>'kind',
        clock_timestamp() + (t->>'inMs')::float8 * interval '1 millisecond'
      FROM changed c, jsonb_array_elements(c.timers) t
      ON CONFLICT (city_id, order_id, kind) DO UPDATE SET due_at = excluded.due_at
    ), reserved AS (
      UPDATE couriers k SET active_orders = active_orders + 1, version = k.version + 1
      FROM changed c, jsonb_array_elements(c.offers) f
      WHERE k.city_id = c.city_id AND k.courier_id = f->>'courierId'
        AND (f->>'courierVersion' IS NULL OR k.version = (f->>'courierVersion')::bigint)
        AND k.on_duty AND k.active_orders < k.capacity
        AND k.city_id = ANY($2) AND k.courier_id = ANY($4)
      RETURNING c.n, c.order_id, f AS offer, k.city_id, k.courier_id, k.on_duty,
        k.active_orders, k.capacity
    ), offered AS (
      INSERT INTO offers (city_id, offer_id, order_id, courier_id, slot, state, expires_at)
      SELECT r.city_id, (r.offer->>'offerId')::uuid, r.order_id, r.courier_id,
        (SELECT min(slot) FROM generate_series(0, r.capacity - 1) slot WHERE NOT EXISTS (
          SELECT FROM offers f WHERE f.city_id = r.city_id AND f.courier_id = r.courier_id
            AND f.slot = slot.slot AND f.state IN ('offered', 'accepted'))),
        r.offer->>'state', to_timestamp((r.offer->>'expiresAtMs')::float8 / 1000)
      FROM reserved r
    ), moved AS (
      UPDATE offers f SET state = m->>'state',
        ended_at = CASE WHEN m->>'state' <> 'accepted' THEN clock_timestamp() END
      FROM changed c, jsonb_array_elements(c.moves) m
      WHERE f.city_id = c.city_id AND f.offer_id = (m->>'offerId')::uuid
        AND f.state IN ('offered', 'accepted')
        AND f.city_id = ANY($2) AND f.order_id = ANY($3::uuid[])
      RETURNING c.n, f.city_id, f.courier_id, f.state
    ), freed AS (
      UPDATE couriers k SET active_orders = active_orders - 1, version = k.version + 1
      FROM moved m
      WHERE k.city_id = m.city_id AND k.courier_id = m.courier_id AND m.state <> 'accepted'
        AND k.city_id = ANY($2) AND k.courier_id = ANY($4)
      RETURNING m.n, k.courier_id, k.on_duty, k.active_orders, k.capacity
    ), paid AS (
      UPDATE payments p SET state = coalesce(v.state, p.state),
        generation = coalesce(v.generation, p.generation),
        authorized_minor = coalesce(v.authorized_minor, p.authorized_minor),
        capture_minor = coalesce(v.capture_minor, p.capture_minor),
        captured_minor = coalesce(v.captured_minor, p.captured_minor),
        refunded_minor = coalesce(v.refunded_minor, p.refunded_minor)
      FROM changed c, jsonb_to_recordset(c.payment) AS v(state text, generation integer,
        authorized_minor bigint, capture_minor bigint, captured_minor bigint,
        refunded_minor bigint)
      WHERE p.city_id = c.city_id AND p.order_id = c.order_id
        AND p.city_id = ANY($2) AND p.order_id = ANY($3::uuid[])
    ), held AS (
      INSERT INTO authorizations (city_id, order_id, generation, amount_minor, state, intent_id)
      SELECT c.city_id, c.order_id, (a->>'generation')::integer, (a->>'amountMinor')::bigint,
        a->>'state', a->>'intentId'
      FROM changed c, jsonb_array_elements(c.authorizations) a
      ON CONFLICT (city_id, order_id, generation) DO UPDATE SET state = excluded.state,
        intent_id = coalesce(excluded.intent_id, authorizations.intent_id)
    ), refunded AS (
      INSERT INTO refunds (city_id, order_id, number, amount_minor, state, provider_refund_id)
      SELECT c.city_id, c.order_id, (f->>'number')::integer, (f->>'amountMinor')::bigint,
        f->>'state', f->>'providerRefundId'
      FROM changed c, jsonb_array_elements(c.refunds) f
      ON CONFLICT (city_id, order_id, number) DO UPDATE SET state = excluded.state,
        provider_refund_id = excluded.provider_refund_id
    ), counted AS (
      -- In one order, so that two orders of the same dishes do not wait for each other in a circle.
      SELECT m.city_id, m.restaurant_id, m.item_id, s.delta
      FROM (SELECT c.city_id, c.restaurant_id, i->>'itemId' AS item_id,
          sum((i->>'delta')::integer) AS delta
        FROM changed c, jsonb_array_elements(c.stock) i GROUP BY 1, 2, 3) s
        JOIN menu_items m ON m.city_id = s.city_id AND m.restaurant_id = s.restaurant_id
          AND m.item_id = s.item_id
      WHERE m.stock IS NOT NULL ORDER BY m.city_id, m.restaurant_id, m.item_id FOR UPDATE OF m
    ), stocked AS (
      UPDATE menu_items m SET stock = m.stock + t.delta FROM counted t
      WHERE m.city_id = t.city_id AND m.restaurant_id = t.restaurant_id AND m.item_id = t.item_id
    ), touched AS (
      SELECT n, courier_id, on_duty, active_orders, capacity FROM reserved
      UNION ALL SELECT n, courier_id, on_duty, active_orders, capacity FROM freed
    )
    SELECT c.n, t.courier_id, t.on_duty AND t.active_orders < t.capacity AS available,
      must((SELECT count(*) FROM reserved)
        = (SELECT coalesce(sum(jsonb_array_length(offers)), 0) FROM changed), 'courier_taken')
      AND must((SELECT count(*) FROM moved)
        = (SELECT coalesce(sum(jsonb_array_length(moves)), 0) FROM changed), 'offer_gone') AS holds
    FROM changed c LEFT JOIN touched t ON t.n = c.n`,
};

interface CommittedRow {
  n: number;
  courier_id: string | null;
  available: boolean | null;
}

/** Who caused a change, and by what. */
export interface Cause {
  /** `role:subject`, or the engine's own part. */
  readonly actor: string;
  /** What made it happen: a command's id, a timer, a step. */
  readonly causation: string | null;
  /** The saga step whose outcome this change is. */
  readonly finishedStep?: StepRef;
  /** Under which the command is carried out once. */
  readonly key?: CommandKey;
}

export interface CommandKey {
  readonly key: string;
  /** The command, to tell a repetition from a mistake. */
  readonly hash: Buffer;
}

/** What a commit did, for those who keep a picture of it in memory. */
export interface Committed {
  readonly order: OrderSummary;
  readonly courier: { readonly courierId: string; readonly available: boolean } | null;
}

/** A change that was decided, and on what. */
export interface Decided {
  readonly order: Order;
  readonly change: Change;
  readonly cause: Cause;
  /** For how long the steps that begin are this process's own; null: anybody may take them. */
  readonly leaseMs: number | null;
}

/** Commits changes, those that come at the same time together. */
export class ChangeCommitter {
  readonly #group: Grouped<Decided, Committed | null>;

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
    try {
      return await this.#group.add(decided);
    } catch (error) {
      // The same command is being carried out beside us: look again.
      if (isViolation(error, 'command_key')) return null;
      throw error;
    }
  }
}

/** The rows that two changes in one statement must not share: PostgreSQL changes each only once. */
function touchedBy(decided: Decided): readonly string[] {
  const { cityId, orderId } = decided.order;
  return [`order ${orderId}`, ...couriersOf(decided).map((id) => `courier ${cityId}/${id}`)];
}

function couriersOf({ order, change }: Decided): readonly string[] {
  const asked = change.newOffer === undefined ? [] : [change.newOffer.courierId];
  const freed = change.offerBecomes === undefined ? null : order.liveOffer;
  return freed === null ? asked : [...asked, freed.courierId];
}

async function commitAll(
  database: Database,
  items: readonly Decided[],
): Promise<readonly (Committed | null)[]> {
  const afters = items.map(({ order, change }) => applied(order, change));
  const rows = await run(database, [
    JSON.stringify(items.map((item, n) => inputOf(item, required(afters[n], 'an order after'), n))),
    [...new Set(items.map(({ order }) => order.cityId))],
    items.map(({ order }) => order.orderId),
    items.flatMap(couriersOf),
  ]);
  const byPlace = new Map(rows.map((row) => [row.n, row]));
  assert(byPlace.size === rows.length, 'a change touches one courier at most');
  return afters.map((order, n) => {
    const row = byPlace.get(n);
    if (row === undefined) return null;
    const { courier_id: courierId, available } = row;
    const courier = courierId === null ? null : { courierId, available: available === true };
    return { order, courier };
  });
}

/** A part that had to match and did not, as the error that the caller knows. */
async function run(database: Database, values: readonly unknown[]): Promise<CommittedRow[]> {
  try {
    return await database.query<CommittedRow>(COMMIT_CHANGES, values);
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

/** A change as the statement unfolds it. */
function inputOf(
  { order, change, cause, leaseMs }: Decided,
  after: OrderSummary,
  n: number,
): object {
  const { key, finishedStep } = cause;
  return {
    n,
    city_id: order.cityId,
    order_id: order.orderId,
    version: order.version,
    after: rowAfter(order, change, after),
    events: change.events.map((event) => ({ ...event, version: versionOf(event.type) })),
    actor: cause.actor,
    causation: cause.causation,
    key: key === undefined ? [] : [{ key: key.key, hash: key.hash.toString('hex') }],
    steps: (change.steps ?? []).map((step) => ({ ...step, leaseMs })),
    finished: listOf(finishedStep),
    cleared: change.clearTimers ?? [],
    timers: change.setTimers ?? [],
    offers: listOf(change.newOffer),
    moves: listOf(change.offerBecomes),
    payment: listOf(paymentRow(change.payment)),
    authorizations: change.authorizations ?? [],
    refunds: listOf(change.refund),
    stock: change.stock ?? [],
  };
}

function listOf<Part>(part: Part | undefined): readonly Part[] {
  return part === undefined ? [] : [part];
}

/** The columns of the order's row after the change; items and prices only when they change. */
function rowAfter(order: Order, change: Change, after: OrderSummary): object {
  const { basket } = change;
  return {
    state: after.state,
    cancel_reason: after.cancelReason,
    courier_id: after.courierId,
    courier_search: change.courierSearch ?? order.courierSearch,
    ready_at_ms: after.readyAtMs,
    confirmed: change.confirmed === true,
    attention: after.attention,
    modification: change.modification === undefined ? order.modification : change.modification,
    rating: change.rating ?? order.rating,
    code_attempts: change.codeAttempts ?? order.codeAttempts,
    ...(basket === undefined
      ? {}
      : {
          items: basket.items,
          subtotal_minor: basket.subtotalMinor,
          delivery_fee_minor: basket.deliveryFeeMinor,
          tax_minor: basket.taxMinor,
          total_minor: basket.totalMinor,
        }),
  };
}

function paymentRow(payment: Change['payment']): object | undefined {
  if (payment === undefined) return undefined;
  return {
    state: payment.state,
    generation: payment.generation,
    authorized_minor: payment.authorizedMinor,
    capture_minor: payment.captureMinor,
    captured_minor: payment.capturedMinor,
    refunded_minor: payment.refundedMinor,
  };
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
