import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  TRACK_POINTS_MAX,
  type OrderEventType,
  type OrderView,
  type Role,
} from '../../protocol/index.ts';
import { trackOf, trackRange } from './order-track.ts';

const NOW_MS = 100;

/** An order to which these events happened, at 1, 2, 3, ... */
function order(events: readonly OrderEventType[], courierId: string | null = 'k1'): OrderView {
  const timeline = events.map((type, i) => ({ type, sequence: i + 1, atMs: i + 1, data: {} }));
  return { orderId: 'o1', cityId: 'c1', courierId, timeline } as unknown as OrderView;
}

/** From and until when, as the role may see it. */
function seen(role: Role, events: readonly OrderEventType[]): unknown {
  const range = trackRange(order(events), role, NOW_MS);
  return range === null ? null : [range.fromMs, range.toMs];
}

const WHOLE = ['order.placed', 'order.assigned', 'order.picked_up', 'order.delivered'] as const;
const ASSIGNED = WHOLE.slice(0, 2);

test('a customer sees the way of the food, a restaurant the way to it, an operator all', () => {
  expect(seen('customer', WHOLE)).toEqual([3, 4]);
  expect(seen('restaurant', WHOLE)).toEqual([2, 3]);
  for (const role of ['operator', 'courier', 'service'] as const) {
    expect(seen(role, WHOLE)).toEqual([2, 4]);
  }
});

test('before the pickup a customer sees nothing; what is under way is seen until now', () => {
  expect(seen('customer', ASSIGNED)).toBeNull();
  expect(seen('operator', ASSIGNED)).toEqual([2, NOW_MS + 30_000]);
  expect(seen('customer', WHOLE.slice(0, 3))).toEqual([3, NOW_MS + 30_000]);
});

test('without a courier there is no track, and of two couriers it is that of the second', () => {
  expect(trackRange(order(['order.placed'], null), 'operator', NOW_MS)).toBeNull();
  expect(trackRange(order([...ASSIGNED, 'order.unassigned'], null), 'operator', NOW_MS)).toBeNull();
  const twice = [...ASSIGNED, 'order.unassigned', 'order.assigned', 'order.delivered'] as const;
  expect(seen('operator', twice)).toEqual([4, 5]);
});

test('a long track is thinned evenly, and keeps its ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5_000 }), (count) => {
      const fixes = Array.from({ length: count }, (_, atMs) => ({
        atMs,
        lat: 52,
        lng: 13,
        speedMps: 0,
        headingDegrees: 0,
        accuracyMeters: 5,
      }));
      const { points } = trackOf(order(WHOLE), fixes);
      expect(points).toHaveLength(Math.min(count, TRACK_POINTS_MAX));
      expect(points[0]?.atMs).toBe(fixes[0]?.atMs);
      expect(points.at(-1)?.atMs).toBe(fixes.at(-1)?.atMs);
      const gaps = points.slice(1).map((point, i) => point.atMs - (points[i]?.atMs ?? 0));
      expect(Math.max(1, ...gaps) - Math.min(Infinity, ...gaps)).toBeLessThanOrEqual(1);
    }),
  );
});
