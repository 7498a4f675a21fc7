import { z } from 'zod';
import { dispatchInputSchema, vehicleSchema } from './dispatch.ts';
import { MENU_ITEMS_MAX } from './limits.ts';
import type { Immutable } from './immutable.ts';
import { amountMinorSchema, idSchema, placeSchema, textSchema, timeMsSchema } from './places.ts';

/** What a service account provisions: cities, restaurants with their menus, couriers. */

const ringSchema = z.array(placeSchema).min(3).max(2_000);

export const cityInputSchema = z.strictObject({
  name: textSchema(100),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/, 'three lower-case letters')
    .describe('ISO 4217, lower case.'),
  deliveryZone: z
    .array(z.strictObject({ outer: ringSchema, holes: z.array(ringSchema).max(50).default([]) }))
    .min(1)
    .max(100)
    .describe('Polygons, each an outer ring and holes; rings close by themselves.'),
  deliveryFeeMinor: amountMinorSchema,
  taxRate: z
    .number()
    .min(0)
    .max(0.5)
    .describe('Part of (items + delivery fee); rounded half up to the minor unit.'),
  courierSpeedMps: z
    .number()
    .min(0.1)
    .max(55)
    .describe('Average door-to-door speed of couriers along their way, metres per second.'),
  detourFactor: z.number().min(1).max(3).describe('Way driven divided by great-circle distance.'),
  cancellation: z
    .strictObject({
      withinSeconds: z
        .number()
        .int()
        .min(0)
        .max(86_400)
        .describe('City seconds after the acceptance in which `refundWithin` holds.'),
      refundWithin: z
        .number()
        .min(0)
        .max(1)
        .describe("Part of the total, rounded in the customer's favour."),
      refundAfter: z.number().min(0).max(1),
    })
    .optional()
    .describe('What a customer gets back once the restaurant has accepted; before, everything.'),
  deliveryCode: z
    .boolean()
    .optional()
    .describe("Whether couriers need the customer's six digits to hand an order over."),
  dispatch: dispatchInputSchema
    .optional()
    .describe('How couriers are found; a change holds from the next planning round on.'),
});
export type CityInput = z.output<typeof cityInputSchema>;

export const cityViewSchema = z
  .object({
    ...cityInputSchema.required().shape,
    cityId: z.string(),
    dispatch: dispatchInputSchema
      .nullable()
      .describe('As it was set; null for all but operators and service accounts.'),
  })
  .describe('A city, with what was left out when it was made.');
export type CityView = Immutable<z.output<typeof cityViewSchema>>;

export const menuItemSchema = z.strictObject({
  itemId: idSchema,
  name: textSchema(100),
  priceMinor: amountMinorSchema,
  available: z.boolean().default(true),
  stock: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .nullish()
    .describe('Portions that are left; left out or null: nobody counts.'),
});
export type MenuItem = z.output<typeof menuItemSchema>;

export const restaurantInputSchema = z.strictObject({
  name: textSchema(100),
  place: placeSchema,
  open: z.boolean(),
  menu: z
    .array(menuItemSchema)
    .min(1)
    .max(MENU_ITEMS_MAX)
    .refine((menu) => new Set(menu.map((item) => item.itemId)).size === menu.length, {
      message: 'each item once',
    }),
});
export type RestaurantInput = z.output<typeof restaurantInputSchema>;

export const restaurantViewSchema = z.object({
  ...restaurantInputSchema.shape,
  // What may be left out when it is told is there when it is shown.
  menu: z.array(z.object({ ...menuItemSchema.shape, available: z.boolean() })),
  restaurantId: z.string(),
  pausedUntilMs: timeMsSchema
    .nullable()
    .describe('Until when the restaurant takes no orders; null when it does.'),
});
export type RestaurantView = Immutable<z.output<typeof restaurantViewSchema>>;

export const courierInputSchema = z.strictObject({
  name: textSchema(100),
  vehicle: vehicleSchema,
  capacity: z.number().int().min(1).max(10).describe('Orders carried at the same time.'),
});
export type CourierInput = z.output<typeof courierInputSchema>;
