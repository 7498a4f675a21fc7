import {
  TRACK_POINTS_MAX,
  type OrderEventType,
  type OrderTrack,
  type OrderView,
  type Role,
} from '../../protocol/index.ts';
import type { FixRange, RecordedFix } from './read-fixes.ts';

/** Fixes that are read for one track: 8 hours of one every 3 s. */
export const TRACK_FIXES_MAX = 10_000;
/** The clock of a device may be ahead by so much, and one that is more is not believed. */
const DEVICE_AHEAD_MS_MAX = 30_000;

/** Between which events of its order a courier's way is shown. What it does else is its own affair. */
const SHOWN: Readonly<
  Record<Role, { readonly from: OrderEventType; readonly to: readonly OrderEventType[] }>
> = {
  customer: { from: 'order.picked_up', to: ['order.delivered', 'order.cancelled'] },
  restaurant: {
    from: 'order.assigned',
    to: ['order.picked_up', 'order.delivered', 'order.cancelled'],
  },
  courier: { from: 'order.assigned', to: ['order.delivered', 'order.cancelled'] },
  operator: { from: 'order.assigned', to: ['order.delivered', 'order.cancelled'] },
  service: { from: 'order.assigned', to: ['order.delivered', 'order.cancelled'] },
};

/**
 * Whose fixes of which time are the order's track for this role; of several couriers those of the last.
 * @param nowMs ms since the Unix epoch
 * @returns null while there is nothing to see
 */
export function trackRange(order: OrderView, role: Role, nowMs: number): FixRange | null {
  const { courierId, cityId, timeline } = order;
  const { from, to } = SHOWN[role];
  const first = timeline.findLast(({ type }) => type === from);
  if (courierId === null || first === undefined) return null;
  const last = timeline.find(
    ({ type, sequence }) => sequence > first.sequence && to.includes(type),
  );
  const toMs = last?.atMs ?? nowMs + DEVICE_AHEAD_MS_MAX;
  return { cityId, courierId, fromMs: first.atMs, toMs };
}

/** @param fixes oldest first; of more than TRACK_POINTS_MAX every so-manieth, with the first and the last */
export function trackOf(order: OrderView, fixes: readonly RecordedFix[]): OrderTrack {
  const count = Math.min(fixes.length, TRACK_POINTS_MAX);
  const step = count > 1 ? (fixes.length - 1) / (count - 1) : 1;
  const points = Array.from({ length: count }, (_, i) => fixes[Math.round(i * step)]).flatMap(
    (fix) => {
      if (fix === undefined) return [];
      const { lat, lng, atMs, speedMps, headingDegrees } = fix;
      return [{ lat, lng, atMs, speedMps, headingDegrees }];
    },
  );
  return { orderId: order.orderId, courierId: order.courierId, points };
}
