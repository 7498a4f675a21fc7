import { figureOf, goOn, type BenchContext, type BenchResult } from '../harness/index.ts';
import { bruteNearest, mustAgree } from './brute-force.ts';
import { OurIndex } from './contenders.ts';
import { at, cpuSecondsFor, microsecondsOfEach } from './cost.ts';
import { FleetMotion } from './fleet-motion.ts';
import type { IndexLoad } from './load.ts';
import { bytesPerCourier } from './memory.ts';

const SEED = 3;
/** A few of these: brute force over a million takes its time. */
const CHECKS_MAX = 5;

interface FleetCosts {
  readonly steadyNs: number;
  readonly mixedNs: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Fleets of different size that stand as close together: what a move and a search cost in each. */
export async function measureGrowth(load: IndexLoad, context: BenchContext): Promise<BenchResult> {
  const { signal, say, options } = context;
  const rows: BenchResult['rows'][number][] = [];
  for (const couriers of load.fleets) {
    const bytes = await bytesPerCourier(couriers);
    const [steady, mixed] = [world(couriers, 'steady'), world(couriers, 'mixed')];
    const costs: FleetCosts[] = [];
    for (let turn = 0; turn <= options.repetitions; turn++) {
      goOn(signal);
      const taken = await oneTurn(steady, mixed, load);
      if (turn > 0) costs.push(taken);
    }
    const median = (cost: (costs: FleetCosts) => number): number => figureOf(costs.map(cost)).value;
    const figures = {
      move_ns_steady_order: median(({ steadyNs }) => steadyNs),
      move_ns_mixed_order: median(({ mixedNs }) => mixedNs),
      nearest_p50_us: median(({ p50Us }) => p50Us),
      nearest_p99_us: median(({ p99Us }) => p99Us),
      bytes_per_courier: bytes.value,
    };
    rows.push({ what: `${couriers.toLocaleString('en-US')} couriers`, figures });
    say(`growth: ${couriers} couriers, ${figures.move_ns_steady_order.toFixed(0)} ns a move`);
  }
  return {
    rows,
    results: {},
    notes: [
      'growth: steady order is that in which couriers were first seen; in a mixed order of more ' +
        "couriers than the processor's caches hold, each move waits for memory",
    ],
  };
}

interface World {
  readonly fleet: FleetMotion;
  readonly ours: OurIndex;
}

function world(couriers: number, order: 'mixed' | 'steady'): World {
  const fleet = new FleetMotion(couriers, SEED, order);
  return { fleet, ours: new OurIndex(fleet) };
}

async function oneTurn(steady: World, mixed: World, load: IndexLoad): Promise<FleetCosts> {
  const moveNs = async ({ fleet, ours }: World): Promise<number> => {
    const count = load.moves * load.laps;
    const moves = fleet.next(count);
    const held = ours.heldOf(moves);
    return ((await cpuSecondsFor(() => ours.moveHeld(held, moves))) * 1e9) / count;
  };
  const costs = { steadyNs: await moveNs(steady), mixedNs: await moveNs(mixed) };
  const { fleet, ours } = mixed;
  const places = fleet.places(load.searches);
  const each = microsecondsOfEach(places, (place) => ours.nearest(place));
  for (const place of places.slice(0, Math.min(CHECKS_MAX, load.checks))) {
    mustAgree('the index', ours.nearest(place), bruteNearest(fleet, place));
  }
  return { ...costs, p50Us: at(0.5, each), p99Us: at(0.99, each) };
}
