import { z } from 'zod';
import { interrupted, plainInteger, runCommand } from '../runtime/index.ts';
import { withOwnEngine } from './engine-process/index.ts';
import { runStoppedReaders } from './stopped-readers/run-stopped-readers.ts';

const HELP = `Usage: npm run stopped-readers -- [options]

An order changes again and again while ten readers watch it: first alone, then beside many who watch it
too and have stopped reading. Prints how soon the readers heard, and what memory the engine took.

  --stopped N    1 to 5000                 (200)
  --events N     of the order, each time; 100 to 100000   (4000)

Exit code: 0 when no reader missed an event and every stopped one was closed; 1 when not; 2 when it could
not be tried; 130 after Ctrl-C.
`;

/** Who gives no sign of life is closed within half a minute or so. */
const CLOSED_MS_MAX = 60_000;

await runCommand({
  help: HELP,
  options: z.object({
    stopped: plainInteger(z.number().min(1).max(5_000)).default(200),
    events: plainInteger(z.number().min(100).max(100_000)).default(4_000),
  }),
  async run(options) {
    return await withOwnEngine('stopped', { env: {}, signal: interrupted() }, async (engine) => {
      const how = { ...options, closedMsMax: CLOSED_MS_MAX };
      const result = await runStoppedReaders(engine, how, (what) => console.error(what));
      console.log(JSON.stringify(result, null, 2));
      return result.missed === 0 && result.closed === options.stopped;
    });
  },
});
