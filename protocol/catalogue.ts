import { z } from 'zod';
import { dispatchInputSchema, vehicleSchema } from './dispatch.ts';
import { MENU_ITEMS_MAX } from './limits.ts';
import { amountMinorSchema, idSchema, placeSchema, textSchema } from './places.ts';

/** What a service account provisions: cities, restaurants with their menus, couriers. */

const ringSchema = z.array(placeSchema).min(3).max(2_000);

export const cityInputSchema = z.strictObject({
  name: textSchema(100),
  /** ISO 4217, lower case. */
  currency: z.string().regex(/^[a-z]{3}$/, 'three lower-case letters'),
  /** Where orders are delivered: polygons, each an outer ring and holes; rings close by themselves. */
  deliveryZone: z
    .array(z.strictObject({ outer: ringSchema, holes: z.array(ringSchema).max(50).default([]) }))
    .min(1)
    .max(100),
  deliveryFeeMinor: amountMinorSchema,
  /** Part of (items + delivery fee), 0 to 0.5; rounded half up to the minor unit. */
  taxRate: z.number().min(0).max(0.5),
  /** Average door-to-door speed of couriers along their way, metres per second. */
  courierSpeedMps: z.number().min(0.1).max(55),
  /** Way driven divided by great-circle distance. */
  detourFactor: z.number().min(1).max(3),
  /** What a customer who cancels gets back once the restaurant has accepted; before, everything. */
  cancellation: z
    .strictObject({
      /** City seconds after the acceptance in which `refundWithin` holds. */
      withinSeconds: z.number().int().min(0).max(86_400),
      /** Part of the total, 0 to 1, rounded in the customer's favour. */
      refundWithin: z.number().min(0).max(1),
      refundAfter: z.number().min(0).max(1),
    })
    .optional(),
  /** Whether couriers need the customer's six digits to hand an order over. */
  deliveryCode: z.boolean().optional(),
  /** How couriers are found; a change holds from the next planning round on. */
  dispatch: dispatchInputSchema.optional(),
});
export type CityInput = z.output<typeof cityInputSchema>;

export const menuItemSchema = z.strictObject({
  itemId: idSchema,
  name: textSchema(100),
  priceMinor: amountMinorSchema,
  available: z.boolean().default(true),
  /** Portions that are left; left out or null: nobody counts. */
  stock: z.number().int().min(0).max(100_000).nullish(),
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
export type RestaurantView = RestaurantInput & {
  readonly restaurantId: string;
  /** Until when the restaurant takes no orders, ms since the Unix epoch; null when it does. */
  readonly pausedUntilMs: number | null;
};

export const courierInputSchema = z.strictObject({
  name: textSchema(100),
  vehicle: vehicleSchema,
  /** Orders carried at the same time. */
  capacity: z.number().int().min(1).max(10),
});
export type CourierInput = z.output<typeof courierInputSchema>;
