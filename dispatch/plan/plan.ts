import { planNearest } from './nearest.ts';
import { assertDecisions, assertSnapshot, type Decisions, type PlanSnapshot } from './snapshot.ts';

/**
 * Decides who is asked to carry what. Pure and deterministic: the same snapshot gives the same
 * decisions in a matcher thread, in a simulation and in a benchmark.
 * @returns per order the number of a courier, or NOBODY; a courier appears at most once
 * @throws AssertionFailed for a snapshot that contradicts itself
 */
export function plan(snapshot: PlanSnapshot): Decisions {
  assertSnapshot(snapshot);
  const decisions = planNearest(snapshot);
  assertDecisions(snapshot, decisions);
  return decisions;
}
