import { createHash } from 'node:crypto';
import type { Actor, OrderView, PlaceOrder } from '../../protocol/index.ts';
import { newId, required, type OrderId } from '../../runtime/index.ts';
import type { Patience } from '../commands/decision.ts';
import type { Database } from '../database/pool.ts';
import { isViolation } from '../database/sqlstate.ts';
import { orderErrors } from '../errors.ts';
import { priceOrder, type MenuPrice, type Price } from '../model/pricing.ts';
import type { ServiceArea } from '../ports.ts';
import { viewOrder } from './read-orders.ts';

/** Everything a placement is checked against, and whether this key was used before. */
const PLACEMENT_FACTS = {
  name: 'placement_facts',
  text: `
    SELECT c.currency, c.delivery_fee_minor, c.tax_rate, r.name, r.lat, r.lng, r.open,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('itemId', m.item_id, 'name', m.name,
          'priceMinor', m.price_minor, 'available', m.available)), '[]')
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
  name: string | null;
  lat: number;
  lng: number;
  open: boolean;
  menu: MenuPrice[];
  used_for: string | null;
  request_hash: Buffer | null;
}

/**
 * The order, its key, its payment, its first event with the outbox row, its first step and its first
 * timer: one statement, so one transaction. The key's primary key decides between two placements
 * at the same moment.
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
        dropoff_lng, dropoff_address, placed_at)
      VALUES ($1, $2, $3, $6, $7, $8, $9, 'PLACED', 'none', 1, $10, $11, $12, $13, $14, $15,
        $16, $17, $18, $19, $20, clock_timestamp())
      RETURNING city_id, order_id, placed_at
    ), payment AS (
      INSERT INTO payments (city_id, order_id, payment_token, state)
      SELECT city_id, order_id, $21, 'pending' FROM placed
    ), logged AS (
      INSERT INTO order_events (city_id, order_id, sequence, type, data, actor, at)
      SELECT city_id, order_id, 1, 'order.placed',
        jsonb_build_object('totalMinor', $15::bigint, 'currency', $11::text),
        'customer:' || $3, placed_at FROM placed
    ), announced AS (
      INSERT INTO outbox (city_id, order_id, sequence) SELECT city_id, order_id, 1 FROM placed
    ), started AS (
      INSERT INTO saga_steps (city_id, order_id, step)
      SELECT city_id, order_id, 'authorize_payment' FROM placed
    )
    INSERT INTO timers (city_id, order_id, kind, due_at)
    SELECT city_id, order_id, 'payment', placed_at + $22::float8 * interval '1 millisecond'
    FROM placed`,
};

export interface Placement {
  readonly request: PlaceOrder;
  readonly actor: Actor;
  readonly idempotencyKey: string;
  readonly correlationId: string;
}

/**
 * Places an order, durably, once per customer and key.
 * @returns `replayed` when this key had placed this very order before
 * @throws AppError `restaurant_not_found`, `restaurant_closed`, `item_not_on_menu`,
 *   `item_unavailable`, `outside_delivery_zone`, `total_mismatch`, `idempotency_key_reused`, ...;
 *   then nothing was stored
 */
export async function placeOrder(
  database: Database,
  placement: Placement,
  rules: { readonly area: ServiceArea; readonly patience: Patience },
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
    const price = checkPlacement(placement, facts, rules.area);
    const orderId = newId<OrderId>();
    const stored = await insertOrder(database, { placement, facts, price, orderId, hash }, rules);
    if (stored) return { order: await viewOrder(database, orderId, actor), replayed: false };
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
  area: ServiceArea,
): Price {
  const { restaurantId, expectedTotalMinor } = request;
  if (facts.currency === null || facts.name === null) {
    throw orderErrors.make('restaurant_not_found', { details: { restaurantId } });
  }
  if (!facts.open) throw orderErrors.make('restaurant_closed', { details: { restaurantId } });
  const price = priceOrder(request.items, facts.menu, {
    deliveryFeeMinor: facts.delivery_fee_minor,
    taxRate: facts.tax_rate,
  });
  if (!area.covers(actor.cityId, request.dropoff.place)) {
    throw orderErrors.make('outside_delivery_zone', { details: { place: request.dropoff.place } });
  }
  if (expectedTotalMinor !== undefined && expectedTotalMinor !== price.totalMinor) {
    throw orderErrors.make('total_mismatch', {
      details: { expectedTotalMinor, totalMinor: price.totalMinor },
    });
  }
  return price;
}

/** @returns false when another request with the same key was faster */
async function insertOrder(
  database: Database,
  order: {
    placement: Placement;
    facts: PlacementFacts;
    price: Price;
    orderId: OrderId;
    hash: Buffer;
  },
  { patience }: { readonly patience: Patience },
): Promise<boolean> {
  const { placement, facts, price, orderId, hash } = order;
  const { actor, request, idempotencyKey, correlationId } = placement;
  const { place, address } = request.dropoff;
  const where = [facts.lat, facts.lng, place.lat, place.lng, address];
  const amounts = [price.subtotalMinor, price.deliveryFeeMinor, price.taxMinor, price.totalMinor];
  try {
    const who = [actor.cityId, orderId, actor.subject, idempotencyKey, hash];
    const from = [request.restaurantId, facts.name, request.reference ?? null, correlationId];
    const what = [JSON.stringify(price.items), facts.currency, ...amounts];
    const deadlineMs = patience.timeScale.wallMs(patience.paymentDeadlineSeconds);
    const paid = [request.paymentToken, deadlineMs];
    await database.query(INSERT_ORDER, [who, from, what, where, paid].flat());
    return true;
  } catch (error) {
    if (isViolation(error, 'idempotency_key')) return false;
    throw error;
  }
}
