import { join } from 'node:path';
import { required } from '../../runtime/index.ts';
import { courierSockets, Fleet } from '../fleet/fleet.ts';
import { startWatchedCity, type WatchedCity } from '../fanout/watched-city.ts';
import { cpuSecondsOf, Helper, pin, type BenchContext, type Pinning } from '../harness/index.ts';
import { DOOR } from '../orders/places.ts';
import type { SameBytes } from './bare-peer.ts';
import type { LoadAnswer, LoadQuestion, LoadRequest } from './load-process.ts';

const LOAD = join(import.meta.dirname, 'load-process.ts');
const PEER = join(import.meta.dirname, 'bare-peer.ts');
const ANSWER_MS_MAX = 30_000;
/** Of more the load generator would be measured, which prepares each for each of its connections. */
export const ORDERS_READ_MAX = 1_000;
const ORDER = JSON.stringify({
  restaurantId: 'restaurant-0',
  items: [{ itemId: 'dish', quantity: 1 }],
  dropoff: { place: DOOR, address: 'Door 1' },
  paymentToken: 'cash',
});

interface Bed {
  readonly context: BenchContext;
  readonly pinning: Pinning | null;
}

/** A server that is asked. */
export interface Side {
  readonly url: string;
  /** CPU seconds so far: of the server itself, and of the database behind it. */
  cpu(): Promise<{ readonly server: number; readonly behind: number }>;
  stop(): Promise<void>;
}

export interface EngineSide extends Side {
  readonly reads: readonly LoadRequest[];
  readonly placements: readonly LoadRequest[];
  /** What it answers to the first of each. */
  readonly bytes: SameBytes;
  /** The couriers' apps, which send when they are asked to. */
  readonly fleet: Fleet;
}

/** The engine with an order on the way for each courier; each order is read by its customer. */
export async function startEngineSide({ context, pinning }: Bed): Promise<EngineSide> {
  const { city, orderIds } = await startWatchedCity(context);
  try {
    if (pinning !== null) await pin(await city.serverPids(), pinning.server);
    const { url } = city.engine.facts;
    const reads = await readsOf({ city, orderIds });
    const placements = reads.map(({ token }) => ({ path: '/v1/orders', token, body: ORDER }));
    const [read, placed] = [reads, placements].map((of) => required(of[0], 'a request'));
    const bytes = {
      read: await answerTo(url, required(read, 'a read')),
      placed: await answerTo(url, required(placed, 'a placement')),
    };
    const couriers = await courierSockets(orderIds.length, (id) => city.token('courier', id));
    const where = { url, couriers, watchers: [] };
    const fleet = await Fleet.connect(where, { pinning, signal: context.signal });
    return {
      url,
      reads,
      placements,
      bytes,
      fleet,
      async cpu() {
        const { engine, postgres } = await city.cpuSeconds();
        return { server: required(engine, 'CPU times'), behind: required(postgres, 'CPU times') };
      },
      async stop() {
        await fleet.stop();
        await city.stop();
      },
    };
  } catch (error) {
    await city.stop();
    throw error;
  }
}

async function readsOf({ city, orderIds }: WatchedCity): Promise<LoadRequest[]> {
  return await Promise.all(
    orderIds.slice(0, ORDERS_READ_MAX).map(async (orderId, i) => ({
      path: `/v1/orders/${orderId}`,
      token: await city.token('customer', `customer-${i}`),
      body: null,
    })),
  );
}

async function answerTo(url: string, { path, token, body }: LoadRequest): Promise<string> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const response = await fetch(new URL(path, url), {
    ...(body === null ? {} : { method: 'POST', body }),
    headers: { ...headers, 'Idempotency-Key': 'the first' },
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  return await response.text();
}

export async function startPeerSide(bytes: SameBytes, { context, pinning }: Bed): Promise<Side> {
  const helper = new Helper(PEER, context.signal);
  try {
    if (pinning !== null) await pin([helper.pid], pinning.server);
    const port = await helper.ask<number>(bytes, ANSWER_MS_MAX);
    return {
      url: `http://127.0.0.1:${port}`,
      cpu: async () => ({ server: required(await cpuSecondsOf(helper.pid), 'CPU'), behind: 0 }),
      stop: () => helper.stop(),
    };
  } catch (error) {
    await helper.stop();
    throw error;
  }
}

/** Who asks, in a process of its own. */
export class Load {
  readonly #helper: Helper;

  private constructor(helper: Helper) {
    this.#helper = helper;
  }

  static async start({ context, pinning }: Bed): Promise<Load> {
    const helper = new Helper(LOAD, context.signal);
    if (pinning !== null) await pin([helper.pid], pinning.load);
    return new Load(helper);
  }

  /** @throws Error when a request was not answered with 2xx */
  async ask(question: LoadQuestion): Promise<LoadAnswer> {
    const timeoutMs = question.seconds * 1_000 + ANSWER_MS_MAX;
    const answer = await this.#helper.ask<LoadAnswer>(question, timeoutMs);
    if (answer.failed > 0) throw new Error(`${answer.failed} requests were not answered with 2xx`);
    return answer;
  }

  async stop(): Promise<void> {
    await this.#helper.stop();
  }
}
