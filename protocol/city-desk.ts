import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { orderStateSchema } from './orders.ts';
import { textSchema, timeMsSchema } from './places.ts';

/** What operators see of a whole city beside its couriers: its live orders, and its figures. */

export const CITY_ORDERS_MAX = 500;

/** Query of `GET /v1/cities/ID/orders`. */
export const cityOrdersQuerySchema = z.strictObject({
  states: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(orderStateSchema).min(1).max(orderStateSchema.options.length))
    .optional()
    .describe('Only these, separated by commas.'),
  attention: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Only those that wait for a person.'),
  search: textSchema(64)
    .optional()
    .describe('Part of an id, a reference, a restaurant, a courier, a customer or an address.'),
  after: z.uuid().optional().describe('The last order of the page before.'),
  limit: z.coerce.number().int().min(1).max(CITY_ORDERS_MAX).default(CITY_ORDERS_MAX),
});
export type CityOrdersQuery = Immutable<z.output<typeof cityOrdersQuerySchema>>;

/** Of `GET /v1/cities/ID/figures`: two hours. */
export const FIGURE_MINUTES_MAX = 120;

const distributionSchema = z
  .object({
    count: z.number().int(),
    mean: z.number().nullable().describe('Null when there were none.'),
    max: z.number().nullable(),
  })
  .describe('Of what was measured within the minute.');
export type FigureDistribution = Immutable<z.output<typeof distributionSchema>>;

export const figureMinuteSchema = z.object({
  atMs: timeMsSchema.describe('When the minute began, by the clock.'),
  placed: z.number().int(),
  delivered: z.number().int(),
  cancelled: z.number().int(),
  clickToDoorSeconds: distributionSchema.describe('City seconds, of orders delivered then.'),
  assignmentSeconds: distributionSchema.describe(
    'City seconds from the acceptance by the restaurant to the courier, of orders assigned then.',
  ),
  eventLagMs: distributionSchema.describe(
    'From the commit of a fact to the gateway, by the clock.',
  ),
  sockets: z.number().int().describe('Open at the end of it, of all cities.'),
});
export type FigureMinute = Immutable<z.output<typeof figureMinuteSchema>>;

export const cityFiguresSchema = z
  .object({
    minutes: z
      .array(figureMinuteSchema)
      .describe(
        `Oldest first, without a gap; at most ${FIGURE_MINUTES_MAX}, the last not over yet.`,
      ),
    overload: z.number().int().describe('How much the engine leaves undone now; 0: nothing.'),
  })
  .describe('What has happened in a city since the engine began, by minutes of the clock.');
export type CityFigures = Immutable<z.output<typeof cityFiguresSchema>>;
