import { type PaymentState, protocolErrors } from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';
import type { CourierSearch, LiveOffer, Order, TimerKind } from '../model/order.ts';
import { SUMMARY_COLUMNS, summaryOf, type SummaryRow } from './rows.ts';

const LOAD_ORDER = {
  name: 'load_order',
  text: `
    SELECT ${SUMMARY_COLUMNS}, o.version, o.courier_search,
      p.payment_token, p.state AS payment_state, p.provider_intent_id,
      p.authorized_minor, p.captured_minor,
      (SELECT jsonb_build_object('offerId', f.offer_id, 'courierId', f.courier_id,
          'state', f.state, 'expiresAtMs', extract(epoch FROM f.expires_at)::float8 * 1000)
        FROM offers f WHERE f.city_id = o.city_id AND f.order_id = o.order_id
          AND f.state IN ('offered', 'accepted')) AS live_offer,
      ARRAY(SELECT DISTINCT f.courier_id FROM offers f
        WHERE f.city_id = o.city_id AND f.order_id = o.order_id) AS asked_couriers,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', t.kind,
          'due', t.due_at <= clock_timestamp())), '[]')
        FROM timers t WHERE t.city_id = o.city_id AND t.order_id = o.order_id) AS timers,
      extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms
    FROM orders o JOIN payments p USING (city_id, order_id)
    WHERE o.city_id = $1 AND o.order_id = $2`,
};

interface OrderRow extends SummaryRow {
  version: number;
  courier_search: CourierSearch;
  payment_token: string;
  payment_state: PaymentState;
  provider_intent_id: string | null;
  authorized_minor: number;
  captured_minor: number;
  live_offer: LiveOffer | null;
  asked_couriers: string[];
  timers: { kind: TimerKind; due: boolean }[];
  now_ms: number;
}

/** Everything a decision about the order looks at. @throws AppError `not_found` */
export async function loadOrder(
  database: Database,
  cityId: string,
  orderId: string,
): Promise<Order> {
  const [row] = await database.query<OrderRow>(LOAD_ORDER, [cityId, orderId]);
  if (row === undefined) throw protocolErrors.make('not_found', { details: { orderId } });
  const summary = summaryOf(row);
  return {
    ...summary,
    summary,
    version: row.version,
    courierSearch: row.courier_search,
    paymentToken: row.payment_token,
    payment: {
      state: row.payment_state,
      intentId: row.provider_intent_id,
      authorizedMinor: row.authorized_minor,
      capturedMinor: row.captured_minor,
    },
    liveOffer: row.live_offer,
    askedCouriers: row.asked_couriers,
    timers: row.timers,
    nowMs: row.now_ms,
  };
}
