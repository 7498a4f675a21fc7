import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  DataDir,
  randomInteger,
  sleep,
  systemRandom,
  withDeadline,
  type RunningEngine,
} from '../../runtime/index.ts';

const MAIN = join(import.meta.dirname, '../../main.ts');
const READY_MS_MAX = 30_000;
const POLL_MS = 20;
const STOP_MS_MAX = 10_000;
/** A process that waits for a disk ends only after it. */
const KILL_MS_MAX = 5_000;
const COMPLAINT_LENGTH_MAX = 2_000;

/** An engine in a process of its own, as `npm start` runs it, that can be killed and started again. */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #dataDir: DataDir;
  readonly #log: FileHandle;
  #child: ChildProcess | null = null;
  #facts: RunningEngine | null = null;

  private constructor(options: EngineProcessOptions, dataDir: DataDir, log: FileHandle) {
    this.#options = options;
    this.#dataDir = dataDir;
    this.#log = log;
  }

  /** @throws Error with what the engine said when it does not become ready */
  static async start(options: EngineProcessOptions): Promise<EngineProcess> {
    await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
    const ports = options.freePorts ? await freePorts() : {};
    const env = { ...ports, ...options.env };
    const dataDir = await DataDir.open(options.dataDir);
    const log = await open(options.logFile, 'a');
    const engine = new EngineProcess({ ...options, env }, dataDir, log);
    try {
      await engine.#launch();
    } catch (error) {
      await log.close();
      throw error;
    }
    return engine;
  }

  /** Where it is. @throws Error while it is not running */
  get facts(): RunningEngine {
    if (this.#facts === null) throw new Error('the engine is not running');
    return this.#facts;
  }

  /** False from its end, however it came, to the next start. */
  get isRunning(): boolean {
    return this.#child !== null && !hasEnded(this.#child);
  }

  /** The key that the engine checks tokens with. */
  async jwtSecret(): Promise<string> {
    // Empty is not set, as for the engine.
    const { JWT_SECRET: given = '' } = this.#options.env;
    return given === '' ? await this.#dataDir.secret('jwt-secret') : given;
  }

  /** Kills it without a word, as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /**
   * Starts it again after its end, on the same ports.
   * @param env for this life only, such as CRASH_AT
   */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#launch(env);
  }

  /** Resolves when it has ended by itself. @throws AppError `deadline_exceeded` */
  async died(deadlineMs: number): Promise<void> {
    const child = this.#child;
    if (child === null || hasEnded(child)) return;
    await withDeadline(once(child, 'exit'), deadlineMs, 'wait for the engine to die');
  }

  /** Sends a signal, such as SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /**
   * Asks it to stop, and waits.
   * @returns its exit code, or the signal that ended it: SIGKILL when it did not stop in time; null
   *   when none was running
   */
  async stop(): Promise<ExitStatus> {
    const status = await this.#end('SIGTERM');
    await this.#log.close();
    return status;
  }

  async #end(signal: NodeJS.Signals): Promise<ExitStatus> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return null;
    if (!hasEnded(child)) {
      const exit = once(child, 'exit');
      child.kill(signal);
      await withDeadline(exit, STOP_MS_MAX, 'stop the engine').catch(async () => {
        child.kill('SIGKILL');
        await withDeadline(exit, KILL_MS_MAX, 'kill the engine');
      });
    }
    return child.exitCode ?? child.signalCode;
  }

  async #launch(env: Readonly<Record<string, string>> = {}): Promise<void> {
    // What an engine that was killed has left would look like the new one's.
    await this.#dataDir.withdrawAnnouncement();
    const child = spawn(process.execPath, [MAIN], {
      env: {
        // A simulated city is one address, and few customers who order all day.
        RATE_LIMITS: 'off',
        ...process.env,
        HEXFLEET_DATA_DIR: this.#dataDir.path,
        ...this.#options.env,
        ...env,
      },
      // Its own process group: Ctrl-C is for whoever started us, who then stops the engine in order.
      detached: true,
      // The log does not go through us, and the channel tells the engine when we are gone: it then
      // drains by itself.
      stdio: ['ignore', this.#log.fd, 'pipe', 'ipc'],
    });
    this.#child = child;
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-COMPLAINT_LENGTH_MAX);
      appendFileSync(this.#log.fd, text);
    });
    this.#facts = await this.#untilReady(child);
    if (this.#facts !== null) return;
    child.kill('SIGKILL');
    throw new Error(complaint.trim() || `the engine did not start; see ${this.#options.logFile}`);
  }

  /** Null when it ends before, or takes too long. */
  async #untilReady(child: ChildProcess): Promise<RunningEngine | null> {
    for (let waitedMs = 0; waitedMs < READY_MS_MAX; waitedMs += POLL_MS) {
      const facts = await this.#dataDir.runningEngine();
      if (facts !== null && facts.pid === child.pid) return facts;
      if (hasEnded(child)) return null;
      await sleep(POLL_MS);
    }
    return null;
  }
}

/** Of a process: its exit code, or what signal ended it. */
export type ExitStatus = number | NodeJS.Signals | null;

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

export interface EngineProcessOptions {
  readonly dataDir: string;
  /** The engine's output is added to it. */
  readonly logFile: string;
  /** Configuration beside what this process has itself. */
  readonly env: Readonly<Record<string, string>>;
  /** Two ports that nobody uses, instead of those of the configuration. */
  readonly freePorts: boolean;
}

/** Below the range from which systems give ports to connections. */
const PORTS = { from: 20_000, to: 32_000 };

/**
 * Chosen here and not by the engine's port 0: a restarted engine wants the same again, and Linux does
 * not give out a port that it chose itself while connections of a killed engine linger there.
 */
async function freePorts(): Promise<{ PORT: string; OPS_PORT: string }> {
  return { PORT: await freePort(), OPS_PORT: await freePort() };
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<string> {
  for (;;) {
    const port = randomInteger(systemRandom, PORTS.from, PORTS.to);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen({ host: '127.0.0.1', port, exclusive: true }, () =>
        probe.close(() => resolve(true)),
      );
    });
    if (isFree) return String(port);
  }
}
