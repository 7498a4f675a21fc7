import { z } from 'zod';
import { plainInteger } from '../../runtime/index.ts';

export const HELP = `Usage: npm run mdrp -- --instance DIR [options]
       npm run mdrp -- --all DIR [options]

Dispatches a day of the public benchmark for meal delivery routing, writes the solution files of its
evaluator, judges them by the rules and prints the figures: as JSON for one instance, as a table for
all below a folder, which are run on all cores. Figures of a solution that breaks a rule are not shown.

  --instance DIR   a day in four text files
  --all DIR        every instance below this folder
  --strategy NAME  nearest, scored or optimal                                     (optimal)
  --seed N         for what is left to chance                                           (1)
  --out DIR        for the solution files; with --all one folder for each instance
                   (a temporary folder)
  --json FILE      writes the figures there: of one instance an object, of all an array
  --plot FILE.svg  draws how the day went; with --instance only

Figures: minutes of click-to-door (ctd90: an undelivered order counts the maximum, 90), the bound that
no method can be below, excess = ctd90 - bound, ready-to-pickup of delivered orders (rtp); late_pct of
all orders, undelivered ones included; bundled_pct of the delivered ones; longest planning epoch.

Exit code: 0 when every instance has its figures; 1 when one has not; 2 when there are none or for a
wrong call; 130 after Ctrl-C.
`;

const path = z.string().min(1, 'a path is needed');
export const mdrpOptions = z
  .object({
    instance: path.optional(),
    all: path.optional(),
    strategy: z.enum(['nearest', 'scored', 'optimal']).default('optimal'),
    seed: plainInteger(z.number()).default(1),
    out: path.optional(),
    json: path.optional(),
    plot: path.endsWith('.svg', 'the name must end in .svg').optional(),
  })
  .refine(({ instance, all }) => (instance === undefined) !== (all === undefined), {
    path: ['instance'],
    message: 'give either --instance DIR or --all DIR',
  })
  .refine(({ all, plot }) => all === undefined || plot === undefined, {
    path: ['plot'],
    message: 'goes with --instance, not with --all',
  });
export type MdrpOptions = z.output<typeof mdrpOptions>;
