import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interrupted } from '../../runtime/index.ts';
import { EngineProcess } from './engine-process.ts';

/**
 * An engine with a folder of its own for a piece of work, and its end, whatever becomes of the work. The
 * folder is removed when all went well; else it stays, and where it is is said on standard error.
 * @param name of the folder
 * @param work returns whether what it tried was as it should be
 * @param signal ends the work before it has ended
 * @throws Error when the engine does not start; what the work throws; Interrupted
 */
export async function withOwnEngine(
  name: string,
  { env, signal }: { env: Readonly<Record<string, string>>; signal?: AbortSignal },
  work: (engine: EngineProcess, logFile: string) => Promise<boolean>,
): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), `hexfleet-${name}-`));
  const logFile = join(directory, 'engine.log');
  let isWell = false;
  try {
    const engine = await EngineProcess.start({ dataDir: directory, logFile, freePorts: true, env });
    try {
      isWell = await Promise.race([work(engine, logFile), untilAborted(signal)]);
    } finally {
      await engine.stop();
    }
  } finally {
    if (isWell) await rm(directory, { recursive: true });
    else console.error(`data and logs are in ${directory}`);
  }
  return isWell;
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(new Interrupted('interrupted'));
    // It may have come while the engine was starting.
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end);
  });
}
