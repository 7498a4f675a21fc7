import { join } from 'node:path';
import { required } from '../../runtime/index.ts';
import { startRedisServer, type RedisServer } from '../../testing/redis-server.ts';
import {
  cpuSecondsOfTree,
  Helper,
  pin,
  type BenchContext,
  type Pinning,
} from '../harness/index.ts';
import type { Contender, PeerQuestion, RunningServer } from './contender.ts';

const ANSWER_MS_MAX = 10_000;

const program = (name: string): string => join(import.meta.dirname, `${name}-peer.ts`);

/** What the engine is compared with; each is its own program. */
export const PEERS: readonly Contender[] = [
  {
    part: 'bare',
    name: 'bare uWebSockets.js',
    encoding: 'binary',
    start: (context, pinning) => startPeer('bare', null, { context, pinning }),
  },
  {
    part: 'redis',
    name: 'uWebSockets.js, JSON, Redis GEOADD + HSET',
    encoding: 'json',
    async start(context, pinning) {
      const redis = await startRedisServer(context.say);
      if (pinning !== null) await pin([redis.pid], pinning.server);
      return await startPeer('redis', redis, { context, pinning });
    },
  },
  {
    part: 'ws',
    name: 'ws, JSON',
    encoding: 'json',
    start: (context, pinning) => startPeer('ws', null, { context, pinning }),
  },
];

async function startPeer(
  name: string,
  redis: RedisServer | null,
  { context, pinning }: { readonly context: BenchContext; readonly pinning: Pinning | null },
): Promise<RunningServer> {
  const helper = new Helper(program(name), context.signal);
  const ask = async (question: PeerQuestion): Promise<number> =>
    await helper.ask<number>(question, ANSWER_MS_MAX);
  const stop = async (): Promise<void> => {
    await helper.stop();
    await redis?.stop();
  };
  try {
    if (pinning !== null) await pin([helper.pid], pinning.server);
    const port = await ask({ kind: 'listen', redisUrl: redis?.url ?? null });
    return {
      url: `http://127.0.0.1:${port}`,
      couriers: Array.from({ length: context.options.couriers }, (_, i) => ({
        path: `/courier-${i}`,
        token: 'none',
        says: [],
        greetings: 0,
      })),
      async cpu() {
        const pids = [helper.pid, ...(redis === null ? [] : [redis.pid])];
        return { server: required(await cpuSecondsOfTree(pids), 'CPU times'), behind: 0 };
      },
      taken: () => ask({ kind: 'count' }),
      shed: async () => await Promise.resolve(0),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
