import type { OrderView } from '../../protocol/index.ts';

/** What a customer was told of an order's times, and when; ms since the Unix epoch. */
export interface ToldTimes {
  readonly atMs: number;
  /** Null: the courier has the food. */
  readonly pickupAtMs: number | null;
  readonly dropoffAtMs: number;
  readonly by: 'plan' | 'courier';
}

/** How far estimates were off, city minutes; null where nothing was told. */
export interface EtaError {
  /** Minutes of orders' lives in which an estimate was to be seen. */
  readonly minutes: number;
  readonly mae: number | null;
  /** Told minus true: positive when it came sooner than told. */
  readonly bias: number | null;
}

export interface Calibration {
  readonly dropoff: EtaError;
  readonly dropoff_by_plan: EtaError;
  readonly dropoff_by_courier: EtaError;
  readonly pickup: EtaError;
}

/**
 * Holds what customers saw against what came: one sample for each city minute of an order's life, of
 * the estimate that was to be seen then, so that an estimate counts for as long as it stood.
 * @param told by order, oldest first
 */
export function calibrationOf(
  orders: readonly OrderView[],
  told: ReadonlyMap<string, readonly ToldTimes[]>,
  timeScale: number,
): Calibration {
  const minuteMs = 60_000 / timeScale;
  const errors = { plan: [] as number[], courier: [] as number[], pickup: [] as number[] };
  for (const order of orders) {
    const own = told.get(order.orderId) ?? [];
    const pickedUpAtMs = timeOf(order, 'order.picked_up');
    const deliveredAtMs = timeOf(order, 'order.delivered');
    if (deliveredAtMs === null) continue;
    own.forEach((times, i) => {
      const untilMs = Math.min(own[i + 1]?.atMs ?? Infinity, deliveredAtMs);
      for (let atMs = times.atMs; atMs < untilMs; atMs += minuteMs) {
        errors[times.by].push((times.dropoffAtMs - deliveredAtMs) / minuteMs);
        if (times.pickupAtMs === null || pickedUpAtMs === null || atMs >= pickedUpAtMs) continue;
        errors.pickup.push((times.pickupAtMs - pickedUpAtMs) / minuteMs);
      }
    });
  }
  return {
    dropoff: errorOf([...errors.plan, ...errors.courier]),
    dropoff_by_plan: errorOf(errors.plan),
    dropoff_by_courier: errorOf(errors.courier),
    pickup: errorOf(errors.pickup),
  };
}

function timeOf(order: OrderView, type: 'order.picked_up' | 'order.delivered'): number | null {
  return order.timeline.findLast((entry) => entry.type === type)?.atMs ?? null;
}

function errorOf(errors: readonly number[]): EtaError {
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  return { minutes: errors.length, mae: mean(errors.map(Math.abs)), bias: mean(errors) };
}
