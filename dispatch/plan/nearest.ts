import { TravelModel } from '../../geo/index.ts';
import { NOBODY, type Decisions, type PlanSnapshot } from './snapshot.ts';

/**
 * First come, first served: the oldest order gets the courier who is at its restaurant soonest, then
 * the next oldest chooses among the rest. Of two equally near the lower number wins, so the result
 * depends on the snapshot alone. O(candidates).
 */
export function planNearest(snapshot: PlanSnapshot): Decisions {
  const { pickups, couriers, candidateStarts, candidates } = snapshot;
  const travel = new TravelModel(snapshot);
  const decisions: Decisions = new Int32Array(pickups.length / 2).fill(NOBODY);
  const taken = new Uint8Array(couriers.length / 2);

  for (let order = 0; order < decisions.length; order++) {
    const restaurant = placeAt(pickups, order);
    let best = NOBODY;
    let bestSeconds = Infinity;
    for (
      let at = candidateStarts[order] as number;
      at < (candidateStarts[order + 1] as number);
      at++
    ) {
      const courier = candidates[at] as number;
      if (taken[courier] === 1) continue;
      const seconds = travel.travelSeconds(placeAt(couriers, courier), restaurant);
      if (seconds < bestSeconds || (seconds === bestSeconds && courier < best)) {
        best = courier;
        bestSeconds = seconds;
      }
    }
    decisions[order] = best;
    if (best !== NOBODY) taken[best] = 1;
  }
  return decisions;
}

function placeAt(places: Float64Array, number: number): { lat: number; lng: number } {
  return { lat: places[2 * number] as number, lng: places[2 * number + 1] as number };
}
