import { canonical } from './canonical.ts';
import { planNearest, planScored } from './greedy.ts';
import { planOptimal } from './optimal/optimal.ts';
import { assertPlan, assertSnapshot, type Plan, type PlanSnapshot } from './snapshot.ts';

const STRATEGIES = {
  nearest: planNearest,
  scored: planScored,
  optimal: planOptimal,
} as const satisfies Record<string, (snapshot: PlanSnapshot) => Plan>;

export type Strategy = keyof typeof STRATEGIES;

/**
 * Decides who is asked to carry what, now. Pure and deterministic: the same snapshot gives the same
 * plan in a matcher thread, in a simulation and in a benchmark.
 * @throws AssertionFailed for a snapshot that contradicts itself
 */
export function plan(snapshot: PlanSnapshot, strategy: Strategy): Plan {
  assertSnapshot(snapshot);
  const { snapshot: numbered, restore } = canonical(snapshot);
  const planned = restore(STRATEGIES[strategy](numbered));
  assertPlan(snapshot, planned);
  return planned;
}
