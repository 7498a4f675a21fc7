import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  CANDIDATES_PER_ORDER_MAX,
  iterationsFor,
  Matcher,
  type PlanSnapshot,
  type Strategy,
} from '../../dispatch/index.ts';
import { CourierIndex } from '../../geo/index.ts';
import { DISPATCH_DEFAULTS } from '../../protocol/index.ts';
import { randomInteger, seededRandom, systemClock, type Random } from '../../runtime/index.ts';
import {
  figureOf,
  goOn,
  type Bench,
  type BenchContext,
  type BenchResult,
} from '../harness/index.ts';

const ORDERS = 1_000;
const COURIERS = 5_000;
const RESTAURANTS = 400;
const SIZE_METERS = 15_000;
const METERS_PER_MINUTE = 300;
/** On the equator, where a plane's metres are degrees of either kind. */
const METERS_PER_DEGREE = 111_195;
const WARM_UP_PLANS = 2;
const STRATEGIES: readonly Strategy[] = ['nearest', 'scored', 'optimal'];

/**
 * One city's epoch at the rush of a large city, in a matcher thread as the engine runs it, while the
 * main thread does nothing but watch how late its own timers are: who is near each order, read from
 * the courier index where it is, and then the plan.
 */
export const matchBench: Bench = {
  name: 'match',
  summary: `a plan for ${ORDERS} orders and ${COURIERS} couriers in a matcher thread`,
  parts: [...STRATEGIES],
  async run(context) {
    const { parts } = context.options;
    const asked = STRATEGIES.filter((name) => parts.length === 0 || parts.includes(name));
    const matcher = new Matcher(1);
    try {
      const all: BenchResult[] = [];
      for (const strategy of asked) all.push(await measure(matcher, strategy, context));
      return {
        rows: all.flatMap(({ rows }) => rows),
        results: Object.assign({}, ...all.map(({ results }) => results)) as BenchResult['results'],
        notes: [
          `${RESTAURANTS} restaurants in ${SIZE_METERS / 1000} km; a third of the couriers busy`,
          'loop delay: how late the main thread is while the matcher plans, above its 1 ms timer',
        ],
      };
    } finally {
      await matcher.close();
    }
  },
};

async function measure(
  matcher: Matcher,
  strategy: Strategy,
  { options, signal, say }: BenchContext,
): Promise<BenchResult> {
  const searchMs: number[] = [];
  const planMs: number[] = [];
  const delayMs: number[] = [];
  let trips = 0;
  for (let i = 0; i < WARM_UP_PLANS + options.repetitions; i++) {
    goOn(signal);
    const snapshot = rushHour(i);
    const index = indexOf(snapshot);
    const query = {
      ...placesOf(snapshot),
      k: CANDIDATES_PER_ORDER_MAX,
      maxMeters: DISPATCH_DEFAULTS.maxPickupDistanceMeters,
    };
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const startedMs = systemClock.monotonicMs();
    await matcher.nearby({ memory: index.memory, ...query });
    const foundMs = systemClock.monotonicMs();
    const plan = await matcher.plan(snapshot, strategy);
    const tookMs = systemClock.monotonicMs() - startedMs;
    delay.disable();
    if (i < WARM_UP_PLANS) continue;
    trips = plan.trips.length;
    planMs.push(tookMs);
    searchMs.push(foundMs - startedMs);
    // Not a number when the plan was there before the first tick.
    delayMs.push(Math.max(0, (delay.percentile(99) || 0) / 1e6 - 1));
    say(`${strategy}: ${tookMs.toFixed(0)} ms, ${trips} trips begin`);
  }
  const plan = figureOf(planMs);
  const loop = figureOf(delayMs);
  const figures = {
    plan_ms: plan.value,
    plan_ms_max: plan.max,
    of_which_search_ms: figureOf(searchMs).value,
    loop_delay_p99_ms: loop.value,
    trips,
  };
  return {
    rows: [{ what: strategy, figures }],
    results: strategy === 'optimal' ? { plan_ms: plan, loop_delay_p99_ms: loop } : {},
    notes: [],
  };
}

