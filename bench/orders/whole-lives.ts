import { checkInvariants } from '../../load-tests/engine-process/index.ts';
import {
  figureOf,
  percentile,
  type BenchContext,
  type BenchResult,
  type Figure,
} from '../harness/index.ts';
import type { BenchCity } from './bench-city.ts';
import { describeRefusals, latencyMs } from './load.ts';
import { LivingCity, type Lives } from './living-city.ts';
import { difference } from './placements.ts';

const SECONDS = 60;
const WARM_UP_SECONDS = 5;
const PATIENCE_MS = 30_000;

/**
 * Orders at a fixed rate that are paid, cooked, carried and delivered. Restaurants and couriers answer
 * at once, so what is left of click-to-delivered is the engine's own: payments, the relay, the wait
 * for dispatch's next epoch. The load is open-loop, and its latencies count from the moment at which a
 * request was due.
 */
export async function measureWholeLives(
  city: BenchCity,
  { options, signal, say }: BenchContext,
): Promise<BenchResult> {
  const { rate, couriers } = options;
  const living = await LivingCity.start(city, couriers, signal);
  try {
    const patienceMs = PATIENCE_MS;
    const seconds = options.seconds ?? SECONDS;
    say('lives: warming up');
    const warmUpSeconds = Math.min(WARM_UP_SECONDS, seconds);
    await living.live({ rate, seconds: warmUpSeconds, patienceMs }, signal);
    await city.settle(signal);
    say(`lives: ${rate} orders/s for ${seconds} s`);
    const before = { cpu: await city.cpuSeconds(), load: await living.cpuSeconds() };
    const lives = await living.live({ rate, seconds, patienceMs }, signal);
    const settled = await city.settle(signal);
    const after = { cpu: await city.cpuSeconds(), load: await living.cpuSeconds() };
    const cpu = difference(after.cpu, before.cpu);
    const loadSeconds =
      after.load === null || before.load === null ? null : after.load - before.load;
    const broken = Object.entries(await checkInvariants(city.engine.facts)).filter(
      ([, violations]) => violations > 0,
    );
    return {
      ...figures(lives, { ...cpu, load: loadSeconds }, rate),
      notes: [
        `lives: ${couriers} couriers, ${rate} orders/s for ${seconds} s, open loop`,
        ...complaints(lives),
        ...(settled ? [] : ['lives: payments or events were still waiting at the end']),
        ...broken.map(([name, n]) => `lives: the invariant ${name} is broken ${n} times`),
      ],
    };
  } finally {
    await living.stop();
  }
}

type CpuByPart = Readonly<Record<'engine' | 'postgres' | 'payments' | 'load', number | null>>;

function figures(lives: Lives, cpu: CpuByPart, rate: number): Omit<BenchResult, 'notes'> {
  const { placements, clickToDeliveredMs, undelivered } = lives;
  const delivered = clickToDeliveredMs.length;
  const each = (seconds: number | null): number | null =>
    seconds === null || delivered === 0 ? null : (seconds * 1000) / delivered;
  const latencies = {
    lives_placement_p50_ms: latencyMs(placements, 0.5),
    lives_placement_p99_ms: latencyMs(placements, 0.99),
    lives_click_to_delivered_p50_ms: percentile(clickToDeliveredMs, 0.5),
    lives_click_to_delivered_p99_ms: percentile(clickToDeliveredMs, 0.99),
  };
  const cpuMs = {
    lives_engine_cpu_ms_per_order: each(cpu.engine),
    lives_postgres_cpu_ms_per_order: each(cpu.postgres),
    lives_payments_cpu_ms_per_order: each(cpu.payments),
  };
  const errors = Object.values(lives.refused).reduce((sum, times) => sum + times, 0);
  const counts = {
    lives_delivered: delivered,
    lives_undelivered: undelivered,
    lives_errors: errors,
  };
  return {
    rows: [
      {
        what: `lives at ${rate}/s`,
        figures: {
          delivered,
          undelivered,
          errors,
          placement_p50_ms: latencies.lives_placement_p50_ms,
          placement_p99_ms: latencies.lives_placement_p99_ms,
          delivered_p50_ms: latencies.lives_click_to_delivered_p50_ms,
          delivered_p99_ms: latencies.lives_click_to_delivered_p99_ms,
          cpu_ms_engine: cpuMs.lives_engine_cpu_ms_per_order,
          cpu_ms_postgres: cpuMs.lives_postgres_cpu_ms_per_order,
          cpu_ms_payments: cpuMs.lives_payments_cpu_ms_per_order,
          cpu_ms_load: each(cpu.load),
        },
      },
    ],
    results: onlyKnown({ ...counts, ...latencies, ...cpuMs }),
  };
}

/** Measured once: a figure without a spread. */
function onlyKnown(values: Readonly<Record<string, number | null>>): Record<string, Figure> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null || Number.isNaN(value) ? [] : [[name, figureOf([value])]],
    ),
  );
}

function complaints({ refused, undelivered }: Lives): string[] {
  const refusals = describeRefusals(refused);
  return [
    ...(refusals === '' ? [] : [`refused: ${refusals}`]),
    ...(undelivered === 0 ? [] : [`${undelivered} orders were not delivered in time`]),
  ];
}
