import {
  type PaymentMethod,
  type PaymentState,
  protocolErrors,
  type Rating,
} from '../../protocol/index.ts';
import type { Random } from '../../runtime/index.ts';
import { Grouped } from '../database/grouped.ts';
import type { Database } from '../database/pool.ts';
import type {
  Authorization,
  CourierSearch,
  LiveOffer,
  Modification,
  Order,
  Refund,
  TimerKind,
} from '../model/order.ts';
import { SUMMARY_COLUMNS, summaryOf, type SummaryRow } from './rows.ts';

const LOAD_ORDERS = {
  name: 'load_orders',
  text: `
    SELECT w.n, found.*
    FROM jsonb_to_recordset($1::jsonb) AS w(n integer, "cityId" text, "orderId" uuid)
    -- The fence keeps the planner from beginning anywhere but at the order's key.
    CROSS JOIN LATERAL (SELECT ${SUMMARY_COLUMNS},
      o.version, o.saga_version, o.courier_search, o.modification,
      extract(epoch FROM o.confirmed_at)::float8 * 1000 AS confirmed_at_ms,
      o.delivery_code, o.code_attempts, o.rating,
      p.payment_token, p.method, p.state AS payment_state, p.generation, p.authorized_minor,
      p.capture_minor, p.captured_minor, p.refunded_minor,
      (SELECT jsonb_agg(jsonb_build_object('generation', a.generation,
          'amountMinor', a.amount_minor, 'state', a.state, 'intentId', a.intent_id)
          ORDER BY a.generation)
        FROM authorizations a
        WHERE a.city_id = o.city_id AND a.order_id = o.order_id) AS authorizations,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('number', f.number,
          'amountMinor', f.amount_minor, 'state', f.state) ORDER BY f.number), '[]')
        FROM refunds f WHERE f.city_id = o.city_id AND f.order_id = o.order_id) AS refunds,
      (SELECT jsonb_build_object('offerId', f.offer_id, 'courierId', f.courier_id,
          'state', f.state, 'expiresAtMs', extract(epoch FROM f.expires_at)::float8 * 1000)
        FROM offers f WHERE f.city_id = o.city_id AND f.order_id = o.order_id
          AND f.state IN ('offered', 'accepted')) AS live_offer,
      ARRAY(SELECT f.courier_id FROM offers f
        WHERE f.city_id = o.city_id AND f.order_id = o.order_id) AS asked_couriers,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', t.kind,
          'due', t.due_at <= clock_timestamp())), '[]')
        FROM timers t WHERE t.city_id = o.city_id AND t.order_id = o.order_id) AS timers,
      (SELECT r.open AND coalesce(r.paused_until <= clock_timestamp(), true) FROM restaurants r
        WHERE r.city_id = o.city_id AND r.restaurant_id = o.restaurant_id) AS restaurant_open,
      (SELECT c.cancellation FROM cities c WHERE c.city_id = o.city_id) AS cancellation,
      extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms
    FROM orders o JOIN payments p ON p.city_id = o.city_id AND p.order_id = o.order_id
    WHERE o.city_id = w."cityId" AND o.order_id = w."orderId" OFFSET 0) found`,
};

interface OrderRow extends SummaryRow {
  n: number;
  version: number;
  saga_version: number;
  courier_search: CourierSearch;
  modification: Modification | null;
  confirmed_at_ms: number | null;
  delivery_code: string | null;
  code_attempts: number;
  rating: Rating | null;
  payment_token: string;
  method: PaymentMethod;
  payment_state: PaymentState;
  generation: number;
  authorized_minor: number;
  capture_minor: number | null;
  captured_minor: number;
  refunded_minor: number;
  authorizations: Authorization[] | null;
  refunds: Refund[];
  live_offer: LiveOffer | null;
  asked_couriers: string[];
  timers: { kind: TimerKind; due: boolean }[];
  restaurant_open: boolean;
  cancellation: Order['cancellation'];
  now_ms: number;
}

interface OrderRef {
  readonly cityId: string;
  readonly orderId: string;
}

/** Reads orders as decisions see them, those that are asked for at the same time together. */
export class OrderLoader {
  readonly #group: Grouped<OrderRef, Order | null>;

  constructor(database: Database, random: Random) {
    this.#group = new Grouped({
      run: (refs) => loadAll(database, refs),
      keysOf: () => [],
      random,
    });
  }

  /** Everything a decision about the order looks at. @throws AppError `not_found` */
  async load(cityId: string, orderId: string): Promise<Order> {
    const order = await this.#group.add({ cityId, orderId });
    if (order === null) throw protocolErrors.make('not_found', { details: { orderId } });
    return order;
  }
}

async function loadAll(
  database: Database,
  refs: readonly OrderRef[],
): Promise<readonly (Order | null)[]> {
  const wanted = JSON.stringify(refs.map((ref, n) => ({ ...ref, n })));
  const rows = await database.query<OrderRow>(LOAD_ORDERS, [wanted]);
  const found = new Map(rows.map((row) => [row.n, row]));
  return refs.map((_ref, n) => {
    const row = found.get(n);
    return row === undefined ? null : orderOf(row);
  });
}

function orderOf(row: OrderRow): Order {
  const summary = summaryOf(row);
  return {
    ...summary,
    summary,
    version: row.version,
    sagaVersion: row.saga_version,
    courierSearch: row.courier_search,
    modification: row.modification,
    confirmedAtMs: row.confirmed_at_ms,
    deliveryCode: row.delivery_code,
    codeAttempts: row.code_attempts,
    rating: row.rating,
    paymentToken: row.payment_token,
    payment: {
      method: row.method,
      state: row.payment_state,
      generation: row.generation,
      authorizedMinor: row.authorized_minor,
      captureMinor: row.capture_minor,
      capturedMinor: row.captured_minor,
      refundedMinor: row.refunded_minor,
    },
    authorizations: row.authorizations ?? [],
    refunds: row.refunds,
    liveOffer: row.live_offer,
    askedCouriers: row.asked_couriers,
    timers: row.timers,
    restaurantOpen: row.restaurant_open,
    cancellation: row.cancellation,
    nowMs: row.now_ms,
  };
}
