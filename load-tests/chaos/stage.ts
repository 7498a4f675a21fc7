import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DataDir,
  isProcessAlive,
  randomInteger,
  sleep,
  systemClock,
  systemRandom,
  type RunningEngine,
} from '../../runtime/index.ts';
import { EngineProcess, freePort } from '../engine-process/index.ts';
import { startPaymentProvider, type PaymentProviderProcess } from '../payment-provider/index.ts';
import { comesBack, isGone, postmasterOf, stopPostgresAtOnce, untilGone } from './postmaster.ts';

/** Below the range from which systems give ports to connections, so that it is free again later. */
const PROVIDER_PORTS = { from: 20_000, to: 32_000 };
const START_TRIES_MAX = 5;
const START_PAUSE_MS = 500;
/**
 * An engine that supervises its PostgreSQL has it back within this; another is started anew, and not
 * waited for again.
 */
const POSTGRES_BACK_MS = 3_000;
/** Where the provider tells what happened, and how it signs that. */
interface Webhooks {
  readonly url: string;
  readonly secret: string;
}
const WEBHOOK_SECRET = 'whsec_chaos_0123456789';

const CRASH_MS_MAX = 10_000;

/**
 * City seconds per second: a restaurant's five minutes are 5 s. A courier's 30 s would be half a
 * second, less than this machine needs under load to tell it, so couriers get two minutes.
 */
const ENGINE_ENV = { LOG_LEVEL: 'warn', TIME_SCALE: '60', OFFER_SECONDS: '120' };

/** The processes that faults are injected into: the engine with its PostgreSQL, and the provider. */
export class Stage {
  readonly #dataDir: string;
  readonly #engine: EngineProcess;
  readonly #providerDir: string;
  readonly #webhooks: Webhooks;
  #provider: PaymentProviderProcess;
  #downMs = 0;
  #postgresBackMs = POSTGRES_BACK_MS;
  /** What an engine said that did not start, or ended unasked. */
  readonly complaints: string[] = [];

  private constructor(
    dir: string,
    engine: EngineProcess,
    { provider, webhooks }: { provider: PaymentProviderProcess; webhooks: Webhooks },
  ) {
    this.#webhooks = webhooks;
    this.#dataDir = join(dir, 'data');
    this.#providerDir = join(dir, 'provider');
    this.#engine = engine;
    this.#provider = provider;
  }

  /** @param dir for all files of the run */
  static async start(dir: string): Promise<Stage> {
    await mkdir(join(dir, 'data'), { recursive: true, mode: 0o700 });
    const port = await freePort();
    const webhooks = {
      url: `http://127.0.0.1:${port}/v1/payments/webhook`,
      secret: WEBHOOK_SECRET,
    };
    const provider = await startSomewhere(join(dir, 'provider'), webhooks);
    try {
      const engine = await EngineProcess.start({
        dataDir: join(dir, 'data'),
        logFile: join(dir, 'engine.log'),
        freePorts: true,
        env: {
          ...ENGINE_ENV,
          PORT: port,
          PAYMENT_API_URL: provider.url,
          PAYMENT_WEBHOOK_SECRET: WEBHOOK_SECRET,
        },
      });
      return new Stage(dir, engine, { provider, webhooks });
    } catch (error) {
      await provider.kill();
      throw error;
    }
  }

  /** Stays the same over restarts. */
  get url(): string {
    return this.#engine.facts.url;
  }

  get providerUrl(): string {
    return this.#provider.url;
  }

  /** Wall time in which no order could be taken, because of us. */
  get downMs(): number {
    return this.#downMs;
  }

  jwtSecret(): Promise<string> {
    return this.#engine.jwtSecret();
  }

