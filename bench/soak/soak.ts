import { LOOP_DELAY_BOUNDS_SECONDS, required } from '../../runtime/index.ts';
import { courierSockets, Fleet } from '../fleet/fleet.ts';
import { choosePinning, figureOf, goOn, pin } from '../harness/index.ts';
import { BenchCity, type Figures } from '../orders/bench-city.ts';
import { quantileOf, type Buckets } from './histogram.ts';

/** Of the time; memory is compared after it. */
const WARM_UP_PART = 0.2;

export interface SoakOptions {
  readonly couriers: number;
  /** Fixes a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Between two looks. */
  readonly lookSeconds: number;
  /** A folder that is there, and is the soak's own. */
  readonly directory: string;
}

/** The engine at one moment of the soak. */
export interface Look {
  readonly atSeconds: number;
  readonly residentMb: number;
  /** Since the look before, from a histogram. */
  readonly loopDelayP99Ms: number;
  readonly sent: number;
  readonly taken: number;
  /** Fixes that history gave up. */
  readonly shed: number;
}

export interface SoakResult {
  readonly looks: readonly Look[];
  /** Of the last third of the time after warm-up beside the first: 0.01 is one percent more. */
  readonly memoryGrowth: number;
  /** The median of the looks after warm-up, and the worst. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayP99MsMax: number;
  /** Sent and not taken, or taken and not stored. */
  readonly lost: number;
}

/**
 * An engine under an even load for a long time.
 * @param told hears of each look
 * @throws Error when sockets were closed; Interrupted
 */
export async function soak(
  options: SoakOptions,
  signal: AbortSignal,
  told: (look: Look) => void,
): Promise<SoakResult> {
  const { couriers, directory } = options;
  const pinning = await choosePinning();
  const city = await BenchCity.start({ directory, couriers, profile: undefined });
  let fleet: Fleet | null = null;
  try {
    await city.everybodyWorks();
    if (pinning !== null) await pin(await city.serverPids(), pinning.server);
    const sockets = await courierSockets(couriers, (id) => city.token('courier', id));
    const where = { url: city.engine.facts.url, couriers: sockets, watchers: [] };
    fleet = await Fleet.connect(where, { pinning, signal });
    return summary(await watch({ city, fleet, options }, signal, told));
  } finally {
    await fleet?.stop();
    await city.stop();
  }
}

async function watch(
  { city, fleet, options }: { city: BenchCity; fleet: Fleet; options: SoakOptions },
  signal: AbortSignal,
  told: (look: Look) => void,
): Promise<Look[]> {
  const { rate, seconds, lookSeconds } = options;
  const looks: Look[] = [];
  const before = await city.figures();
  // Looked at once, so that the first delay is of the load and not of the start.
  let last = before;
  let sent = 0;
  for (let atSeconds = 0; atSeconds < seconds;) {
    goOn(signal);
    const report = await fleet.stream({
      encoding: 'binary',
      rate,
      seconds: lookSeconds,
      fixesPerFrame: 1,
    });
    sent += report.fixes;
    atSeconds += lookSeconds;
    const now = await city.figures();
    const since = (series: string): number => now(series) - before(series);
    const look = {
      atSeconds,
      residentMb: now('process_resident_memory_bytes') / 2 ** 20,
      loopDelayP99Ms: quantileOf(loopDelays(last, now), 0.99) * 1000,
      sent,
      taken: since('hexfleet_fixes_total{outcome="taken"}'),
      shed: since('hexfleet_history_fixes_shed_total'),
    };
    last = now;
    looks.push(look);
    told(look);
  }
  return looks;
}

/** What was counted between two looks. */
function loopDelays(before: Figures, now: Figures): Buckets {
  return [...LOOP_DELAY_BOUNDS_SECONDS, Number.POSITIVE_INFINITY].map((bound) => {
    const le = Number.isFinite(bound) ? String(bound) : '+Inf';
    const series = `hexfleet_loop_delay_seconds_bucket{le="${le}"}`;
    return [bound, now(series) - before(series)] as const;
  });
}

function summary(looks: readonly Look[]): SoakResult {
  const warm = looks.slice(Math.floor(looks.length * WARM_UP_PART));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const memory = (some: readonly Look[]): number =>
    figureOf(some.map(({ residentMb }) => residentMb)).value;
  const delays = figureOf(warm.map(({ loopDelayP99Ms }) => loopDelayP99Ms));
  const { sent, taken, shed } = required(looks.at(-1), 'a look');
  return {
    looks,
    memoryGrowth: memory(warm.slice(-third)) / memory(warm.slice(0, third)) - 1,
    loopDelayP99Ms: delays.value,
    loopDelayP99MsMax: delays.max,
    lost: sent - taken + shed,
  };
}
