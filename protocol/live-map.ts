import { z } from 'zod';
import { HEAT_RESOLUTION_MAX } from './limits.ts';
import type { Immutable } from './immutable.ts';
import { placeSchema, timeMsSchema } from './places.ts';
import { positionSchema } from './positions.ts';

/** What operators see of a whole city: couriers by cell of H3, and where they are wanted. */

const { lat, lng } = placeSchema.shape;

export const areaSchema = z
  .strictObject({ south: lat, west: lng, north: lat, east: lng })
  .refine(({ south, north }) => south <= north, 'south is not north of north')
  .describe(
    'What a map shows, degrees; its edges belong to it. `west` > `east`: it lies across the antimeridian.',
  );
export type Area = z.output<typeof areaSchema>;

const courierOnMapSchema = z.object({
  courierId: z.string(),
  ...positionSchema.shape,
  available: z.boolean().describe('Whether it may be given an order now.'),
});
export type CourierOnMap = Immutable<z.output<typeof courierOnMapSchema>>;

export const couriersMovedSchema = z
  .object({
    type: z.literal('couriers_moved'),
    cell: z.string().describe('H3 index, resolution 7.'),
    full: z
      .boolean()
      .describe(
        'This is everybody who is there, and what was known of the cell before is void; very many ' +
          'come in several messages, of which only the first is `full`.',
      ),
    couriers: z.array(courierOnMapSchema).describe('They have come, moved or changed.'),
    left: z.array(z.string()).describe('They have gone.'),
  })
  .describe(
    'To operators: what has changed in one cell of the watched area, at most once a second. It may name ' +
      'somebody who is not known, or known already; a courier that crosses to another cell may come ' +
      'there before it has left here.',
  );
export type CouriersMoved = Immutable<z.output<typeof couriersMovedSchema>>;

export const HEAT_RESOLUTION_MIN = 5;

/** Query of `GET /v1/cities/ID/heat`. */
export const heatQuerySchema = z.strictObject({
  resolution: z.coerce
    .number()
    .int()
    .min(HEAT_RESOLUTION_MIN)
    .max(HEAT_RESOLUTION_MAX)
    .default(HEAT_RESOLUTION_MAX)
    .describe('Of H3: cells of 253, 36, 5.2 or 0.74 km².'),
});

export const heatViewSchema = z
  .object({
    resolution: z.number().int(),
    atMs: timeMsSchema,
    cells: z
      .array(
        z.object({
          cell: z.string().describe('H3 index.'),
          available: z.number().int().describe('Couriers who may be given an order now.'),
          busy: z.number().int().describe('The others who are heard of.'),
          waiting: z
            .number()
            .int()
            .describe('Orders that wait for a courier, where they are picked up.'),
        }),
      )
      .describe('Those with most waiting orders first; cells without anything are left out.'),
    isWhole: z
      .boolean()
      .describe('False: there are more cells than are told; a coarser resolution has fewer.'),
  })
  .describe('Supply and demand of a city now.');
export type HeatView = Immutable<z.output<typeof heatViewSchema>>;
