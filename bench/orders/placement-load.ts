import { join } from 'node:path';
import { newId } from '../../runtime/index.ts';
import { cpuSecondsOf, Helper } from '../harness/index.ts';
import type { BenchCity } from './bench-city.ts';
import type { ClientQuestion, LoadResult } from './load.ts';

const PROGRAM = join(import.meta.dirname, 'placement-client.ts');
const CONNECT_MS_MAX = 10_000;
/** What may still come when the time is over: the engine's own deadlines are shorter. */
const SPARE_MS = 60_000;

/** Customers who place orders over HTTP, in a process of their own. */
export class PlacementLoad {
  readonly #helper: Helper;

  private constructor(helper: Helper) {
    this.#helper = helper;
  }

  static async start(
    city: BenchCity,
    connections: number,
    signal: AbortSignal,
  ): Promise<PlacementLoad> {
    const { restaurants } = city;
    const tokens = await city.customerTokens();
    const { url } = city.engine.facts;
    const helper = new Helper(PROGRAM, signal);
    try {
      const question: ClientQuestion = { kind: 'connect', url, tokens, restaurants, connections };
      await helper.ask(question, CONNECT_MS_MAX);
    } catch (error) {
      await helper.stop();
      throw error;
    }
    return new PlacementLoad(helper);
  }

  get pid(): number {
    return this.#helper.pid;
  }

  /** As many placements as the connections carry. */
  async closed(seconds: number): Promise<LoadResult> {
    return await this.#ask({ kind: 'closed', seconds, run: newRun() }, seconds);
  }

  /**
   * Placements at a fixed rate; order number `i`, from 0, has the reference `${run}-${i}` and is due
   * `i / rate` seconds after `startedAtMs`.
   */
  async open(load: {
    readonly seconds: number;
    readonly rate: number;
    readonly run: string;
  }): Promise<LoadResult> {
    return await this.#ask({ kind: 'open', ...load }, load.seconds);
  }

  async cpuSeconds(): Promise<number | null> {
    return await cpuSecondsOf(this.pid);
  }

  async stop(): Promise<void> {
    await this.#helper.stop();
  }

  async #ask(question: ClientQuestion, seconds: number): Promise<LoadResult> {
    return await this.#helper.ask<LoadResult>(question, seconds * 1000 + SPARE_MS);
  }
}

/** Keys of two runs must not meet. */
export function newRun(): string {
  return newId<string>();
}
