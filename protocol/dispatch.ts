import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { timeMsSchema } from './places.ts';

/** How a city finds couriers for its orders, as it is set and as it is shown. */

export const vehicleSchema = z.enum(['bicycle', 'scooter', 'car', 'foot']);
export type Vehicle = z.output<typeof vehicleSchema>;

export const dispatchStrategySchema = z
  .enum(['nearest', 'scored', 'optimal'])
  .describe(
    'nearest: first come, first served; scored: the best courier for each order; optimal: orders ' +
      'and couriers all at once, with bundles.',
  );
export type DispatchStrategy = z.output<typeof dispatchStrategySchema>;

const distanceMeters = z.number().int().min(100).max(200_000);

/** Each may be left out: then it is as in DISPATCH_DEFAULTS. */
export const dispatchInputSchema = z.strictObject({
  strategy: dispatchStrategySchema.optional(),
  epochSeconds: z
    .number()
    .min(1)
    .max(60)
    .optional()
    .describe("City seconds between two planning rounds; left out: the engine's own."),
  maxBatch: z
    .number()
    .int()
    .min(1)
    .max(10)
    .optional()
    .describe("Orders carried together; never more than the courier's own capacity."),
  bundleRadiusMeters: z
    .number()
    .int()
    .min(0)
    .max(5_000)
    .optional()
    .describe(
      'Orders of restaurants that lie so near each other, by air, may go with one courier ' +
        'together; 0: only orders of the same restaurant.',
    ),
  maxPickupDistanceMeters: distanceMeters
    .optional()
    .describe('Nobody is asked from farther away, by air.'),
  promiseMinutes: z
    .number()
    .min(5)
    .max(240)
    .optional()
    .describe("From the click to the door, city minutes: what a courier's other orders must keep."),
  vehicles: z
    .partialRecord(
      vehicleSchema,
      z.strictObject({
        speedFactor: z
          .number()
          .min(0.1)
          .max(10)
          .optional()
          .describe("Times the city's `courierSpeedMps`."),
        maxDistanceMeters: distanceMeters
          .optional()
          .describe('Neither the way to the restaurant nor that to the door is longer, by air.'),
      }),
    )
    .optional()
    .describe('For those that differ.'),
});
export type DispatchInput = z.output<typeof dispatchInputSchema>;

/** The settings that a city's orders are dispatched by; units as in `dispatchInputSchema`. */
export interface DispatchSettings {
  readonly strategy: DispatchStrategy;
  /** Null: the engine's own. */
  readonly epochSeconds: number | null;
  readonly maxBatch: number;
  readonly bundleRadiusMeters: number;
  readonly maxPickupDistanceMeters: number;
  readonly promiseMinutes: number;
  readonly vehicles: Readonly<Record<Vehicle, VehicleSettings>>;
}

export interface VehicleSettings {
  readonly speedFactor: number;
  /** Null: no bound of its own. */
  readonly maxDistanceMeters: number | null;
}

const VEHICLE_DEFAULT: VehicleSettings = { speedFactor: 1, maxDistanceMeters: null };

export const DISPATCH_DEFAULTS: DispatchSettings = {
  strategy: 'optimal',
  epochSeconds: null,
  maxBatch: 3,
  bundleRadiusMeters: 0,
  maxPickupDistanceMeters: 30_000,
  promiseMinutes: 40,
  vehicles: {
    bicycle: VEHICLE_DEFAULT,
    scooter: VEHICLE_DEFAULT,
    car: VEHICLE_DEFAULT,
    foot: VEHICLE_DEFAULT,
  },
};

/** What was set for a city, with the defaults for what was not. */
export function dispatchSettings(given: DispatchInput = {}): DispatchSettings {
  const or = DISPATCH_DEFAULTS;
  const vehicle = (name: Vehicle): VehicleSettings => {
    const own = given.vehicles?.[name] ?? {};
    return {
      speedFactor: own.speedFactor ?? VEHICLE_DEFAULT.speedFactor,
      maxDistanceMeters: own.maxDistanceMeters ?? VEHICLE_DEFAULT.maxDistanceMeters,
    };
  };
  return {
    strategy: given.strategy ?? or.strategy,
    epochSeconds: given.epochSeconds ?? or.epochSeconds,
    maxBatch: given.maxBatch ?? or.maxBatch,
    bundleRadiusMeters: given.bundleRadiusMeters ?? or.bundleRadiusMeters,
    maxPickupDistanceMeters: given.maxPickupDistanceMeters ?? or.maxPickupDistanceMeters,
    promiseMinutes: given.promiseMinutes ?? or.promiseMinutes,
    vehicles: {
      bicycle: vehicle('bicycle'),
      scooter: vehicle('scooter'),
      car: vehicle('car'),
      foot: vehicle('foot'),
    },
  };
}

/** Parts of a score that are kept with an offer. */
export const OFFER_WHY_PARTS_MAX = 16;

const offerWhySchema = z
  .object({
    strategy: z.string(),
    score: z
      .number()
      .describe("What couriers were compared by; its sign and unit are the strategy's own."),
    parts: z.record(z.string(), z.number()).describe('What the score is made of, by name.'),
    epoch: z.number().int().describe('The planning round, counted by the dispatcher.'),
  })
  .describe('Why dispatch asked this courier and no other.');
export type OfferWhy = Immutable<z.output<typeof offerWhySchema>>;

export const offerRecordSchema = z
  .object({
    offerId: z.uuid(),
    courierId: z.string(),
    state: z.enum(['offered', 'accepted', 'declined', 'expired', 'withdrawn', 'delivered']),
    offeredAtMs: timeMsSchema,
    endedAtMs: timeMsSchema.nullable().describe('Null while it is live.'),
    why: offerWhySchema.nullable().describe('Null when it was not dispatch that chose.'),
  })
  .describe('That a courier was asked or bound, and what became of it; for operators.');
export type OfferRecord = Immutable<z.output<typeof offerRecordSchema>>;
