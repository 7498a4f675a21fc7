import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { messageOf, plainInteger } from '../runtime/index.ts';
import { EngineProcess } from './engine-process/index.ts';
import { runStoppedReaders } from './stopped-readers/run-stopped-readers.ts';

const HELP = `Usage: npm run stopped-readers -- [options]

An order changes again and again while ten readers watch it: first alone, then beside many who watch it
too and have stopped reading. Prints how soon the readers heard, and what memory the engine took.

  --stopped N    1 to 5000                 (200)
  --events N     of the order, each time; 100 to 100000   (4000)

Exit code: 0 when no reader missed an event and every stopped one was closed; 2 for a wrong call.
`;

/** Who gives no sign of life is closed within half a minute or so. */
const CLOSED_MS_MAX = 60_000;

const optionsSchema = z.object({
  stopped: plainInteger(z.number().min(1).max(5_000)).default(200),
  events: plainInteger(z.number().min(100).max(100_000)).default(4_000),
});

await main();

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: { stopped: text, events: text, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) return console.log(HELP);
    process.exitCode = (await run(optionsSchema.parse(values))) ? 0 : 1;
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    process.exitCode = 2;
  }
}

async function run(options: z.output<typeof optionsSchema>): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'hexfleet-stopped-'));
  const engine = await EngineProcess.start({
    dataDir: directory,
    logFile: join(directory, 'engine.log'),
    freePorts: true,
    env: {},
  });
  try {
    const how = { ...options, closedMsMax: CLOSED_MS_MAX };
    const result = await runStoppedReaders(engine, how, (what) => console.error(what));
    console.log(JSON.stringify(result, null, 2));
    return result.missed === 0 && result.closed === options.stopped;
  } finally {
    await engine.stop();
    await rm(directory, { recursive: true });
  }
}
