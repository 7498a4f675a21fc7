import { nearbySlots, type NearbyQuery, type NearbySlots } from './nearby-couriers.ts';
import { plan as planned, type Plan, type PlanSnapshot, type Strategy } from './plan/index.ts';

/** What a matcher thread does, by the names that `matcher.ts` calls. */
export function plan(task: { snapshot: PlanSnapshot; strategy: Strategy }): Plan {
  return planned(task.snapshot, task.strategy);
}

export function nearby(query: NearbyQuery): NearbySlots {
  return nearbySlots(query);
}
