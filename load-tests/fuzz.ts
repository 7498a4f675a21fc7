import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import {
  interrupted,
  plainDecimal,
  plainInteger,
  randomInteger,
  runCommand,
  systemRandom,
} from '../runtime/index.ts';
import { Progress } from './progress.ts';
import { withOwnEngine } from './engine-process/index.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';

const HELP = `Usage: npm run fuzz -- [options]

Sends an engine what no client should: valid frames, messages and requests with something wrong in
them, over sockets of its own, while a client beside it wants to be served. Prints what it was
answered, and what must not have been: an error of the engine, an engine that died or complained,
memory that grew, the honest client kept waiting.

  --seconds N   5 to 86400                                     (60)
  --seed N      of the inputs; printed with every result       (of the clock)
  --json FILE   writes the result there

Exit code: 0 when nothing of this happened; 1 when something did, with the inputs; 2 when it could not be
tried; 130 after Ctrl-C.
`;

const SEED_MAX = 0x7fff_ffff;
/** Nothing is refused for being too much: everything shall be looked at. */
const ENV = { OVERLOAD_STEPS: 'off', RATE_LIMITS: 'off' };

await runCommand({
  help: HELP,
  options: z.object({
    seconds: plainDecimal(z.number().min(5).max(86_400)).default(60),
    seed: plainInteger(z.number().max(SEED_MAX)).optional(),
    json: z.string().min(1).optional(),
  }),
  async run({ seconds, seed = randomInteger(systemRandom, 0, SEED_MAX), json }) {
    console.error(`seed ${seed}`);
    return await withOwnEngine(
      'fuzz',
      { env: ENV, signal: interrupted() },
      async (engine, logFile) => {
        const progress = new Progress(seconds, 'seconds');
        try {
          const told = (passed: number, note: string): void => progress.update(passed, note);
          const result = await runFuzz(engine, { seconds, seed, logFile }, told);
          progress.stop();
          const text = JSON.stringify(result, null, 2);
          console.log(text);
          if (json !== undefined) await writeFile(json, `${text}\n`);
          return result.faults.length === 0;
        } finally {
          progress.stop();
        }
      },
    );
  },
});
