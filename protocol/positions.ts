import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { placeSchema, timeMsSchema } from './places.ts';

/** Where a courier is, as JSON; position-frame.ts has the binary frame of `location_update`. */
export const positionSchema = z.object({
  ...placeSchema.shape,
  headingDegrees: z.number(),
  speedMps: z.number(),
  atMs: timeMsSchema,
});
export type Position = Immutable<z.output<typeof positionSchema>>;

export const locationUpdateSchema = z
  .object({
    type: z.literal('location_update'),
    orderId: z.uuid(),
    courierId: z.string(),
    ...positionSchema.shape,
    etaSeconds: z
      .number()
      .int()
      .describe('City seconds until the order is at the door, as in `eta_update`.'),
  })
  .describe(
    'Where the courier of a watched order is. On `hexfleet.v1.bin` a binary frame of its own. One ' +
      'who reads too slowly gets only the newest.',
  );
export type LocationUpdate = Immutable<z.output<typeof locationUpdateSchema>>;
