import { join } from 'node:path';
import { sleep, systemClock } from '../../runtime/index.ts';
import { cpuSecondsOf, goOn, Helper } from '../harness/index.ts';
import type { BenchCity } from './bench-city.ts';
import { count, type LoadResult } from './load.ts';
import { newRun, PlacementLoad } from './placement-load.ts';
import type { RobotQuestion, RobotReport } from './robot-process.ts';

const PROGRAM = join(import.meta.dirname, 'robot-process.ts');
const CONNECTIONS = 64;
const BEGIN_MS_MAX = 60_000;
const REPORT_MS_MAX = 10_000;
const POLL_MS = 200;

/** What came of orders that arrived at a fixed rate. */
export interface Lives {
  readonly placements: LoadResult;
  /** From the moment at which a customer clicked, answered or not, to the delivery, ms. */
  readonly clickToDeliveredMs: readonly number[];
  /** Placements, and commands of restaurants and couriers. */
  readonly refused: Readonly<Record<string, number>>;
  /** Acknowledged, and not delivered when the patience was over. */
  readonly undelivered: number;
}

/** A city in which orders live from the click to the door: customers, kitchens and couriers. */
export class LivingCity {
  readonly #customers: PlacementLoad;
  readonly #robots: Helper;

  private constructor(customers: PlacementLoad, robots: Helper) {
    this.#customers = customers;
    this.#robots = robots;
  }

  /** @throws Error; then nothing of it is left running */
  static async start(city: BenchCity, couriers: number, signal: AbortSignal): Promise<LivingCity> {
    const { url } = city.engine.facts;
    const names = Array.from({ length: couriers }, (_, i) => `courier-${i}`);
    const question: RobotQuestion = {
      kind: 'begin',
      url,
      restaurants: await Promise.all(city.restaurants.map((id) => city.token('restaurant', id))),
      couriers: await Promise.all(names.map((id) => city.token('courier', id))),
    };
    const customers = await PlacementLoad.start(city, CONNECTIONS, signal);
    const robots = new Helper(PROGRAM, signal);
    const living = new LivingCity(customers, robots);
    try {
      await robots.ask(question, BEGIN_MS_MAX);
    } catch (error) {
      await living.stop();
      throw error;
    }
    return living;
  }

  /**
   * Orders at a fixed rate, and what becomes of them.
   * @param load.patienceMs how long after the last arrival a delivery still counts
   * @throws Interrupted
   */
  async live(
    load: { readonly rate: number; readonly seconds: number; readonly patienceMs: number },
    signal: AbortSignal,
  ): Promise<Lives> {
    const run = newRun();
    const { rate, seconds } = load;
    const placements = await this.#customers.open({ run, rate, seconds });
    const refused: Record<string, number> = { ...placements.refused };
    const clickToDeliveredMs: number[] = [];
    const expected = placements.latenciesMs.length;
    const lastClickAtMs = placements.startedAtMs + seconds * 1000;
    for (;;) {
      const report = await this.#robots.ask<RobotReport>({ kind: 'report' }, REPORT_MS_MAX);
      for (const [reference, atMs] of report.delivered) {
        if (!reference.startsWith(run)) continue;
        const index = Number(reference.slice(run.length + 1));
        clickToDeliveredMs.push(atMs - placements.startedAtMs - (index * 1000) / rate);
      }
      for (const [code, times] of Object.entries(report.refused)) {
        for (let i = 0; i < times; i++) count(refused, code);
      }
      const isOver = systemClock.nowMs() >= lastClickAtMs + load.patienceMs;
      if (isOver || clickToDeliveredMs.length >= expected) break;
      goOn(signal);
      await sleep(POLL_MS, signal);
    }
    const undelivered = expected - clickToDeliveredMs.length;
    return { placements, clickToDeliveredMs, refused, undelivered };
  }

  /** Of customers and robots, which is not the engine's; null where the system does not tell. */
  async cpuSeconds(): Promise<number | null> {
    const parts = [await this.#customers.cpuSeconds(), await cpuSecondsOf(this.#robots.pid)];
    return parts.includes(null) ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#customers.stop(), this.#robots.stop()]);
  }
}
