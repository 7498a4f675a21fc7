import { z } from 'zod';
import { dispatchStrategySchema } from '../../protocol/index.ts';
import { plainDecimal, plainInteger } from '../../runtime/index.ts';

export const HELP = `Usage: npm run replay -- --day DIR --speed N --out DIR [options]

Plays a day of orders through an engine of its own, at N times the speed of life. Couriers, restaurants
and customers are separate processes that speak to it over its sockets. At the end it shows how the day
went and whether every promise held, and writes the same to OUT/replay.json.

  --day DIR          a day in four text files, as \`npm run day\` writes them
  --speed N          city seconds per second of the clock, 1 to 1000
  --out DIR          for the engine's data, its log and the result; --force empties it first
  --strategy NAME    how couriers are found: nearest, scored or optimal           (optimal)
  --versus NAME      plays the day once more with this strategy, and compares
  --noise N          how unlike its plans the city is, 0 to 1: ways take longer and vary, food is
                     late, couriers decline                                             (0)
  --kill-engine N    kills the engine (SIGKILL) N times on the way and starts it again   (0)
  --anchor LAT,LNG   where on the globe the middle of the day lies             (40.7,-74.0)
  --from MIN --to MIN  only orders placed from this minute of the day up to that one
  --seed N           for what is left to chance                                         (1)
  --json FILE        writes the result to FILE too

Exit code: 0 when every order found its end and every invariant holds; 1 when not; 2 when that could not
be found out; 130 after Ctrl-C.
`;

const minute = plainInteger(z.number().max(10_000)).optional();

const ANCHOR_SAYS = 'LAT,LNG in degrees, such as 40.7,-74.0; between -85 and 85, -180 and 180';

/** Not at a pole, where a day's metres have no width in degrees. */
function isPlace(anchor: string): boolean {
  const [lat = Number.NaN, lng = Number.NaN] = anchor.split(',').map(Number);
  return Math.abs(lat) <= 85 && Math.abs(lng) <= 180;
}

export const replayOptions = z.object({
  day: z.string().min(1),
  out: z.string().min(1),
  speed: plainDecimal(z.number().min(1).max(1_000)),
  seed: plainInteger(z.number()).default(1),
  strategy: dispatchStrategySchema.default('optimal'),
  versus: dispatchStrategySchema.optional(),
  noise: plainDecimal(z.number().min(0).max(1)).default(0),
  'kill-engine': plainInteger(z.number().max(100)).default(0),
  anchor: z
    .string()
    .regex(/^-?\d+(\.\d+)?,-?\d+(\.\d+)?$/, ANCHOR_SAYS)
    .refine(isPlace, ANCHOR_SAYS)
    .default('40.7,-74.0'),
  from: minute,
  to: minute,
  json: z.string().min(1).optional(),
  force: z.boolean().default(false),
});
export type ReplayOptions = z.output<typeof replayOptions>;
