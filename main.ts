import { parseArgs } from 'node:util';
import { startEngine, type Engine } from './engine.ts';
import {
  armCrashPoint,
  configTable,
  createLogger,
  isAppError,
  readConfig,
  Teardown,
  withDeadline,
  type Config,
  type Logger,
} from './runtime/index.ts';

/**
 * The engine's process: configuration, start, signals, exit code.
 * 0: stopped as asked, also during the start; 1: could not start, or broke; 2: called or configured wrongly.
 */
const HELP = `Usage: npm start

Starts the engine and runs until SIGINT (Ctrl-C), SIGTERM or SIGHUP, or until the program that
started it with an IPC channel is gone. It is configured by the environment:

${configTable()}
`;

/** For what a start that hangs has begun, beside DRAIN_MS. */
const CUT_MS_MAX = 800;

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
  const teardown = new Teardown();
  const starting = startEngine(config, log, teardown);
  const started = starting.then(() => null);
  const asked = await Promise.race([started, stopAsked]).catch((error: unknown) =>
    cannotStart(error, log),
  );
  if (asked === null) await untilAsked(await starting, stopAsked, log);
  else await abandon(starting, teardown, { cause: asked, drainMs: config.DRAIN_MS, log });
  // Whatever still holds the event loop has had its deadline.
  process.exit(0);
}

async function untilAsked(engine: Engine, stopAsked: Promise<string>, log: Logger): Promise<void> {
  const cause = await stopAsked;
  log.info({ cause }, 'engine.draining');
  await engine.stop();
  log.info('engine.stopped');
}

/**
 * Ends a start that somebody does not want to wait for. One that is nearly done is waited for, so that
 * nothing which it has begun is left behind; one that hangs is cut after `drainMs`.
 */
async function abandon(
  starting: Promise<Engine>,
  teardown: Teardown,
  { cause, drainMs, log }: { cause: string; drainMs: number; log: Logger },
): Promise<void> {
  log.info({ cause }, 'engine.start_abandoned');
  const stopped = starting.then((engine) => engine.stop());
  await withDeadline(stopped, drainMs, 'start').catch(async (error: unknown) => {
    log.warn({ err: error }, 'engine.start_cut');
    await withDeadline(teardown.run(log), CUT_MS_MAX, 'stop').catch(() => undefined);
  });
  log.info('engine.stopped');
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

function cannotStart(error: unknown, log: Logger): never {
  log.fatal({ err: error }, 'engine.start_failed');
  console.error(messageOf(error));
  process.exit(1);
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
