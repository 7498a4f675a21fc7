import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { sleep } from './clock.ts';
import { withDeadline } from './deadline.ts';
import type { Logger } from './log.ts';

const READY_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 2_000;
const RESTART_PAUSE_MS = 500;
/** After so many restarts in a row without a ready child, it is left down and said so. */
const RESTARTS_MAX = 20;

const readySchema = z.object({ port: z.number().int().min(1).max(65_535) });

/**
 * A Node program of ours that runs beside the engine, listens on a port, and is started again, on
 * the same port, when it dies. It says `{ port }` over IPC when it is ready, and ends by itself
 * when the engine is gone, because then the IPC channel closes.
 */
export class SupervisedProcess {
  readonly #options: SupervisedProcessOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | null = null;
  #port = 0;

  private constructor(options: SupervisedProcessOptions) {
    this.#options = options;
  }

  /** @throws AppError `deadline_exceeded`, or what the child complained of before it ended */
  static async start(options: SupervisedProcessOptions): Promise<SupervisedProcess> {
    const supervised = new SupervisedProcess(options);
    await supervised.#launch();
    return supervised;
  }

  get port(): number {
    return this.#port;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await withDeadline(ended, STOP_DEADLINE_MS, this.#options.name).catch(() =>
      child.kill('SIGKILL'),
    );
  }

  async #launch(): Promise<void> {
    const { name, module, argv } = this.#options;
    const child = spawn(process.execPath, [module, ...argv(this.#port)], {
      // Its own process group: a terminal's Ctrl-C is for the engine, which still needs it to drain.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2_000);
    });
    const ready = new Promise<number>((resolve, reject) => {
      child.once('message', (message) => resolve(readySchema.parse(message).port));
      child.once('error', reject);
      child.once('exit', (code) =>
        reject(new Error(`${name} ended with ${code ?? 'a signal'}: ${complaint.trim()}`)),
      );
    });
    try {
      this.#port = await withDeadline(ready, READY_DEADLINE_MS, `start ${name}`);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    child.once('exit', (code, signal) => void this.#restart({ code, signal, complaint }));
  }

  async #restart(why: object): Promise<void> {
    const { log, name } = this.#options;
    const { signal } = this.#stopping;
    for (let tries = 1; tries <= RESTARTS_MAX && !signal.aborted; tries++) {
      log.warn({ process: name, tries, ...why }, 'a child process ended; starting it again');
      await sleep(RESTART_PAUSE_MS, signal);
      if (signal.aborted) return;
      try {
        return await this.#launch();
      } catch (error) {
        log.error({ err: error, process: name }, 'a child process did not start');
      }
    }
    if (!signal.aborted) log.fatal({ process: name }, 'a child process stays down');
  }
}

interface SupervisedProcessOptions {
  readonly name: string;
  /** Absolute path of the program. */
  readonly module: string;
  /** Its arguments. `port` is 0 at the first start, for any; later the one it had. */
  readonly argv: (port: number) => readonly string[];
  readonly log: Logger;
}
