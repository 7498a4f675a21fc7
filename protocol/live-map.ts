import { z } from 'zod';
import { HEAT_RESOLUTION_MAX } from './limits.ts';
import { placeSchema } from './places.ts';
import type { Position } from './position-frame.ts';

/** What operators see of a whole city: couriers by cell of H3, and where they are wanted. */

const { lat, lng } = placeSchema.shape;

/** What a map shows, degrees; its edges belong to it. `west` > `east`: it lies across the antimeridian. */
export const areaSchema = z
  .strictObject({ south: lat, west: lng, north: lat, east: lng })
  .refine(({ south, north }) => south <= north, 'south is not north of north');
export type Area = z.output<typeof areaSchema>;

export interface CourierOnMap extends Position {
  readonly courierId: string;
  /** Whether it may be given an order now. */
  readonly available: boolean;
}

/**
 * What has changed in one cell of a watched area, at most once a second. `full`: this is everybody who
 * is there, and what was known of the cell before is void; very many come in several messages, of
 * which only the first is `full`. Otherwise `couriers` have come, moved or changed, and `left` have
 * gone; both may name somebody who is not known, or known already.
 *
 * Couriers are kept by cell: one that crosses to another may come there before it has left here.
 */
export interface CouriersMoved {
  readonly type: 'couriers_moved';
  /** H3 index, resolution 7. */
  readonly cell: string;
  readonly full: boolean;
  readonly couriers: readonly CourierOnMap[];
  readonly left: readonly string[];
}

export const HEAT_RESOLUTION_MIN = 5;

/** Query of `GET /v1/cities/ID/heat`. */
export const heatQuerySchema = z.strictObject({
  /** Of H3: cells of 253, 36, 5.2 or 0.74 km². */
  resolution: z.coerce
    .number()
    .int()
    .min(HEAT_RESOLUTION_MIN)
    .max(HEAT_RESOLUTION_MAX)
    .default(HEAT_RESOLUTION_MAX),
});

/** Supply and demand of a city now. */
export interface HeatView {
  readonly resolution: number;
  readonly atMs: number;
  /** Those with most waiting orders first; cells without anything are left out. */
  readonly cells: readonly {
    readonly cell: string;
    /** Couriers who may be given an order now, and the others who are heard of. */
    readonly available: number;
    readonly busy: number;
    /** Orders that wait for a courier, where they are picked up. */
    readonly waiting: number;
  }[];
  /** False: there are more cells than are told; a coarser resolution has fewer. */
  readonly isWhole: boolean;
}
