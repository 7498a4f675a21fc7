import {
  figureOf,
  percentile,
  type BenchContext,
  type BenchResult,
  type BenchRow,
} from '../harness/index.ts';
import type { BenchCity } from './bench-city.ts';
import { latencyMs } from './load.ts';
import { LivingCity, type Lives } from './living-city.ts';

const SECONDS = 8;
const RATE = { first: 100, step: 50 };
const PLACEMENT_P99_MS_MAX = 100;
/** Who needs longer after the last order to deliver all is falling behind. */
const CATCH_UP_MS = 5_000;
const WARM_UP = { rate: RATE.first, seconds: 5, patienceMs: 30_000 };
/** On a shared machine one bad step may be somebody else's: it is tried again. */
const TRIES = 2;

/** Whole lives at a rising rate, until placements become slow or orders pile up. */
export async function measureCeiling(
  city: BenchCity,
  { options, signal, say }: BenchContext,
): Promise<BenchResult> {
  const living = await LivingCity.start(city, options.couriers, signal);
  const seconds = options.seconds ?? SECONDS;
  const rows: BenchRow[] = [];
  let last = 0;
  try {
    await living.live({ ...WARM_UP, seconds: Math.min(WARM_UP.seconds, seconds) }, signal);
    for (let rate = RATE.first; rate <= options.rateMax; rate += RATE.step) {
      let passed = false;
      for (let tries = 1; tries <= TRIES && !passed; tries++) {
        await city.settle(signal);
        const lives = await living.live({ rate, seconds, patienceMs: CATCH_UP_MS }, signal);
        passed = isGood(lives);
        rows.push(row(rate, lives));
        say(`ceiling: ${rate} orders/s ${passed ? 'is carried' : `is too much: ${why(lives)}`}`);
      }
      if (!passed) break;
      last = rate;
    }
  } finally {
    await living.stop();
  }
  return {
    rows,
    results: last === 0 ? {} : { lives_per_second_max: figureOf([last]) },
    notes: [
      `ceiling: the highest rate, of steps of ${RATE.step} for ${seconds} s, at which placements ` +
        `have a p99 of at most ${PLACEMENT_P99_MS_MAX} ms and all is delivered ` +
        `${CATCH_UP_MS / 1000} s after the last click${last === 0 ? '; even the first failed' : ''}`,
    ],
  };
}

function isGood(lives: Lives): boolean {
  return why(lives) === '';
}

function why({ placements, undelivered }: Lives): string {
  const p99Ms = latencyMs(placements, 0.99);
  if (!(p99Ms <= PLACEMENT_P99_MS_MAX)) return `p99 ${Math.round(p99Ms)} ms`;
  return undelivered > 0 ? `${undelivered} orders late` : '';
}

function row(rate: number, { placements, clickToDeliveredMs, undelivered }: Lives): BenchRow {
  return {
    what: `ceiling, ${rate}/s`,
    figures: {
      placement_p50_ms: latencyMs(placements, 0.5),
      placement_p99_ms: latencyMs(placements, 0.99),
      delivered_p50_ms: percentile(clickToDeliveredMs, 0.5),
      delivered_p99_ms: percentile(clickToDeliveredMs, 0.99),
      late: undelivered,
    },
  };
}
