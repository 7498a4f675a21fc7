import { figureOf, goOn, type BenchContext, type BenchResult } from '../harness/index.ts';
import { bruteNearest, mustAgree } from './brute-force.ts';
import { OurIndex } from './contenders.ts';
import { at, cpuSecondsFor, microsecondsOfEach } from './cost.ts';
import { FleetMotion } from './fleet-motion.ts';
import type { IndexLoad } from './load.ts';
import { RedisIndex } from './redis-index.ts';

const SEED = 2;

interface SearchCosts {
  readonly p50Us: number;
  readonly p99Us: number;
  /** CPU microseconds for a search. */
  readonly ours: number;
  readonly redis: number;
}

/** The 10 nearest of the available couriers within 5 km: ours, and Redis' GEOSEARCH. */
export async function measureNearest(load: IndexLoad, context: BenchContext): Promise<BenchResult> {
  const { signal, say, options } = context;
  const fleet = new FleetMotion(load.couriers, SEED);
  const redis = await RedisIndex.start(fleet, say);
  try {
    const ours = new OurIndex(fleet);
    const costs: SearchCosts[] = [];
    for (let turn = 0; turn <= options.repetitions; turn++) {
      goOn(signal);
      const taken = await oneTurn(fleet, load, { ours, redis });
      // The first turn warms up.
      if (turn === 0) continue;
      costs.push(taken);
      say(`nearest: p99 ${taken.p99Us.toFixed(1)} us; Redis ${taken.redis.toFixed(0)} us a search`);
    }
    return resultOf(costs);
  } finally {
    await redis.stop();
  }
}

async function oneTurn(
  fleet: FleetMotion,
  load: IndexLoad,
  { ours, redis }: { readonly ours: OurIndex; readonly redis: RedisIndex },
): Promise<SearchCosts> {
  const places = fleet.places(load.searches);
  const each: number[] = [];
  const seconds = await cpuSecondsFor(() => {
    each.push(...microsecondsOfEach(places, (place) => ours.nearest(place)));
  });
  const asked = places.slice(0, load.redisSearches);
  const answers: number[][] = [];
  const serverBefore = await redis.cpuSeconds();
  const client = await cpuSecondsFor(async () => {
    answers.push(...(await redis.nearest(asked)));
  });
  const server = (await redis.cpuSeconds()) - serverBefore;
  asked.slice(0, load.checks).forEach((place, i) => {
    const truth = bruteNearest(fleet, place);
    mustAgree('the index', ours.nearest(place), truth);
    mustAgree('Redis', answers[i] ?? [], truth);
  });
  return {
    p50Us: at(0.5, each),
    p99Us: at(0.99, each),
    ours: (seconds * 1e6) / places.length,
    redis: ((client + server) * 1e6) / asked.length,
  };
}

function resultOf(costs: readonly SearchCosts[]): BenchResult {
  const median = (cost: (costs: SearchCosts) => number): number => figureOf(costs.map(cost)).value;
  const [ours, redis] = [median((one) => one.ours), median((one) => one.redis)];
  const [p50Us, p99Us] = [median((one) => one.p50Us), median((one) => one.p99Us)];
  return {
    rows: [
      { what: '10 nearest', figures: { cpu_us: ours, p50_us: p50Us, p99_us: p99Us } },
      { what: '10 nearest in Redis', figures: { cpu_us: redis, p50_us: null, p99_us: null } },
    ],
    results: {
      knn_p99_us: figureOf(costs.map((one) => one.p99Us)),
      knn_vs_redis: figureOf(costs.map((one) => one.redis / one.ours)),
    },
    notes: [
      'nearest: within 5 km, half of the couriers available (in Redis a set of those alone); ' +
        'percentiles are wall time of single searches, GEOSEARCH goes by 100 to save round trips',
    ],
  };
}