/** The snapshot's couriers, all available: more are found than an engine would find. */
function indexOf({ couriers }: PlanSnapshot): CourierIndex {
  const index = new CourierIndex();
  couriers.x.forEach((x, i) => {
    const place = {
      lat: (couriers.y[i] as number) / METERS_PER_DEGREE,
      lng: x / METERS_PER_DEGREE,
    };
    index.move(`k${i}`, { ...place, headingDegrees: 0, speedMps: 0, atMs: 1 });
    index.setAvailable(`k${i}`, true);
  });
  return index;
}

/** Where the orders are picked up. */
function placesOf({ orders, restaurants }: PlanSnapshot) {
  const degrees = (meters: Float64Array) =>
    Float64Array.from(orders.restaurant, (shop) => (meters[shop] as number) / METERS_PER_DEGREE);
  return { lat: degrees(restaurants.y), lng: degrees(restaurants.x) };
}

/** Orders of the last half hour, food that is ready soon, couriers everywhere. */
function rushHour(seed: number): PlanSnapshot {
  const random = seededRandom(seed);
  const places = (count: number) => ({
    x: Float64Array.from({ length: count }, () => random.next() * SIZE_METERS),
    y: Float64Array.from({ length: count }, () => random.next() * SIZE_METERS),
  });
  const numbers = (count: number, low: number, high: number): Float64Array<ArrayBuffer> =>
    Float64Array.from({ length: count }, () => randomInteger(random, low, high));
  const placedAt = numbers(ORDERS, -30, 0);
  const kitchens = places(RESTAURANTS);
  const orders = {
    ...places(ORDERS),
    restaurant: shops(random, ORDERS),
    placedAt,
    readyAt: placedAt.map((at) => at + randomInteger(random, 10, 40)),
  };
  const past = { ...places(2 * ORDERS), restaurant: shops(random, 2 * ORDERS) };
  const pastPlacedAt = numbers(2 * ORDERS, -240, 0).toSorted();
  return {
    nowMinute: 0,
    terms: {
      metersPerMinute: METERS_PER_MINUTE,
      wholeMinutes: false,
      halfPickupMinutes: 2,
      halfDropoffMinutes: 2,
      leadMinutes: 1,
      bundleMeters: 0,
      iterations: iterationsFor(ORDERS),
    },
    restaurants: kitchens,
    orders: {
      ...orders,
      toDoor: orders.x.map((x, i) => {
        const shop = orders.restaurant[i] as number;
        const [dx, dy] = [
          x - (kitchens.x[shop] as number),
          (orders.y[i] as number) - (kitchens.y[shop] as number),
        ];
        return Math.hypot(dx, dy) / METERS_PER_MINUTE;
      }),
      dueAt: placedAt.map((at) => at + DISPATCH_DEFAULTS.promiseMinutes),
      refusalStarts: new Uint32Array(ORDERS + 1),
      refusals: new Uint32Array(0),
    },
    couriers: {
      ...places(COURIERS),
      freeAt: Float64Array.from({ length: COURIERS }, (_, i) =>
        i % 3 === 0 ? randomInteger(random, 1, 30) : 0,
      ),
      offAt: numbers(COURIERS, 60, 400),
      capacity: new Int32Array(COURIERS).fill(3),
      reachMeters: new Float64Array(COURIERS).fill(DISPATCH_DEFAULTS.maxPickupDistanceMeters),
      tripMeters: new Float64Array(COURIERS).fill(Infinity),
      pace: new Float64Array(COURIERS).fill(1),
      handicap: new Float64Array(COURIERS),
      price: new Float64Array(COURIERS),
    },
    intended: null,
    past: { ...past, placedAt: pastPlacedAt, readyAt: pastPlacedAt.map((at) => at + 20) },
    seed,
  };
}

function shops(random: Random, count: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: count }, () => randomInteger(random, 0, RESTAURANTS - 1));
}
