import type {
  Attention,
  CancelReason,
  OrderItem,
  OrderState,
  OrderSummary,
} from '../../protocol/index.ts';

/** Columns of `orders o` that make an OrderSummary; times as ms since the Unix epoch. */
export const SUMMARY_COLUMNS = `
  o.order_id, o.city_id, o.customer_id, o.restaurant_id, o.restaurant_name, o.courier_id,
  o.reference, o.correlation_id, o.state, o.cancel_reason, o.sequence, o.items, o.currency,
  o.subtotal_minor, o.delivery_fee_minor, o.tax_minor, o.total_minor,
  o.pickup_lat, o.pickup_lng, o.dropoff_lat, o.dropoff_lng, o.dropoff_address,
  extract(epoch FROM o.placed_at)::float8 * 1000 AS placed_at_ms,
  extract(epoch FROM o.ready_at)::float8 * 1000 AS ready_at_ms,
  extract(epoch FROM o.scheduled_for)::float8 * 1000 AS scheduled_for_ms, o.attention`;

export interface SummaryRow {
  order_id: string;
  city_id: string;
  customer_id: string;
  restaurant_id: string;
  restaurant_name: string;
  courier_id: string | null;
  reference: string | null;
  correlation_id: string;
  state: OrderState;
  cancel_reason: CancelReason | null;
  sequence: number;
  items: OrderItem[];
  currency: string;
  subtotal_minor: number;
  delivery_fee_minor: number;
  tax_minor: number;
  total_minor: number;
  pickup_lat: number;
  pickup_lng: number;
  dropoff_lat: number;
  dropoff_lng: number;
  dropoff_address: string;
  placed_at_ms: number;
  ready_at_ms: number | null;
  scheduled_for_ms: number | null;
  attention: Attention | null;
}

export function summaryOf(row: SummaryRow): OrderSummary {
  return {
    orderId: row.order_id,
    cityId: row.city_id,
    customerId: row.customer_id,
    restaurantId: row.restaurant_id,
    restaurantName: row.restaurant_name,
    courierId: row.courier_id,
    reference: row.reference,
    state: row.state,
    cancelReason: row.cancel_reason,
    sequence: row.sequence,
    items: row.items,
    currency: row.currency,
    subtotalMinor: row.subtotal_minor,
    deliveryFeeMinor: row.delivery_fee_minor,
    taxMinor: row.tax_minor,
    totalMinor: row.total_minor,
    pickup: { lat: row.pickup_lat, lng: row.pickup_lng },
    dropoff: {
      place: { lat: row.dropoff_lat, lng: row.dropoff_lng },
      address: row.dropoff_address,
    },
    placedAtMs: Math.round(row.placed_at_ms),
    readyAtMs: row.ready_at_ms === null ? null : Math.round(row.ready_at_ms),
    scheduledForMs: row.scheduled_for_ms === null ? null : Math.round(row.scheduled_for_ms),
    attention: row.attention,
    correlationId: row.correlation_id,
  };
}
