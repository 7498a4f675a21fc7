import { createHash } from 'node:crypto';
import {
  type Actor,
  CASH,
  type OrderState,
  type OrderSummary,
  type OrderView,
  type PaymentMethod,
  type PlaceOrder,
} from '../../protocol/index.ts';
import { newId, randomInteger, required, type OrderId, type Random } from '../../runtime/index.ts';
import { ACTIVATION_LEAD_SECONDS, SCHEDULE_SECONDS, type Patience } from '../commands/decision.ts';
import { Grouped } from '../database/grouped.ts';
import type { Database } from '../database/pool.ts';
import { isViolation } from '../database/sqlstate.ts';
import { orderErrors } from '../errors.ts';
import { versionOf } from '../events/upcast.ts';
import type { Happening } from '../model/change.ts';
import type { Basket, TimerKind } from '../model/order.ts';
import { priceOrder, type MenuPrice } from '../model/pricing.ts';
import type { ServiceArea } from '../ports.ts';
import { SAGA_VERSION } from '../saga/order-saga.ts';
import { viewOrder } from './read-orders.ts';

/** Everything that placements are checked against, and whether their keys were used before. */
const PLACEMENT_FACTS = {
  name: 'placement_facts',
  text: `
    SELECT w.n, c.currency, c.delivery_fee_minor, c.tax_rate, c.delivery_code, r.name, r.lat, r.lng,
      r.open AND coalesce(r.paused_until <= clock_timestamp(), true) AS open,
      extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('itemId', m.item_id, 'name', m.name,
          'priceMinor', m.price_minor, 'available', m.available, 'stock', m.stock)), '[]')
        FROM menu_items m WHERE m.city_id = c.city_id AND m.restaurant_id = r.restaurant_id
          AND m.item_id = ANY(ARRAY(SELECT jsonb_array_elements_text(w.items)))) AS menu,
      k.order_id AS used_for, k.request_hash
    FROM jsonb_to_recordset($1::jsonb) AS w(n integer, city_id text, restaurant_id text,
        items jsonb, customer_id text, key text)
      LEFT JOIN cities c ON c.city_id = w.city_id
      LEFT JOIN restaurants r ON r.city_id = c.city_id AND r.restaurant_id = w.restaurant_id
      LEFT JOIN idempotency_keys k ON k.city_id = w.city_id AND k.customer_id = w.customer_id
        AND k.key = w.key`,
};
interface PlacementFacts {
  n: number;
  currency: string | null;
  delivery_fee_minor: number;
  tax_rate: number;
  delivery_code: boolean;
  name: string | null;
  lat: number;
  lng: number;
  open: boolean;
  now_ms: number;
  menu: MenuPrice[];
  used_for: string | null;
  request_hash: Buffer | null;
}

/**
 * Orders, each with its key, its payment, its first events with their outbox rows, its first step and
 * its timers, and the portions it takes: one statement, so one transaction. The key's primary key
 * decides between two placements at the same moment, the check on stock between two that want the
 * last one; when one of them fails, each is tried alone.
 */
