import { figureOf, goOn, type BenchContext, type BenchResult } from '../harness/index.ts';
import { bruteCountAround, bruteNearest, mustAgree } from './brute-force.ts';
import { OurIndex, RBushIndex } from './contenders.ts';
import { cpuSecondsFor } from './cost.ts';
import { FleetMotion, type Moves } from './fleet-motion.ts';
import type { IndexLoad } from './load.ts';
import { RedisIndex } from './redis-index.ts';

const SEED = 1;
const CHECK_DEGREES = 0.02;

interface Contenders {
  readonly ours: OurIndex;
  readonly rbush: RBushIndex;
  readonly redis: RedisIndex;
}

/** CPU microseconds for a move. */
interface MoveCosts {
  readonly slots: number;
  readonly ids: number;
  readonly rbush: number;
  readonly redis: number;
}

/** Couriers ride through the city: what a fix costs us, rbush (remove, insert) and Redis (GEOADD). */
export async function measureMoves(load: IndexLoad, context: BenchContext): Promise<BenchResult> {
  const { signal, say, options } = context;
  const fleet = new FleetMotion(load.couriers, SEED);
  const redis = await RedisIndex.start(fleet, say);
  try {
    const contenders = { ours: new OurIndex(fleet), rbush: new RBushIndex(fleet), redis };
    const costs: MoveCosts[] = [];
    for (let turn = 0; turn <= options.repetitions; turn++) {
      goOn(signal);
      const taken = await oneTurn(fleet.next(load.moves), load.laps, contenders);
      await check(fleet, load.checks, contenders);
      // The first turn warms up.
      if (turn === 0) continue;
      costs.push(taken);
      const [us, peers] = [taken.slots.toFixed(3), [taken.rbush, taken.redis]];
      say(`moves: ${us} us; rbush and Redis ${peers.map((cost) => cost.toFixed(1)).join(', ')}`);
    }
    return resultOf(costs);
  } finally {
    await redis.stop();
  }
}

async function oneTurn(moves: Moves, laps: number, all: Contenders): Promise<MoveCosts> {
  const count = moves.courier.length;
  const perLap = (seconds: number): number => (seconds * 1e6) / (count * laps);
  const lapped = (move: (moves: Moves) => void): Promise<number> =>
    cpuSecondsFor(() => {
      for (let lap = 0; lap < laps; lap++) move(moves);
    });
  const held = all.ours.heldOf(moves);
  const slots = perLap(await lapped((some) => all.ours.moveHeld(held, some)));
  const rbush = ((await cpuSecondsFor(() => all.rbush.move(moves))) * 1e6) / count;
  const ids = perLap(await lapped((some) => all.ours.moveIds(some)));
  const serverBefore = await all.redis.cpuSeconds();
  const client = await cpuSecondsFor(() => all.redis.move(moves));
  const server = (await all.redis.cpuSeconds()) - serverBefore;
  return { slots, ids, rbush, redis: ((client + server) * 1e6) / count };
}

/** Everybody has the couriers where they are. */
async function check(fleet: FleetMotion, checks: number, all: Contenders): Promise<void> {
  for (const place of fleet.places(checks)) {
    mustAgree('the index', all.ours.nearest(place), bruteNearest(fleet, place));
    const counted = all.rbush.countAround(place, CHECK_DEGREES);
    if (counted === bruteCountAround(fleet, place, CHECK_DEGREES)) continue;
    throw new Error('rbush has lost a courier: its figure would mean nothing');
  }
  await all.redis.mustHave(fleet, checks);
}

function resultOf(costs: readonly MoveCosts[]): BenchResult {
  const row = (what: string, cost: (costs: MoveCosts) => number): BenchResult['rows'][number] => {
    const { value, min, max } = figureOf(costs.map(cost));
    return { what, figures: { us_per_move: value, min, max, moves_per_second: 1e6 / value } };
  };
  return {
    rows: [
      row('moves by slot', ({ slots }) => slots),
      row('moves by id', ({ ids }) => ids),
      row('moves in rbush, remove and insert', ({ rbush }) => rbush),
      row('moves in Redis, GEOADD by 100', ({ redis }) => redis),
    ],
    results: {
      moves_per_second: figureOf(costs.map(({ slots }) => 1e6 / slots)),
      moves_vs_rbush: figureOf(costs.map(({ slots, rbush }) => rbush / slots)),
      moves_vs_redis: figureOf(costs.map(({ slots, redis }) => redis / slots)),
      moves_by_id_vs_redis: figureOf(costs.map(({ ids, redis }) => redis / ids)),
    },
    notes: [
      'moves: CPU time of one core; with Redis that of client and server. Peers are compared with ' +
        'moves by slot, which a stream asks for once; moves by id look it up for each fix',
      'a fix every 3 s at 5 to 10 m/s, couriers in a mixed order',
    ],
  };
}
