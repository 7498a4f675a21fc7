import { z } from 'zod';

/**
 * Numbers as people write them, for configuration and command lines. `Number()` would also take '',
 * ' ' (both 0), 0x1F and 1e3, of which at most one was meant.
 */
const toNumber = (shape: RegExp, says: string) => z.string().regex(shape, says).transform(Number);

/** Text of decimal digits only; its bounds are those of `range`. */
export function plainInteger(range: z.ZodNumber) {
  return toNumber(/^\d+$/, 'Invalid input: expected a number in decimal digits').pipe(range.int());
}

/** The same with a fraction, such as 0.5. */
export function plainDecimal(range: z.ZodNumber) {
  const says = 'Invalid input: expected a number in decimal digits, with a point';
  return toNumber(/^\d+(\.\d+)?$/, says).pipe(range);
}