const INSERT_ORDERS = {
  name: 'insert_orders',
  text: `
    WITH input AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset($1::jsonb) AS i(city_id text, order_id uuid,
        customer_id text, key text, hash text, restaurant_id text, restaurant_name text,
        reference text, correlation_id text, state text, scheduled_for_ms float8,
        delivery_code text, items jsonb, currency text, subtotal_minor bigint,
        delivery_fee_minor bigint, tax_minor bigint, total_minor bigint, pickup_lat float8,
        pickup_lng float8, dropoff_lat float8, dropoff_lng float8, dropoff_address text,
        payment_token text, method text, events jsonb, timers jsonb, stock jsonb,
        lease_ms float8)
    ), keyed AS (
      INSERT INTO idempotency_keys (city_id, customer_id, key, request_hash, order_id)
      SELECT city_id, customer_id, key, decode(hash, 'hex'), order_id FROM input
    ), placed AS (
      INSERT INTO orders (city_id, order_id, customer_id, restaurant_id, restaurant_name, reference,
        correlation_id, state, courier_search, sequence, items, currency, subtotal_minor,
        delivery_fee_minor, tax_minor, total_minor, pickup_lat, pickup_lng, dropoff_lat,
        dropoff_lng, dropoff_address, placed_at, saga_version, scheduled_for, delivery_code)
      SELECT city_id, order_id, customer_id, restaurant_id, restaurant_name, reference,
        correlation_id, state, 'none', jsonb_array_length(events), items, currency, subtotal_minor,
        delivery_fee_minor, tax_minor, total_minor, pickup_lat, pickup_lng, dropoff_lat,
        dropoff_lng, dropoff_address, clock_timestamp(), ${SAGA_VERSION},
        to_timestamp(scheduled_for_ms / 1000), delivery_code
      FROM input
      RETURNING order_id, placed_at
    ), payment AS (
      INSERT INTO payments (city_id, order_id, payment_token, method, state)
      SELECT city_id, order_id, payment_token, method, 'pending' FROM input
    ), held AS (
      INSERT INTO authorizations (city_id, order_id, generation, amount_minor, state)
      SELECT city_id, order_id, 1, total_minor, 'pending' FROM input WHERE method = 'card'
    ), logged AS (
      INSERT INTO order_events (city_id, order_id, sequence, type, schema_version, data, actor,
        causation, at)
      SELECT i.city_id, i.order_id, e.ordinality, e.value->>'type',
        (e.value->>'version')::smallint, e.value->'data', 'customer:' || i.customer_id, i.key,
        clock_timestamp()
      FROM input i, jsonb_array_elements(i.events) WITH ORDINALITY e
      RETURNING city_id, order_id, sequence
    ), announced AS (
      INSERT INTO outbox (city_id, order_id, sequence)
      SELECT city_id, order_id, sequence FROM logged ORDER BY order_id, sequence
    ), started AS (
      INSERT INTO saga_steps (city_id, order_id, step, attempts, due_at)
      SELECT city_id, order_id, 'authorize_payment', CASE WHEN lease_ms IS NULL THEN 0 ELSE 1 END,
        clock_timestamp() + coalesce(lease_ms, 0) * interval '1 millisecond'
      FROM input WHERE method = 'card'
    ), counted AS (
      -- In one order, so that two orders of the same dishes do not wait for each other in a circle.
      SELECT m.city_id, m.restaurant_id, m.item_id, s.quantity
      FROM (SELECT i.city_id, i.restaurant_id, t->>'itemId' AS item_id,
          sum((t->>'quantity')::integer) AS quantity
        FROM input i, jsonb_array_elements(i.stock) t GROUP BY 1, 2, 3) s
        JOIN menu_items m ON m.city_id = s.city_id AND m.restaurant_id = s.restaurant_id
          AND m.item_id = s.item_id
      WHERE m.stock IS NOT NULL ORDER BY m.city_id, m.restaurant_id, m.item_id FOR UPDATE OF m
    ), taken AS (
      UPDATE menu_items m SET stock = m.stock - t.quantity FROM counted t
      WHERE m.city_id = t.city_id AND m.restaurant_id = t.restaurant_id AND m.item_id = t.item_id
    ), timed AS (
      INSERT INTO timers (city_id, order_id, kind, due_at)
      SELECT i.city_id, i.order_id, t->>'kind',
        clock_timestamp() + (t->>'inMs')::float8 * interval '1 millisecond'
      FROM input i, jsonb_array_elements(i.timers) t
    )
    SELECT order_id, extract(epoch FROM placed_at)::float8 * 1000 AS placed_at_ms FROM placed`,
};

export interface Placement {
  readonly request: PlaceOrder;
  readonly actor: Actor;
  readonly idempotencyKey: string;
  readonly correlationId: string;
}

export interface PlacementRules {
  readonly area: ServiceArea;
  readonly patience: Patience;
  readonly random: Random;
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

const GROUP_SIZE = 64;
const GROUP_LANES = 2;

/** Places orders, durably, once per customer and key; those that come at the same time together. */
export class Placements {
  readonly #database: Database;
  readonly #rules: PlacementRules;
  readonly #facts: Grouped<Placement, PlacementFacts>;
  readonly #inserts: Grouped<Stored, number>;

