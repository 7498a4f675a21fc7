import { z } from 'zod';
import { plainDecimal, plainInteger } from '../../runtime/index.ts';

export const HELP = `Usage: npm run chaos -- --seconds N [options]

Places orders without pause while the engine, its PostgreSQL and the payment provider are killed,
stopped and made to lie. When everything is up again it waits until no order is unsettled, and asks
the database, the provider's books and every customer whether each promise was kept.

  --seconds N            how long faults are injected and orders placed, 10 to 86400. Every named
                         crash point has its turn first, however short this is
  --seed N               of faults, and of who declines, rejects and stays silent          (1)
  --orders-per-second N  1 to 500                                                          (50)
  --out DIR              for data, logs and faults.jsonl; must be empty or not there
                         (a new folder below the system's temporary one, removed when all is well)
  --json FILE            writes the result there

Exit code: 0 when every promise was kept; 1 when one was not; 2 when that could not be found out; 130
after Ctrl-C.
`;

export const chaosOptions = z.object({
  seconds: plainDecimal(z.number().min(10).max(86_400)),
  seed: plainInteger(z.number()).default(1),
  'orders-per-second': plainDecimal(z.number().min(1).max(500)).default(50),
  out: z.string().min(1).optional(),
  json: z.string().min(1).optional(),
});
export type ChaosOptions = z.output<typeof chaosOptions>;
