import { sleep, systemClock } from '../../runtime/index.ts';
import type { EngineProcess } from '../engine-process/index.ts';
import { CutProxy } from './cut-proxy.ts';
import { WatchedOrders } from './watched-orders.ts';
import { Watcher } from './watcher.ts';

/** After the link is whole again; backoff takes 10 s at most, and a thousand snapshots some more. */
const CATCH_UP_MS_MAX = 120_000;
const POLL_MS = 50;

export interface ReconnectOptions {
  readonly clients: number;
  /** The link is cut for so long each time, and once stalled; then the engine is killed. */
  readonly cutsMs: readonly number[];
  readonly heartbeatMs: number;
}

export interface ReconnectResult {
  readonly clients: number;
  /** Of all orders, by the database. */
  readonly events: number;
  readonly recovered: number;
  /** Beyond the first of each client. */
  readonly reloaded: number;
  readonly repetitions: number;
  /** What a client did not hear as the database has it; none is the promise. */
  readonly differences: readonly string[];
}

/**
 * Clients watch an order each over a link that is cut and stalled while their orders change, and over
 * the death of the engine. In the end each must know what the database knows.
 * @param told what happens, for who waits
 */
export async function runReconnect(
  engine: EngineProcess,
  { clients, cutsMs, heartbeatMs }: ReconnectOptions,
  told: (what: string) => void = () => undefined,
): Promise<ReconnectResult> {
  const { url } = engine.facts;
  const proxy = await CutProxy.start(Number(new URL(url).port));
  const orders = await WatchedOrders.place(url, await engine.jwtSecret(), clients);
  const watchers: Watcher[] = [];
  try {
    for (const [i, orderId] of orders.orderIds.entries()) {
      const options = { url: proxy.url, token: await orders.tokenOf(i), heartbeatMs };
      const watcher = new Watcher(options, orderId);
      watcher.subscribe();
      watchers.push(watcher);
    }
    await orders.change();
    await caughtUp(orders, watchers);
    for (const cutMs of cutsMs) {
      await overCut(proxy, { cutMs, stalls: cutMs === cutsMs[0] }, orders);
      told(`link away for ${cutMs / 1_000} s`);
      await caughtUp(orders, watchers);
    }
    await Promise.all([orders.change(), engine.kill().then(() => engine.restart())]);
    told('engine killed and started again');
    return await caughtUp(orders, watchers);
  } finally {
    for (const watcher of watchers) watcher.close();
    await proxy.stop();
  }
}

async function overCut(
  proxy: CutProxy,
  { cutMs, stalls }: { readonly cutMs: number; readonly stalls: boolean },
  orders: WatchedOrders,
): Promise<void> {
  await orders.change();
  if (stalls) proxy.stall();
  else proxy.cut();
  await Promise.all([sleep(cutMs), orders.change()]);
  proxy.heal();
  await orders.change();
}

/** Waits until every watcher knows the newest event of its order, and compares all of them. */
async function caughtUp(
  orders: WatchedOrders,
  watchers: readonly Watcher[],
): Promise<ReconnectResult> {
  const untilMs = systemClock.monotonicMs() + CATCH_UP_MS_MAX;
  const differences: string[] = [];
  let events = 0;
  for (const watcher of watchers) {
    const { timeline, sequence } = await orders.view(watcher.orderId);
    while (watcher.newest < sequence && systemClock.monotonicMs() < untilMs) await sleep(POLL_MS);
    differences.push(...watcher.differences(timeline));
    events += timeline.length;
  }
  const sum = (of: (watcher: Watcher) => number): number =>
    watchers.reduce((total, watcher) => total + of(watcher), 0);
  return {
    clients: watchers.length,
    events,
    recovered: sum(({ begun }) => begun.recovered),
    reloaded: sum(({ begun }) => Math.max(0, begun.snapshots - 1)),
    repetitions: sum(({ repetitions }) => repetitions),
    differences,
  };
}
