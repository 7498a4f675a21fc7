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

/** Everything a placement is checked against, and whether this key was used before. */
const PLACEMENT_FACTS = {
  name: 'placement_facts',
  text: `
    SELECT c.currency, c.delivery_fee_minor, c.tax_rate, c.delivery_code, r.name, r.lat, r.lng,
      r.open AND coalesce(r.paused_until <= clock_timestamp(), true) AS open,
      extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('itemId', m.item_id, 'name', m.name,
          'priceMinor', m.price_minor, 'available', m.available, 'stock', m.stock)), '[]')
        FROM menu_items m WHERE m.city_id = c.city_id AND m.restaurant_id = r.restaurant_id
          AND m.item_id = ANY($3::text[])) AS menu,
      k.order_id AS used_for, k.request_hash
    FROM (SELECT) one
      LEFT JOIN cities c ON c.city_id = $1
      LEFT JOIN restaurants r ON r.city_id = c.city_id AND r.restaurant_id = $2
      LEFT JOIN idempotency_keys k ON k.city_id = $1 AND k.customer_id = $4 AND k.key = $5`,
};
interface PlacementFacts {
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
 * The order, its key, its payment, its first events with their outbox rows, its first step and its
 * timers, and the portions it takes: one statement, so one transaction. The key's primary key decides
 * between two placements at the same moment, the check on stock between two that want the last one.
 */
const INSERT_ORDER = {
  name: 'insert_order',
  text: `
    WITH key AS (
      INSERT INTO idempotency_keys (city_id, customer_id, key, request_hash, order_id)
      VALUES ($1, $3, $4, $5, $2)
    ), placed AS (
      INSERT INTO orders (city_id, order_id, customer_id, restaurant_id, restaurant_name, reference,
        correlation_id, state, courier_search, sequence, items, currency, subtotal_minor,
        delivery_fee_minor, tax_minor, total_minor, pickup_lat, pickup_lng, dropoff_lat,
        dropoff_lng, dropoff_address, placed_at, saga_version, scheduled_for, delivery_code)
      VALUES ($1, $2, $3, $6, $7, $8, $9, $21, 'none', jsonb_array_length($24::jsonb), $10, $11,
        $12, $13, $14, $15, $16, $17, $18, $19, $20, clock_timestamp(), ${SAGA_VERSION},
        to_timestamp($22::float8 / 1000), $23)
      RETURNING city_id, order_id, placed_at
    ), payment AS (
      INSERT INTO payments (city_id, order_id, payment_token, method, state)
      SELECT city_id, order_id, $25, $26, 'pending' FROM placed
    ), held AS (
      INSERT INTO authorizations (city_id, order_id, generation, amount_minor, state)
      SELECT city_id, order_id, 1, $15, 'pending' FROM placed WHERE $26 = 'card'
    ), logged AS (
      INSERT INTO order_events (city_id, order_id, sequence, type, schema_version, data, actor,
        causation, at)
      SELECT p.city_id, p.order_id, e.ordinality, e.value->>'type',
        (e.value->>'version')::smallint, e.value->'data', 'customer:' || $3, $4, p.placed_at
      FROM placed p, jsonb_array_elements($24::jsonb) WITH ORDINALITY e
      RETURNING city_id, order_id, sequence
    ), announced AS (
      INSERT INTO outbox (city_id, order_id, sequence)
      SELECT city_id, order_id, sequence FROM logged ORDER BY sequence
    ), started AS (
      INSERT INTO saga_steps (city_id, order_id, step)
      SELECT city_id, order_id, 'authorize_payment' FROM placed WHERE $26 = 'card'
    ), counted AS (
      -- In one order, so that two orders of the same dishes do not wait for each other in a circle.
      SELECT m.city_id, m.restaurant_id, m.item_id, (i->>'quantity')::integer AS quantity
      FROM jsonb_array_elements($28::jsonb) i
        JOIN menu_items m ON m.city_id = $1 AND m.restaurant_id = $6 AND m.item_id = i->>'itemId'
      WHERE m.stock IS NOT NULL ORDER BY m.item_id FOR UPDATE OF m
    ), taken AS (
      UPDATE menu_items m SET stock = m.stock - t.quantity FROM counted t
      WHERE m.city_id = t.city_id AND m.restaurant_id = t.restaurant_id AND m.item_id = t.item_id
    ), timed AS (
      INSERT INTO timers (city_id, order_id, kind, due_at)
      SELECT p.city_id, p.order_id, t->>'kind',
        p.placed_at + (t->>'inMs')::float8 * interval '1 millisecond'
      FROM placed p, jsonb_array_elements($27::jsonb) t
    )
    SELECT extract(epoch FROM placed_at)::float8 * 1000 AS placed_at_ms FROM placed`,
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
}

/**
 * Places an order, durably, once per customer and key.
 * @returns `replayed` when this key had placed this very order before
 * @throws AppError `restaurant_not_found`, `restaurant_closed`, `item_not_on_menu`,
 *   `item_unavailable`, `out_of_stock`, `outside_delivery_zone`, `schedule_out_of_range`,
 *   `total_mismatch`, `idempotency_key_reused`, ...; then nothing was stored
 */
export async function placeOrder(
  database: Database,
  placement: Placement,
  rules: PlacementRules,
): Promise<{ order: OrderView; replayed: boolean }> {
  const { actor, request, idempotencyKey } = placement;
  const hash = createHash('sha256').update(JSON.stringify(request)).digest();
  // Two rounds: the second only when another request with this key was committed in between.
  for (let round = 1; round <= 2; round++) {
    const facts = await readFacts(database, placement);
    if (facts.used_for !== null) {
      if (facts.request_hash?.equals(hash) !== true) {
        throw orderErrors.make('idempotency_key_reused', { details: { idempotencyKey } });
      }
      return { order: await viewOrder(database, facts.used_for, actor), replayed: true };
    }
    const draft = draftOf(placement, facts, rules);
    const placedAtMs = await insertOrder(database, { placement, draft, hash });
    if (placedAtMs !== null) return { order: viewOf(draft, placedAtMs), replayed: false };
  }
  throw orderErrors.make('order_busy', { details: { idempotencyKey }, retryAfterMs: 100 });
}

async function readFacts(database: Database, placement: Placement): Promise<PlacementFacts> {
  const { actor, request, idempotencyKey } = placement;
  const [facts] = await database.query<PlacementFacts>(PLACEMENT_FACTS, [
    actor.cityId,
    request.restaurantId,
    request.items.map((item) => item.itemId),
    actor.subject,
    idempotencyKey,
  ]);
  return required(facts, 'the one row of placement facts');
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

/** @returns when it was placed, ms; null when another request with the same key was faster */
async function insertOrder(
  database: Database,
  order: { placement: Placement; draft: Draft; hash: Buffer },
): Promise<number | null> {
  const { placement, draft, hash } = order;
  const { pickup, dropoff } = draft;
  const events = draft.events.map((event) => ({ ...event, version: versionOf(event.type) }));
  const values = [
    [draft.cityId, draft.orderId, draft.customerId, placement.idempotencyKey, hash],
    [draft.restaurantId, draft.restaurantName, draft.reference, draft.correlationId],
    [JSON.stringify(draft.items), draft.currency, draft.subtotalMinor, draft.deliveryFeeMinor],
    [draft.taxMinor, draft.totalMinor, pickup.lat, pickup.lng],
    [dropoff.place.lat, dropoff.place.lng, dropoff.address],
    [draft.state, draft.scheduledForMs, draft.deliveryCode, JSON.stringify(events)],
    [placement.request.paymentToken, draft.method, JSON.stringify(draft.timers)],
    [draft.takesStock ? JSON.stringify(draft.items) : '[]'],
  ];
  try {
    const [row] = await database.query<{ placed_at_ms: number }>(INSERT_ORDER, values.flat());
    return Math.round(required(row, 'the order that was stored').placed_at_ms);
  } catch (error) {
    if (isViolation(error, 'idempotency_key')) return null;
    if (isViolation(error, 'stock_left')) throw orderErrors.make('out_of_stock', { cause: error });
    throw error;
  }
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
