import type { CourierOnMap, CouriersMoved } from '../../protocol/index.ts';

/**
 * What a map of a watched area shows: `couriers_moved`, put together. `watchArea` says
 * when it is to be emptied.
 */
export class CouriersInArea {
  /** By cell and courier: one that crosses may be in two cells for a moment. */
  readonly #cells = new Map<string, Map<string, CourierOnMap>>();

  apply({ cell, full, couriers, left }: CouriersMoved): void {
    const known = full ? undefined : this.#cells.get(cell);
    const inCell = known ?? new Map<string, CourierOnMap>();
    this.#cells.set(cell, inCell);
    for (const courier of couriers) inCell.set(courier.courierId, courier);
    for (const courierId of left) inCell.delete(courierId);
  }

  clear(): void {
    this.#cells.clear();
  }

  /** Everybody, each once and where it was seen last. */
  all(): ReadonlyMap<string, CourierOnMap> {
    const newest = new Map<string, CourierOnMap>();
    for (const inCell of this.#cells.values()) {
      for (const courier of inCell.values()) {
        const other = newest.get(courier.courierId);
        if (other === undefined || other.atMs < courier.atMs)
          newest.set(courier.courierId, courier);
      }
    }
    return newest;
  }
}
