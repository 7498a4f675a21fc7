import type { PlanePoint } from '../../load-tests/days/index.ts';

/** How far two numbers may lie apart, as a part of them, and still mean the same distance. */
const TOLERANCE = 1e-12;

/**
 * The benchmark's travel time: the straight way at `metersPerMinute`, rounded up to a whole minute.
 *
 * Not `Math.ceil` of the quotient alone: when that is whole, a last bit of rounding would make a
 * minute more of it. The squares of whole metres are exact, so they decide.
 */
export function travelMinutes(from: PlanePoint, to: PlanePoint, metersPerMinute: number): number {
  const squared = (to.x - from.x) ** 2 + (to.y - from.y) ** 2;
  const reaches = (minutes: number): boolean =>
    (minutes * metersPerMinute) ** 2 * (1 + TOLERANCE) >= squared;
  let minutes = Math.ceil(Math.sqrt(squared) / metersPerMinute);
  while (minutes > 0 && reaches(minutes - 1)) minutes--;
  while (!reaches(minutes)) minutes++;
  return minutes;
}
