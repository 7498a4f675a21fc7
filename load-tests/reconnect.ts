import { z } from 'zod';
import { interrupted, plainInteger, runCommand } from '../runtime/index.ts';
import { withOwnEngine } from './engine-process/index.ts';
import { runReconnect } from './reconnect/run-reconnect.ts';

const HELP = `Usage: npm run reconnect -- [options]

Clients watch an order each through a link that is stalled and cut while the orders change, and over a
kill of the engine. Prints what they came back by, and what any of them did not hear as the database
has it.

  --clients N    1 to 5000                                     (1000)
  --cuts LIST    seconds, the first one a stall                (5,30,120)

Exit code: 0 when every client knows what the database knows, and heard nothing twice; 1 when one does
not; 2 when it could not be tried; 130 after Ctrl-C.
`;

const HEARTBEAT_MS = 5_000;

await runCommand({
  help: HELP,
  options: z.object({
    clients: plainInteger(z.number().min(1).max(5_000)).default(1_000),
    cuts: z
      .string()
      .regex(/^\d{1,4}(,\d{1,4})*$/, 'seconds, with commas')
      .default('5,30,120'),
  }),
  async run({ clients, cuts }) {
    const cutsMs = cuts.split(',').map((seconds) => Number(seconds) * 1_000);
    const options = { clients, cutsMs, heartbeatMs: HEARTBEAT_MS };
    return await withOwnEngine('reconnect', { env: {}, signal: interrupted() }, async (engine) => {
      const result = await runReconnect(engine, options, (what) => console.error(what));
      console.log(JSON.stringify(result, null, 2));
      return result.differences.length === 0 && result.repetitions === 0;
    });
  },
});
