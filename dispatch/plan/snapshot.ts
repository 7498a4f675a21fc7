import { assert } from '../../runtime/index.ts';

/**
 * Everything that one planning round knows of a city, as flat arrays: cheap to send to a thread, and
 * the same for a live engine and for a simulation. Orders are numbered 0 to n-1, oldest first;
 * couriers 0 to m-1 in any order.
 */
export interface PlanSnapshot {
  /** Where the food is: lat, lng of order i at 2i, 2i + 1; WGS84 degrees. Length 2n. */
  readonly pickups: Float64Array<ArrayBuffer>;
  /** Where couriers are, in the same way. Length 2m. */
  readonly couriers: Float64Array<ArrayBuffer>;
  /** Candidates of order i stand in `candidates` from index starts[i] up to starts[i + 1]. */
  readonly candidateStarts: Uint32Array<ArrayBuffer>;
  /** Numbers of couriers that may be asked, at most once per order. */
  readonly candidates: Uint32Array<ArrayBuffer>;
  /** Average speed along the way, metres per city second. */
  readonly courierSpeedMps: number;
  /** Way driven divided by great-circle distance. */
  readonly detourFactor: number;
}

/** The courier chosen for order i, or NOBODY. Length n. */
export type Decisions = Int32Array<ArrayBuffer>;
export const NOBODY = -1;

/** @throws AssertionFailed when the arrays do not fit together */
export function assertSnapshot(snapshot: PlanSnapshot): void {
  const { pickups, couriers, candidateStarts, candidates } = snapshot;
  const orderCount = pickups.length / 2;
  assert(Number.isInteger(orderCount) && couriers.length % 2 === 0, 'places come in pairs');
  assert(candidateStarts.length === orderCount + 1, 'one start per order, and the end');
  assert(candidateStarts[orderCount] === candidates.length, 'starts cover all candidates');
  for (let i = 0; i < orderCount; i++) {
    assert(
      (candidateStarts[i] as number) <= (candidateStarts[i + 1] as number),
      'starts never go back',
    );
  }
  for (const courier of candidates) assert(courier < couriers.length / 2, 'candidates exist');
}

/**
 * The independent check of a plan, whoever made it.
 * @throws AssertionFailed when an order got somebody who was no candidate, or a courier two orders
 */
export function assertDecisions(snapshot: PlanSnapshot, decisions: Decisions): void {
  const { candidateStarts, candidates } = snapshot;
  const asked = new Set<number>();
  assert(decisions.length === candidateStarts.length - 1, 'one decision per order');
  decisions.forEach((courier, i) => {
    if (courier === NOBODY) return;
    const own = candidates.subarray(candidateStarts[i], candidateStarts[i + 1]);
    assert(own.includes(courier), 'only candidates are chosen');
    assert(!asked.has(courier), 'a courier is asked once per round');
    asked.add(courier);
  });
}
