import { join } from 'node:path';
import { HexfleetApi } from '../../clients/ts/index.ts';
import type { OrderView } from '../../protocol/index.ts';
import { randomInteger, seededRandom, sleep, systemClock } from '../../runtime/index.ts';
import { ActorProcesses } from '../actors/actor-process.ts';
import { readDay, spanOf, type Day } from '../days/index.ts';
import { checkInvariants, EngineProcess } from '../engine-process/index.ts';
import { provision } from '../world/provision.ts';
import { signToken } from '../world/tokens.ts';
import { wallMsAt, wallMsOf, worldOf, type World } from '../world/world.ts';
import type { ReplayOptions } from './options.ts';
import { Progress } from '../progress.ts';
import type { ReplayResult } from './report.ts';
import { Tally } from './tally.ts';

const CITY_ID = 'replay';
/** City minutes before the first order in which couriers and restaurants come up; at least 2 s. */
const LEAD_MINUTES = 5;
const LEAD_MS_MIN = 2_000;
/** City hours after the last order at which whatever has no end counts as lost; at least 20 s. */
const PATIENCE_SECONDS = 3 * 3600;
const PATIENCE_MS_MIN = 20_000;
const DOWN_MS = 500;

/**
 * The day that is to be played.
 * @throws Error which names the option that is wrong
 */
export async function readOptionsDay(options: ReplayOptions): Promise<Day> {
  const day = await readDay(options.day).catch((error: unknown) => {
    throw new Error(`--day: ${error instanceof Error ? error.message : String(error)}`);
  });
  return between(day, options.from, options.to);
}

/** Plays the day; Ctrl-C (an aborted `signal`) ends it early with what there is. */
export async function runReplay(
  options: ReplayOptions,
  day: Day,
  signal: AbortSignal,
): Promise<ReplayResult> {
  const startedAtMs = systemClock.monotonicMs();
  const engine = await EngineProcess.start({
    dataDir: join(options.out, 'data'),
    logFile: join(options.out, 'engine.log'),
    freePorts: true,
    env: {
      TIME_SCALE: String(options.speed),
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
    },
  });
  try {
    const world = await prepareWorld(day, engine, options);
    const tally = new Tally(day.orders.length, day.terms.targetClickToDoorMinutes);
    const kills = await play(world, { engine, tally, options, signal });
    const orders = await readOrders(world, tally);
    const invariants = await checkInvariants(engine.facts);
    return {
      ...tally.result(orders, options),
      engine_kills: kills,
      invariants,
      wall_seconds: (systemClock.monotonicMs() - startedAtMs) / 1000,
    };
  } finally {
    await engine.stop();
  }
}

function between(day: Day, from = -Infinity, to = Infinity): Day {
  const orders = day.orders.filter((o) => o.placedAtMinute >= from && o.placedAtMinute <= to);
  if (orders.length === 0) throw new Error('--from, --to: the day has no orders in that time');
  return { ...day, orders };
}

async function prepareWorld(
  day: Day,
  engine: EngineProcess,
  options: ReplayOptions,
): Promise<World> {
  const [lat = 0, lng = 0] = options.anchor.split(',').map(Number);
  const leadMinutes = Math.max(LEAD_MINUTES, (LEAD_MS_MIN / 60_000) * options.speed);
  const at = (startsAtMs: number): World =>
    worldOf(
      day,
      {
        url: engine.facts.url,
        jwtSecret,
        cityId: CITY_ID,
        seed: options.seed,
        noise: options.noise,
        schedule: {
          startsAtMs,
          fromMinute: spanOf(day).fromMinute - leadMinutes,
          timeScale: options.speed,
        },
      },
      { lat, lng },
    );
  const jwtSecret = await engine.jwtSecret();
  await provision(at(0), options.strategy);
  // The day begins when everything is there, however long that took.
  return at(systemClock.nowMs());
}

/** @returns how often the engine was killed */
async function play(
  world: World,
  deps: { engine: EngineProcess; tally: Tally; options: ReplayOptions; signal: AbortSignal },
): Promise<number> {
  const { engine, tally, options, signal } = deps;
  const progress = new Progress(world.orders.length, 'orders ended');
  const broken = new AbortController();
  const actors = new ActorProcesses(world, {
    onReport: (report) => tally.take(report),
    broken: (error) => broken.abort(error),
  });
  const over = AbortSignal.any([signal, broken.signal]);
  const killing = killNowAndThen(engine, world, { options, over });
  try {
    const patienceMs = Math.max(PATIENCE_MS_MIN, wallMsOf(world.schedule, PATIENCE_SECONDS));
    const lastMinute = Math.max(...world.orders.map((order) => order.placedAtMinute));
    const deadlineMs = wallMsAt(world.schedule, lastMinute) + patienceMs;
    while (!tally.isComplete && !over.aborted && systemClock.nowMs() < deadlineMs) {
      await sleep(200, over);
      progress.update(tally.ended, tally.note());
    }
    broken.signal.throwIfAborted();
  } finally {
    broken.abort(new Error('the day is over'));
    await actors.stop();
    progress.stop();
  }
  return await killing;
}

/** At moments drawn from the seed, spread over the time in which orders are placed. */
async function killNowAndThen(
  engine: EngineProcess,
  world: World,
  { options, over }: { options: ReplayOptions; over: AbortSignal },
): Promise<number> {
  const random = seededRandom(options.seed);
  const minutes = world.orders.map((order) => order.placedAtMinute);
  const [first, last] = [Math.min(...minutes), Math.max(...minutes)];
  const times = options['kill-engine'];
  const moments = Array.from({ length: times }, () => randomInteger(random, first, last));
  let kills = 0;
  for (const minute of moments.toSorted((a, b) => a - b)) {
    await sleep(wallMsAt(world.schedule, minute) - systemClock.nowMs(), over);
    if (over.aborted) break;
    await engine.kill();
    await sleep(DOWN_MS);
    await engine.restart();
    kills += 1;
  }
  return kills;
}

/** Every order with its timeline, from the engine itself. */
async function readOrders(world: World, tally: Tally): Promise<readonly OrderView[]> {
  const token = await signToken(world, 'operator', 'replay');
  const api = new HexfleetApi({ url: world.url, token });
  const rest = tally.orderIds.values();
  const orders: OrderView[] = [];
  const lane = async (): Promise<void> => {
    for (const orderId of rest) orders.push(await api.order(orderId));
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return orders;
}
