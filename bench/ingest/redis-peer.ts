import { Redis } from 'ioredis';
import { App } from 'uWebSockets.js';
import { messageOf } from '../../runtime/index.ts';
import type { Fix } from '../../protocol/index.ts';
import { answerQuestions } from '../harness/index.ts';
import { listenBare } from '../fleet/bare-server.ts';
import { readJsonFix } from './json-fix.ts';
import type { PeerQuestion } from './contender.ts';

/**
 * The common design: JSON over uWebSockets.js, the position of each courier in Redis (GEOADD for the
 * search, HSET for the rest), and a search now and then. What is asked in one turn goes to Redis
 * together, as ioredis does when it is told to.
 */
const SEARCH_EVERY_FIXES = 100;
const SEARCH_KM = 5;
const FOUND_MAX = 10;

let received = 0;
/** Answered by Redis. */
let fixes = 0;
let failed: unknown = null;

answerQuestions(async (question: PeerQuestion) => {
  if (failed !== null) throw new Error(`Redis has refused: ${messageOf(failed)}`);
  if (question.kind === 'count') return fixes;
  const redis = new Redis(question.redisUrl ?? '', { enableAutoPipelining: true });
  const fail = (error: unknown): void => void (failed = error);
  return await listenBare<{ courierId: string }>(
    App(),
    {
      message: (ws, bytes) => {
        const fix = readJsonFix(Buffer.from(bytes).toString());
        if (fix === null) return;
        const { courierId } = ws.getUserData();
        redis.geoadd('couriers', fix.lng, fix.lat, courierId).catch(fail);
        redis.hset(`courier:${courierId}`, fix).then(() => (fixes += 1), fail);
        received += 1;
        if (received % SEARCH_EVERY_FIXES !== 0) return;
        redis.call('GEOSEARCH', 'couriers', ...searchAround(fix)).catch(fail);
      },
    },
    (path) => ({ courierId: path.slice(1) }),
  );
});

function searchAround({ lng, lat }: Fix): (string | number)[] {
  return ['FROMLONLAT', lng, lat, 'BYRADIUS', SEARCH_KM, 'km', 'ASC', 'COUNT', FOUND_MAX];
}
