import type { PlanSnapshot } from './snapshot.ts';

/**
 * Which courier must not be asked for which order: who has refused it, who is too far away, whose way to
 * the door would be too long.
 * @returns 1 at order * couriers + courier; null when everybody may carry everything. O(pairs)
 */
export function forbiddenPairs(snapshot: PlanSnapshot): Uint8Array | null {
  const { orders, couriers } = snapshot;
  const hasLimits = isLimited(snapshot);
  if (!hasLimits && orders.refusals.length === 0) return null;
  const pairs = new Uint8Array(orders.x.length * couriers.x.length);
  if (hasLimits) markTooFar(snapshot, pairs);
  for (let order = 0; order < orders.x.length; order++) {
    const [from, to] = [orders.refusalStarts[order], orders.refusalStarts[order + 1]];
    for (const courier of orders.refusals.subarray(from, to)) {
      pairs[order * couriers.x.length + courier] = 1;
    }
  }
  return pairs;
}

function markTooFar({ orders, couriers, restaurants }: PlanSnapshot, pairs: Uint8Array): void {
  const { x, y, reachMeters, tripMeters } = couriers;
  for (let order = 0, at = 0; order < orders.x.length; order++) {
    const shop = orders.restaurant[order] as number;
    const shopX = restaurants.x[shop] as number;
    const shopY = restaurants.y[shop] as number;
    const toDoor = Math.hypot(
      shopX - (orders.x[order] as number),
      shopY - (orders.y[order] as number),
    );
    for (let courier = 0; courier < x.length; courier++, at++) {
      const dx = (x[courier] as number) - shopX;
      const dy = (y[courier] as number) - shopY;
      const reach = reachMeters[courier] as number;
      if (toDoor > (tripMeters[courier] as number) || dx * dx + dy * dy > reach * reach) {
        pairs[at] = 1;
      }
    }
  }
}

/** Whether any way in this city is longer than somebody may go; mostly none is, and no pair is looked at. */
function isLimited({ orders, couriers, restaurants }: PlanSnapshot): boolean {
  const x = rangeOf([orders.x, couriers.x, restaurants.x]);
  const y = rangeOf([orders.y, couriers.y, restaurants.y]);
  const longest = Math.hypot(x, y);
  return least(couriers.reachMeters) < longest || least(couriers.tripMeters) < longest;
}

/** Greatest minus least of all; -Infinity of none. */
function rangeOf(lists: readonly Float64Array[]): number {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return high - low;
}

function least(values: Float64Array): number {
  let smallest = Infinity;
  for (const value of values) if (value < smallest) smallest = value;
  return smallest;
}
