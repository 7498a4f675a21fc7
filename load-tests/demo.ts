import { join, relative } from 'node:path';
import { z } from 'zod';
import {
  interrupted,
  readConfig,
  runCommand,
  seededRandom,
  sleep,
  systemClock,
  type Config,
} from '../runtime/index.ts';
import { ActorProcesses } from './actors/actor-process.ts';
import { provisionGuests } from './demo/guests.ts';
import { Screen } from './demo/screen.ts';
import { SimulatedCity } from './demo/simulated-city.ts';
import { EngineProcess } from './engine-process/index.ts';
import { provision } from './world/provision.ts';
import { signToken } from './world/tokens.ts';
import { wallMsOf, type World } from './world/world.ts';

const HELP = `Usage: npm run demo

Starts the engine with a simulated city: 30 restaurants, 60 couriers, and customers who order all the
time, each a client of the engine's sockets. A restaurant and a courier more are played by nobody: be
them at the pages. Time runs 60 times as fast as life; TIME_SCALE changes that (2 leaves time to click), and every other variable of the engine works too (npm start -- --help). Ctrl-C ends it.

Exit code: 0 when it was ended; 2 for a wrong call or configuration, and when something broke.
`;

const TIME_SCALE = '60';
/** City seconds between two orders, on average: as many as 60 couriers can carry. */
const SECONDS_BETWEEN_ORDERS = 45;
const STATUS_MS = process.stdout.isTTY ? 500 : 5_000;

await runCommand({
  help: HELP,
  options: z.object({}),
  async run() {
    await demo(readConfig({ TIME_SCALE, ...process.env }));
    return true;
  },
});

async function demo(config: Config): Promise<void> {
  // From the beginning: Ctrl-C during the start must not leave an engine behind.
  const signal = interrupted();
  const screen = new Screen();
  screen.say('Starting PostgreSQL and the engine ...');
  const logFile = join(config.HEXFLEET_DATA_DIR, 'engine.log');
  const engine = await EngineProcess.start({
    dataDir: config.HEXFLEET_DATA_DIR,
    logFile,
    freePorts: false,
    env: { TIME_SCALE: String(config.TIME_SCALE) },
  });
  try {
    const city = await prepareCity(engine);
    await showWhereToLook(city.world, engine, { screen, logFile });
    await live(city, screen, signal);
    screen.say('\nStopping ...');
  } finally {
    const code = await engine.stop();
    screen.say(code === 0 ? 'Stopped. The next start finds everything again.' : 'Killed.');
  }
}

async function prepareCity(engine: EngineProcess): Promise<SimulatedCity> {
  const { url, timeScale } = engine.facts;
  const city = new SimulatedCity({
    url,
    jwtSecret: await engine.jwtSecret(),
    seed: 1,
    schedule: { startsAtMs: systemClock.nowMs(), fromMinute: 0, timeScale },
  });
  await provision(city.world);
  await provisionGuests(city.world);
  return city;
}

async function showWhereToLook(
  world: World,
  engine: EngineProcess,
  { screen, logFile }: { screen: Screen; logFile: string },
): Promise<void> {
  const { url, opsUrl, timeScale } = engine.facts;
  const operator = await signToken(world, 'operator', 'you');
  const customer = await signToken(world, 'customer', 'you');
  screen.say(`
  The pages            ${url}
  REST and WebSocket   ${url}/v1, ${url.replace('http', 'ws')}/v1/ws
  What can be said     ${url}/docs
  Health and metrics   ${opsUrl}/health/ready, ${opsUrl}/metrics
  The engine's log     ${relative('.', logFile)}
  City time            ${timeScale} times as fast as life

  Tokens, good for a day; paste these lines into another terminal:
  OPERATOR=${operator}
  CUSTOMER=${customer}
  curl -s ${url}/v1/restaurants -H "Authorization: Bearer $CUSTOMER"

  Ctrl-C ends it.
`);
}

/** Lets the actors act, and customers come, until `signal` aborts. */
async function live(city: SimulatedCity, screen: Screen, signal: AbortSignal): Promise<void> {
  const { world } = city;
  const broken = new AbortController();
  const actors = new ActorProcesses(world, {
    onReport: (report) => {
      screen.take(report);
      if (report.kind !== 'ended' || report.state === 'CANCELLED' || screen.delivered !== 1) return;
      const order = `${world.url}/v1/orders/${report.orderId}`;
      screen.say(`  Its story:  curl -s ${order} -H "Authorization: Bearer $OPERATOR"`);
    },
    broken: (error) => broken.abort(error),
  });
  const status = setInterval(() => screen.showStatus(STATUS_MS / 1000), STATUS_MS);
  const over = AbortSignal.any([signal, broken.signal]);
  const random = seededRandom(world.seed);
  try {
    while (!over.aborted) {
      // Exponential gaps: customers know nothing of each other.
      const gapSeconds = -Math.log(1 - random.next()) * SECONDS_BETWEEN_ORDERS;
      await sleep(wallMsOf(world.schedule, gapSeconds), over);
      if (!over.aborted) actors.placeOrder(city.nextOrder(0));
    }
    broken.signal.throwIfAborted();
  } finally {
    clearInterval(status);
    screen.endStatus();
    await actors.stop();
  }
}