  constructor(database: Database, rules: PlacementRules) {
    const shared = { size: GROUP_SIZE, lanes: GROUP_LANES, random: rules.random };
    this.#database = database;
    this.#rules = rules;
    this.#facts = new Grouped({
      run: (placements) => readFacts(database, placements),
      keysOf: () => [],
      ...shared,
    });
    this.#inserts = new Grouped({
      run: (orders) => insertOrders(database, orders),
      keysOf: ({ placement }) => [`${placement.actor.subject}/${placement.idempotencyKey}`],
      ...shared,
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
        const order = await viewOrder(this.#database, facts.used_for, actor);
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

async function readFacts(
  database: Database,
  placements: readonly Placement[],
): Promise<readonly PlacementFacts[]> {
  const wanted = placements.map(({ actor, request, idempotencyKey }, n) => ({
    n,
    city_id: actor.cityId,
    restaurant_id: request.restaurantId,
    items: request.items.map((item) => item.itemId),
    customer_id: actor.subject,
    key: idempotencyKey,
  }));
  const rows = await database.query<PlacementFacts>(PLACEMENT_FACTS, [JSON.stringify(wanted)]);
  const byPlace = new Map(rows.map((row) => [row.n, row]));
  return wanted.map(({ n }) => required(byPlace.get(n), 'the row of placement facts'));
}

/** Every rule that an order must pass, in the order in which a customer would meet them. */
function checkPlacement(
  { request, actor }: Placement,
  facts: PlacementFacts,
  { area, patience }: PlacementRules,
): Basket {
  const { restaurantId, expectedTotalMinor, scheduledForMs } = request;
  if (facts.currency === null || facts.name === null) {
    throw orderErrors.make('restaurant_not_found', { details: { restaurantId } });
  }
  if (!facts.open) throw orderErrors.make('restaurant_closed', { details: { restaurantId } });
  const basket = priceOrder(request.items, facts.menu, {
    deliveryFeeMinor: facts.delivery_fee_minor,
    taxRate: facts.tax_rate,
  });
  if (!area.covers(actor.cityId, request.dropoff.place)) {
    throw orderErrors.make('outside_delivery_zone', { details: { place: request.dropoff.place } });
  }
  if (scheduledForMs !== undefined) checkSchedule(scheduledForMs - facts.now_ms, patience);
  if (expectedTotalMinor !== undefined && expectedTotalMinor !== basket.totalMinor) {
    throw orderErrors.make('total_mismatch', {
      details: { expectedTotalMinor, totalMinor: basket.totalMinor },
    });
  }
  return basket;
}

function checkSchedule(aheadMs: number, { timeScale }: Patience): void {
  const aheadSeconds = Math.round(timeScale.citySeconds(aheadMs));
  if (aheadSeconds < SCHEDULE_SECONDS.min || aheadSeconds > SCHEDULE_SECONDS.max) {
    throw orderErrors.make('schedule_out_of_range', { details: { aheadSeconds } });
  }
}

/** An order that has passed every rule, before it is stored. */
interface Draft extends Omit<OrderSummary, 'placedAtMs'> {
  readonly method: PaymentMethod;
  readonly deliveryCode: string | null;
  readonly events: readonly Happening[];
  readonly timers: readonly { readonly kind: TimerKind; readonly inMs: number }[];
  /** Whether any of the items is counted. */
  readonly takesStock: boolean;
}

/** @throws AppError what `checkPlacement` does */
function draftOf(placement: Placement, facts: PlacementFacts, rules: PlacementRules): Draft {
  const { actor, request, correlationId } = placement;
  const basket = checkPlacement(placement, facts, rules);
  const method = request.paymentToken === CASH ? 'cash' : 'card';
  const scheduledForMs = request.scheduledForMs ?? null;
  return {
    ...basket,
    ...beginning({ method, scheduledForMs, basket, facts }, rules.patience),
    method,
    scheduledForMs,
    orderId: newId<OrderId>(),
    cityId: actor.cityId,
    customerId: actor.subject,
    restaurantId: request.restaurantId,
    restaurantName: facts.name ?? '',
    courierId: null,
    reference: request.reference ?? null,
    cancelReason: null,
    attention: null,
    currency: facts.currency ?? '',
    pickup: { lat: facts.lat, lng: facts.lng },
    dropoff: request.dropoff,
    readyAtMs: null,
    correlationId,
    deliveryCode: facts.delivery_code ? codeFrom(rules.random) : null,
    takesStock: facts.menu.some(({ stock }) => stock !== null),
  };
}

/** Where an order begins: waiting for its hour, for its money, or, with cash, for the restaurant. */
function beginning(
  order: {
    method: PaymentMethod;
    scheduledForMs: number | null;
    basket: Basket;
    facts: PlacementFacts;
  },
  patience: Patience,
): Pick<Draft, 'state' | 'sequence' | 'events' | 'timers'> {
  const { method, scheduledForMs, basket, facts } = order;
  const { timeScale } = patience;
  const data = { totalMinor: basket.totalMinor, currency: facts.currency, method };
  const payment = { kind: 'payment', inMs: timeScale.wallMs(patience.paymentDeadlineSeconds) };
  const begin = (
    state: OrderState,
    events: readonly Happening[],
    timers: readonly { kind: string; inMs: number }[],
  ) => ({ state, events, sequence: events.length, timers: timers as Draft['timers'] });
  if (scheduledForMs !== null) {
    const leadMs = timeScale.wallMs(ACTIVATION_LEAD_SECONDS);
    const activation = { kind: 'activation', inMs: scheduledForMs - facts.now_ms - leadMs };
    const scheduled: Happening = { type: 'order.scheduled', data: { ...data, scheduledForMs } };
    return begin(
      'SCHEDULED',
      [scheduled],
      method === 'card' ? [activation, payment] : [activation],
    );
  }
  const placed: Happening = { type: 'order.placed', data };
  if (method === 'card') return begin('PLACED', [placed], [payment]);
  const paid: Happening = { type: 'order.paid', data: { authorizedMinor: 0, method } };
  const inMs = timeScale.wallMs(patience.restaurantAnswerSeconds);
  return begin('PAID', [placed, paid], [{ kind: 'restaurant_answer', inMs }]);
}

function codeFrom(random: Random): string {
  return String(randomInteger(random, 0, 999_999)).padStart(6, '0');
}

/** An order on its way into the database. */
interface Stored {
  readonly placement: Placement;
  readonly draft: Draft;
  readonly hash: Buffer;
  readonly leaseMs: number | null;
}

/** @returns when each was placed, ms since the Unix epoch */
async function insertOrders(
  database: Database,
  orders: readonly Stored[],
): Promise<readonly number[]> {
  const input = JSON.stringify(orders.map(rowOf));
  const rows = await database.query<{ order_id: string; placed_at_ms: number }>(INSERT_ORDERS, [
    input,
  ]);
  const placedAt = new Map(rows.map((row) => [row.order_id, row.placed_at_ms]));
  return orders.map(({ draft }) =>
    Math.round(required(placedAt.get(draft.orderId), 'the order that was stored')),
  );
}

/** The columns that the statement unfolds. */
function rowOf({ placement, draft, hash, leaseMs }: Stored): object {
  return {
    city_id: draft.cityId,
    order_id: draft.orderId,
    customer_id: draft.customerId,
    key: placement.idempotencyKey,
    hash: hash.toString('hex'),
    restaurant_id: draft.restaurantId,
    restaurant_name: draft.restaurantName,
    reference: draft.reference,
    correlation_id: draft.correlationId,
    state: draft.state,
    scheduled_for_ms: draft.scheduledForMs,
    delivery_code: draft.deliveryCode,
    items: draft.items,
    currency: draft.currency,
    subtotal_minor: draft.subtotalMinor,
    delivery_fee_minor: draft.deliveryFeeMinor,
    tax_minor: draft.taxMinor,
    total_minor: draft.totalMinor,
    pickup_lat: draft.pickup.lat,
    pickup_lng: draft.pickup.lng,
    dropoff_lat: draft.dropoff.place.lat,
    dropoff_lng: draft.dropoff.place.lng,
    dropoff_address: draft.dropoff.address,
    payment_token: placement.request.paymentToken,
    method: draft.method,
    events: draft.events.map((event) => ({ ...event, version: versionOf(event.type) })),
    timers: draft.timers,
    stock: draft.takesStock ? draft.items : [],
    lease_ms: leaseMs,
  };
}

/** The order as its customer sees it, without asking the database for what was just written. */
function viewOf(draft: Draft, placedAtMs: number): OrderView {
  const { method, deliveryCode, events, timers: _timers, takesStock: _stock, ...summary } = draft;
  return {
    ...summary,
    placedAtMs,
    deliveryCode,
    payment: { method, state: 'pending', authorizedMinor: 0, capturedMinor: 0, refundedMinor: 0 },
    modifiesToMinor: null,
    rating: null,
    timeline: events.map(({ type, data }, i) => ({
      type,
      data,
      sequence: i + 1,
      atMs: Math.floor(placedAtMs),
    })),
  };
}
