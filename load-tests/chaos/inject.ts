import { appendFile } from 'node:fs/promises';
import {
  randomInteger,
  sleep,
  systemClock,
  unreachable,
  type Random,
} from '../../runtime/index.ts';
import {
  nameOf,
  type EngineFault,
  type Fault,
  type FaultPlan,
  type Lie,
  type ProviderFault,
} from './faults.ts';
import type { Stage } from './stage.ts';

/** Between two faults of one row: time in which things go on, and in which some have to catch up. */
const PAUSE_MS = { least: 500, most: 3_000 };
const CONTROL_TIMEOUT_MS = 2_000;
const CONTROL_TRIES_MAX = 10;

/** Carries out a plan of faults, and counts what was really done. */
export class Injector {
  readonly injected: Record<string, number> = {};
  readonly #stage: Stage;
  readonly #logFile: string;
  /** Crash points that the engine does not come to: not waited for again. */
  readonly #unreached = new Set<string>();
  #postgresBack = 0;

  /** @param logFile gets a line of JSON for each fault */
  constructor(stage: Stage, logFile: string) {
    this.#stage = stage;
    this.#logFile = logFile;
  }

  get total(): number {
    return Object.values(this.injected).reduce((sum, n) => sum + n, 0);
  }

  /** How often the engine brought its PostgreSQL back without being restarted itself. */
  get postgresBack(): number {
    return this.#postgresBack;
  }

  /**
   * Resolves when the first faults of both rows are done and `over` has aborted; then both processes
   * run, and the provider is honest.
   */
  async run(
    plan: FaultPlan,
    random: Random,
    signals: { readonly over: AbortSignal; readonly broken: AbortSignal },
  ): Promise<void> {
    const { over, broken } = signals;
    const row = async <F extends Fault>(
      faults: { readonly first: readonly F[]; readonly rest: Iterable<F> },
      inject: (fault: F) => Promise<string>,
    ): Promise<void> => {
      for (const fault of faults.first) {
        if (broken.aborted) return;
        await this.#one(fault, inject);
        await sleep(randomInteger(random, PAUSE_MS.least, PAUSE_MS.most), broken);
      }
      for (const fault of faults.rest) {
        if (over.aborted || broken.aborted) return;
        await this.#one(fault, inject);
        await sleep(randomInteger(random, PAUSE_MS.least, PAUSE_MS.most), over);
      }
    };
    await Promise.all([
      row(plan.engine, (fault) => this.#engine(fault)),
      row(plan.provider, (fault) => this.#provider(fault)),
    ]);
    if (!broken.aborted) await this.#tellProvider({});
  }

  async #one<F extends Fault>(fault: F, inject: (fault: F) => Promise<string>): Promise<void> {
    const atMs = systemClock.nowMs();
    if (fault.kind === 'crash_point' && this.#unreached.has(fault.point)) return;
    const outcome = await inject(fault);
    const tookMs = systemClock.nowMs() - atMs;
    const name = outcome === 'done' ? nameOf(fault) : `${nameOf(fault)} (${outcome})`;
    this.injected[name] = (this.injected[name] ?? 0) + 1;
    await appendFile(this.#logFile, `${JSON.stringify({ atMs, tookMs, outcome, ...fault })}\n`);
  }

  /** @returns 'done', or why it counts apart */
  async #engine(fault: EngineFault): Promise<string> {
    const stage = this.#stage;
    await stage.ensureEngine();
    switch (fault.kind) {
      case 'crash_point':
        if (await stage.crashEngine(`${fault.point}:${fault.pass}`)) return 'done';
        this.#unreached.add(fault.point);
        return 'not reached';
      case 'kill_engine':
        await stage.killEngine(fault.ms);
        return 'done';
      case 'pause_engine':
        await stage.pauseEngine(fault.ms);
        return 'done';
      case 'stop_postgres':
        if (await stage.stopPostgres(fault.ms)) this.#postgresBack += 1;
        return 'done';
      default:
        return unreachable(fault);
    }
  }

  async #provider(fault: ProviderFault): Promise<string> {
    switch (fault.kind) {
      case 'kill_provider':
        await this.#stage.killProvider(fault.ms);
        return 'done';
      case 'pause_provider':
        await this.#stage.pauseProvider(fault.ms);
        return 'done';
      case 'provider_lies':
        return await this.#lie(fault.lie, fault.requests);
      case 'provider_slow':
        await this.#tellProvider({ delayMs: fault.delayMs });
        await sleep(fault.ms);
        await this.#tellProvider({});
        return 'done';
      default:
        return unreachable(fault);
    }
  }

  /** A provider need not know every lie: it refuses the one that it does not. */
  async #lie(lie: Lie, requests: number): Promise<string> {
    return (await this.#tellProvider({ [lie]: requests })) ? 'done' : 'unknown to the provider';
  }

  async #tellProvider(faults: Readonly<Record<string, number>>): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await fetch(new URL('/_faults', this.#stage.providerUrl), {
          method: 'POST',
          body: JSON.stringify(faults),
          signal: AbortSignal.timeout(CONTROL_TIMEOUT_MS),
        });
        return answer.ok;
      } catch (error) {
        if (tries === CONTROL_TRIES_MAX) throw error;
        await sleep(PAUSE_MS.least);
      }
    }
  }
}
