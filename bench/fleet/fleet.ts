import { join } from 'node:path';
import { Helper, pin, type Pinning } from '../harness/index.ts';
import type { FleetQuestion, FleetSocket, StreamOptions, StreamReport } from './fleet-process.ts';

const PROGRAM = join(import.meta.dirname, 'fleet-process.ts');
const CONNECT_MS_MAX = 120_000;
const STREAM_MS_MAX = 30_000;

/** Couriers and watchers at the sockets of one server, in a process of their own. */
export class Fleet {
  readonly #helper: Helper;

  private constructor(helper: Helper) {
    this.#helper = helper;
  }

  /** @throws Error when the server does not take all of them; nothing is left running */
  static async connect(
    where: Omit<Extract<FleetQuestion, { kind: 'connect' }>, 'kind'>,
    { pinning, signal }: { readonly pinning: Pinning | null; readonly signal: AbortSignal },
  ): Promise<Fleet> {
    const helper = new Helper(PROGRAM, signal);
    try {
      if (pinning !== null) await pin([helper.pid], pinning.load);
      await helper.ask({ kind: 'connect', ...where }, CONNECT_MS_MAX);
    } catch (error) {
      await helper.stop();
      throw error;
    }
    return new Fleet(helper);
  }

  /** @throws Error when the server has closed sockets meanwhile */
  async stream(options: StreamOptions): Promise<StreamReport> {
    const timeoutMs = options.seconds * 1000 + STREAM_MS_MAX;
    const report = await this.#helper.ask<StreamReport>({ kind: 'stream', ...options }, timeoutMs);
    if (report.lost > 0) throw new Error(`the server has closed ${report.lost} sockets`);
    return report;
  }

  async stop(): Promise<void> {
    await this.#helper.stop();
  }
}

/** The engine says welcome to a courier, and what it carries. */
const COURIER_GREETINGS = 2;

/** Sockets of couriers `courier-0`, `courier-1`, ... as the engine takes them. */
export async function courierSockets(
  couriers: number,
  token: (courierId: string) => Promise<string>,
): Promise<FleetSocket[]> {
  const ids = Array.from({ length: couriers }, (_, i) => `courier-${i}`);
  return await Promise.all(
    ids.map(async (id) => ({
      path: '/v1/ws',
      token: await token(id),
      says: [],
      greetings: COURIER_GREETINGS,
    })),
  );
}
