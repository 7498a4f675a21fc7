import { parseArgs } from 'node:util';
import { startEngine, type Engine } from './engine.ts';
import {
  armCrashPoint,
  configTable,
  createLogger,
  isAppError,
  readConfig,
  type Config,
  type Logger,
} from './runtime/index.ts';

/**
 * The engine's process: configuration, start, signals, exit code.
 * 0: stopped as asked; 1: could not start, or broke; 2: called or configured wrongly.
 */
const HELP = `Usage: npm start

Starts the engine and runs until SIGINT (Ctrl-C), SIGTERM or SIGHUP, or until the program that
started it with an IPC channel is gone. It is configured by the environment:

${configTable()}
`;

await main();

async function main(): Promise<void> {
  const config = readCall();
  if (config === null) return;
  armCrashPoint(config.CRASH_AT);
  const log = createLogger(config.LOG_LEVEL);
  process.on('uncaughtException', (error) => breakDown(error, log));
  process.on('unhandledRejection', (error) => breakDown(error, log));
  const stopAsked = new Promise<string>((resolve) => {
    // `on` and not `once`: a second Ctrl-C must not cut the drain, which is bounded anyway.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
    process.on('disconnect', () => resolve('disconnect'));
  });
  const engine = await begin(config, log);
  if (engine === null) return;
  const cause = await stopAsked;
  log.info({ cause }, 'engine.draining');
  await engine.stop();
  log.info('engine.stopped');
  // Whatever still holds the event loop has had its deadline.
  process.exit(0);
}

/** Null when nothing is to be started; the exit code is set. */
function readCall(): Config | null {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
    if (values.help !== true) return readConfig(process.env);
    console.log(HELP);
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
  }
  return null;
}

async function begin(config: Config, log: Logger): Promise<Engine | null> {
  try {
    return await startEngine(config, log);
  } catch (error) {
    log.fatal({ err: error }, 'engine.start_failed');
    console.error(messageOf(error));
    process.exit(1);
  }
}

/** A broken assumption: what is in memory cannot be trusted, what is durable can. */
function breakDown(error: unknown, log: Logger): void {
  log.fatal({ err: error }, 'engine.broken');
  process.exit(1);
}

/** With the reason, for who sees no log. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const reason = isAppError(error) ? error.details['reason'] : undefined;
  return typeof reason === 'string' ? `${error.message} (${reason})` : error.message;
}
