import { Redis } from 'ioredis';
import { required, withDeadline } from '../../runtime/index.ts';
import { startRedisServer, type RedisServer } from '../../testing/redis-server.ts';
import { cpuSecondsOf } from '../harness/index.ts';
import { isAvailable, SEARCH_COUNT, SEARCH_METERS } from './contenders.ts';
import type { FleetMotion, Moves, Point } from './fleet-motion.ts';

const ALL = 'couriers';
const AVAILABLE = 'couriers:available';
/** Commands that go together: more gain nothing. */
const PIPELINE = 100;
const ANSWER_MS_MAX = 30_000;
/** It keeps 52 bits of a place. */
const DEGREES_OFF = 1e-5;
/** Redis takes the Earth for this large. */
const REDIS_EARTH_METERS = 6_372_797.560_856;
const EARTH_METERS = 6_371_008.8;

/** A fleet in the geo index of a real Redis, as people use it: GEOADD and GEOSEARCH, pipelined. */
export class RedisIndex {
  readonly #server: RedisServer;
  readonly #redis: Redis;
  readonly #ids: readonly string[];

  private constructor(server: RedisServer, ids: readonly string[]) {
    this.#server = server;
    this.#ids = ids;
    this.#redis = new Redis(server.url, { lazyConnect: true, maxRetriesPerRequest: 1 });
    // What failed is told to whoever asked.
    this.#redis.on('error', () => undefined);
  }

  static async start(fleet: FleetMotion, say: (text: string) => void): Promise<RedisIndex> {
    const server = await startRedisServer(say);
    const redis = new RedisIndex(server, fleet.ids);
    try {
      await redis.#redis.connect();
      const everybody = Int32Array.from(fleet.ids, (_, i) => i);
      await redis.move({ courier: everybody, lat: fleet.lat, lng: fleet.lng });
      const some = everybody.filter(isAvailable);
      const lat = Float64Array.from(some, (i) => fleet.lat[i] ?? 0);
      const lng = Float64Array.from(some, (i) => fleet.lng[i] ?? 0);
      await redis.#add(AVAILABLE, { courier: some, lat, lng });
      return redis;
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  move(moves: Moves): Promise<void> {
    return this.#add(ALL, moves);
  }

  /** Of each place the metres to the nearest available couriers, as far as the Earth that we know. */
  async nearest(places: readonly Point[]): Promise<number[][]> {
    const answers: number[][] = [];
    for (let from = 0; from < places.length; from += PIPELINE) {
      const pipeline = this.#redis.pipeline();
      for (const { lat, lng } of places.slice(from, from + PIPELINE)) {
        const center = ['FROMLONLAT', lng, lat, 'BYRADIUS', SEARCH_METERS, 'm'] as const;
        pipeline.call('GEOSEARCH', AVAILABLE, ...center, 'ASC', 'COUNT', SEARCH_COUNT, 'WITHDIST');
      }
      const replies = required(await inTime(pipeline.exec()), 'the replies of a pipeline');
      for (const [error, rows] of replies) {
        if (error !== null) throw error;
        const scale = EARTH_METERS / REDIS_EARTH_METERS;
        answers.push((rows as [string, string][]).map(([, meters]) => Number(meters) * scale));
      }
    }
    return answers;
  }

  /**
   * Every courier of a sample is where it is.
   * @throws Error when Redis has one elsewhere
   */
  async mustHave(fleet: FleetMotion, sample: number): Promise<void> {
    const ids = fleet.ids.slice(0, sample);
    const rows = await inTime(this.#redis.geopos(ALL, ids));
    ids.forEach((id, i) => {
      const [lng, lat] = (rows[i] ?? []).map(Number);
      const off = Math.hypot((lat ?? 0) - (fleet.lat[i] ?? 0), (lng ?? 0) - (fleet.lng[i] ?? 0));
      if (!(off < DEGREES_OFF)) throw new Error(`Redis has ${id} elsewhere`);
    });
  }

  /** CPU that the server has used; 0 where there is no /proc. */
  async cpuSeconds(): Promise<number> {
    return (await cpuSecondsOf(this.#server.pid)) ?? 0;
  }

  async stop(): Promise<void> {
    this.#redis.disconnect();
    await this.#server.stop();
  }

  async #add(key: string, { courier, lat, lng }: Moves): Promise<void> {
    for (let from = 0; from < courier.length; from += PIPELINE) {
      const pipeline = this.#redis.pipeline();
      for (let i = from; i < Math.min(courier.length, from + PIPELINE); i++) {
        pipeline.geoadd(key, lng[i] ?? 0, lat[i] ?? 0, this.#ids[courier[i] ?? 0] ?? '');
      }
      const replies = required(await inTime(pipeline.exec()), 'the replies of a pipeline');
      for (const [error] of replies) if (error !== null) throw error;
    }
  }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  return withDeadline(answer, ANSWER_MS_MAX, 'ask Redis');
}
