import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { messageOf, plainInteger } from '../runtime/index.ts';
import { EngineProcess } from './engine-process/index.ts';
import { runReconnect } from './reconnect/run-reconnect.ts';

const HELP = `Usage: npm run reconnect -- [options]

Clients watch an order each through a link that is stalled and cut while the orders change, and over a
kill of the engine. Prints what they came back by, and what any of them did not hear as the database
has it.

  --clients N    1 to 5000                                     (1000)
  --cuts LIST    seconds, the first one a stall                (5,30,120)

Exit code: 0 when every client knows what the database knows, and heard nothing twice; 2 for a wrong call.
`;

const HEARTBEAT_MS = 5_000;

const optionsSchema = z.object({
  clients: plainInteger(z.number().min(1).max(5_000)).default(1_000),
  cuts: z
    .string()
    .regex(/^\d{1,4}(,\d{1,4})*$/, 'seconds, with commas')
    .default('5,30,120'),
});

await main();

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: { clients: text, cuts: text, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) return console.log(HELP);
    const { clients, cuts } = optionsSchema.parse(values);
    process.exitCode = (await run(clients, cuts)) ? 0 : 1;
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    process.exitCode = 2;
  }
}

async function run(clients: number, cuts: string): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'hexfleet-reconnect-'));
  const logFile = join(directory, 'engine.log');
  const engine = await EngineProcess.start({
    dataDir: directory,
    logFile,
    freePorts: true,
    env: {},
  });
  try {
    const cutsMs = cuts.split(',').map((seconds) => Number(seconds) * 1_000);
    const options = { clients, cutsMs, heartbeatMs: HEARTBEAT_MS };
    const result = await runReconnect(engine, options, (what) => console.error(what));
    console.log(JSON.stringify(result, null, 2));
    return result.differences.length === 0 && result.repetitions === 0;
  } finally {
    await engine.stop();
    await rm(directory, { recursive: true });
  }
}
