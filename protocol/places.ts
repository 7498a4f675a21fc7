import { z } from 'zod';
import { AMOUNT_MINOR_MAX, ID_LENGTH_MAX } from './limits.ts';

/** Ids given by clients (restaurants, couriers, items, customers): a safe, short grammar. */
export const idSchema = z
  .string()
  .max(ID_LENGTH_MAX)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "_", "-" and "." only');

export const placeSchema = z
  .strictObject({
    lat: z.number().min(-90).max(90),
    lng: z.number().min(-180).max(180),
  })
  .describe('WGS84, degrees.');
export type Place = z.output<typeof placeSchema>;

/** Integer in the currency's minor unit (cents). */
export const amountMinorSchema = z.number().int().min(0).max(AMOUNT_MINOR_MAX);

/** Milliseconds since the Unix epoch, UTC, by the engine's clock. */
export const timeMsSchema = z.number();

/** One line of text for people: something to see, no control characters, no half of a character. */
export const textSchema = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'no control characters')
    .refine((text) => text.isWellFormed(), 'whole characters only')
    .refine((text) => text.trim() !== '', 'more than white space');