  /** As the engine announces itself now. */
  async facts(): Promise<RunningEngine> {
    const dataDir = await DataDir.open(this.#dataDir);
    return (await dataDir.runningEngine()) ?? this.#engine.facts;
  }

  /** Started again when it ended unasked, which is kept as a complaint. */
  async ensureEngine(): Promise<void> {
    if (!(await isGone(this.#engine.facts.pid))) return;
    this.complaints.push('the engine ended unasked');
    await this.#down(() => this.#restart());
  }

  async killEngine(ms: number): Promise<void> {
    await this.#down(async () => {
      await this.#engine.kill();
      await sleep(ms);
      await this.#restart();
    });
  }

  async pauseEngine(ms: number): Promise<void> {
    await this.#down(() => pause(this.#engine.facts.pid, ms));
  }

  /** @returns false when the engine did not come to this point in time */
  async crashEngine(crashAt: string): Promise<boolean> {
    const armed = await this.#down(async () => {
      await this.#engine.kill();
      return await this.#launchArmed(crashAt);
    });
    const died = !armed || (await untilGone(this.#engine.facts.pid, CRASH_MS_MAX));
    await this.#down(async () => {
      if (!died) await this.#engine.kill();
      await this.#restart();
    });
    return died;
  }

  /**
   * Stops PostgreSQL at once, and has it back.
   * @returns whether the engine brought it back by itself, without being restarted
   */
  async stopPostgres(ms: number): Promise<boolean> {
    return await this.#down(async () => {
      await stopPostgresAtOnce(this.#dataDir);
      await sleep(ms);
      if (await comesBack(this.#dataDir, this.#postgresBackMs)) return true;
      this.#postgresBackMs = 0;
      if (await isGone(this.#engine.facts.pid)) this.complaints.push('ended without PostgreSQL');
      else await this.#engine.kill();
      await this.#restart();
      return false;
    });
  }

  async killProvider(ms: number): Promise<void> {
    const { port } = this.#provider;
    await this.#provider.kill();
    await sleep(ms);
    this.#provider = await startProvider(this.#providerDir, this.#webhooks, () => port);
  }

  async pauseProvider(ms: number): Promise<void> {
    await pause(this.#provider.pid, ms);
  }

  /** Ends everything; nothing of it is left running. */
  async stop(): Promise<void> {
    await this.#engine.stop();
    await this.#provider.stop();
    // An engine that was dead could not take its PostgreSQL with it.
    if ((await postmasterOf(this.#dataDir)) !== null) await stopPostgresAtOnce(this.#dataDir);
  }

  async #down<Result>(work: () => Promise<Result>): Promise<Result> {
    const fromMs = systemClock.monotonicMs();
    try {
      return await work();
    } finally {
      this.#downMs += systemClock.monotonicMs() - fromMs;
    }
  }

  /** @returns false when it died before it was ready */
  async #launchArmed(crashAt: string): Promise<boolean> {
    try {
      await this.#engine.restart({ CRASH_AT: crashAt });
      return true;
    } catch {
      return false;
    }
  }

  async #restart(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#engine.restart();
      } catch (error) {
        this.complaints.push(error instanceof Error ? error.message : String(error));
        if (tries === START_TRIES_MAX) throw error;
        await sleep(START_PAUSE_MS);
      }
    }
  }
}

async function pause(pid: number, ms: number): Promise<void> {
  signal(pid, 'SIGSTOP');
  await sleep(ms);
  signal(pid, 'SIGCONT');
}

/** A process that is gone by now needs none. */
function signal(pid: number, name: NodeJS.Signals): void {
  if (isProcessAlive(pid)) process.kill(pid, name);
}

function startSomewhere(dataDir: string, webhooks: Webhooks): Promise<PaymentProviderProcess> {
  const { from, to } = PROVIDER_PORTS;
  return startProvider(dataDir, webhooks, () => randomInteger(systemRandom, from, to));
}

async function startProvider(
  dataDir: string,
  webhooks: Webhooks,
  port: () => number,
): Promise<PaymentProviderProcess> {
  for (let tries = 1; ; tries++) {
    try {
      return await startPaymentProvider({ dataDir, port: port(), webhooks });
    } catch (error) {
      if (tries === START_TRIES_MAX) throw error;
      await sleep(START_PAUSE_MS);
    }
  }
}
