import { join } from 'node:path';
import { required } from '../../runtime/index.ts';
import type { FleetSocket } from '../fleet/fleet-process.ts';
import { courierSockets, Fleet } from '../fleet/fleet.ts';
import { cpuSecondsOf, Helper, pin, type BenchContext, type Pinning } from '../harness/index.ts';
import { startWatchedCity, type WatchedCity } from './watched-city.ts';

/** Orders that many people watch, and how many of them. */
const POPULAR_ORDERS_MAX = 100;
const POPULAR_WATCHERS = 100;
/** Orders that one operator watches. */
const TOPICS = 10;
const PEER = join(import.meta.dirname, 'publish-peer.ts');
const ANSWER_MS_MAX = 10_000;

/** A server with its fleet. */
export interface Side {
  readonly fleet: Fleet;
  /** CPU seconds of the server so far. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Messages out for one fix of each courier. */
export function messagesPerRound(couriers: number): number {
  return couriers + popularOrders(couriers) * POPULAR_WATCHERS;
}

function popularOrders(couriers: number): number {
  return Math.min(POPULAR_ORDERS_MAX, couriers - (couriers % TOPICS));
}

interface Bed {
  readonly context: BenchContext;
  readonly pinning: Pinning | null;
}

/** The engine: orders watched by their customers, some by a hundred operators too. */
export async function startEngineSide(bed: Bed): Promise<Side & { orderIds: readonly string[] }> {
  const { context, pinning } = bed;
  const { couriers } = context.options;
  const { city, orderIds } = await startWatchedCity(context);
  try {
    if (pinning !== null) await pin(await city.serverPids(), pinning.server);
    const fleet = await Fleet.connect(
      {
        url: city.engine.facts.url,
        couriers: await courierSockets(couriers, (id) => city.token('courier', id)),
        watchers: await engineWatchers({ city, orderIds }),
      },
      { pinning, signal: context.signal },
    );
    return {
      orderIds,
      fleet,
      async cpuSeconds() {
        return required((await city.cpuSeconds()).engine, 'CPU times');
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

async function engineWatchers({ city, orderIds }: WatchedCity): Promise<FleetSocket[]> {
  const operator = await city.token('operator', 'operator');
  return await Promise.all(
    watchedOrders(orderIds).map(async (topics, i) => ({
      path: '/v1/ws',
      token: i < orderIds.length ? await city.token('customer', `customer-${i}`) : operator,
      says: topics.map((orderId) =>
        JSON.stringify({ type: 'subscribe', requestId: orderId, topic: `order:${orderId}` }),
      ),
      // Welcome; a snapshot and an answer for each topic.
      greetings: 1 + 2 * topics.length,
    })),
  );
}

/** uWebSockets.js that publishes, for the same orders and as many watchers. */
export async function startPeerSide(orderIds: readonly string[], bed: Bed): Promise<Side> {
  const { context, pinning } = bed;
  const helper = new Helper(PEER, context.signal);
  try {
    if (pinning !== null) await pin([helper.pid], pinning.server);
    const port = await helper.ask<number>({ kind: 'listen' }, ANSWER_MS_MAX);
    const quiet = { token: 'none', greetings: 0 };
    const fleet = await Fleet.connect(
      {
        url: `http://127.0.0.1:${port}`,
        couriers: orderIds.map((orderId, i) => ({
          ...quiet,
          path: `/courier-${i}/${orderId}`,
          says: [],
        })),
        watchers: watchedOrders(orderIds).map((topics) => ({
          ...quiet,
          path: '/watcher',
          says: topics.map((orderId) => `order:${orderId}`),
        })),
      },
      { pinning, signal: context.signal },
    );
    return {
      fleet,
      cpuSeconds: async () => required(await cpuSecondsOf(helper.pid), 'CPU times'),
      async stop() {
        await fleet.stop();
        await helper.stop();
      },
    };
  } catch (error) {
    await helper.stop();
    throw error;
  }
}

/** Of each watching socket the orders: first each order's customer, then the operators. */
function watchedOrders(orderIds: readonly string[]): string[][] {
  const customers = orderIds.map((orderId) => [orderId]);
  const count = popularOrders(orderIds.length);
  // Spread over the fleet, whose couriers send one after the other: ten thousand messages at once
  // would measure the length of a queue.
  const stride = Math.floor(orderIds.length / count);
  const popular = orderIds.filter((_id, i) => i % stride === 0).slice(0, count);
  const operators: string[][] = [];
  for (let at = 0; at < count; at += TOPICS) {
    const topics = popular.slice(at, at + TOPICS);
    for (let i = 0; i < POPULAR_WATCHERS; i++) operators.push(topics);
  }
  return [...customers, ...operators];
}
