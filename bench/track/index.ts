import {
  followFix,
  newFixTrack,
  newTrackFilter,
  smooth,
  type MeasuredFix,
} from '../../geo/index.ts';
import { seededRandom, systemClock } from '../../runtime/index.ts';
import { figureOf, goOn, type Bench, type BenchResult, type BenchRow } from '../harness/index.ts';
import { measureAccuracy } from './accuracy.ts';
import { makeTraces, readTraces, resample, type Trace } from './traces.ts';

const SEED = 1;
const FIX_EVERY_MS = 3_000;
/** Metres on each axis: none, an open sky, a street, a narrow one, and worse. */
const NOISE_METERS = [0, 5, 10, 20, 30];
/** The noise that the results are of. */
const STREET_METERS = 10;
const ASSUMED_ACCURACY_METERS = 10;
const TIMED_FIXES = 200_000;

/**
 * How near to the truth couriers are shown, and what a fix costs on its way through check and filter.
 * The truth is the recorded trace; what the device says is the truth with noise.
 */
export const trackBench: Bench = {
  name: 'track',
  summary: 'how near to the truth couriers are shown, on made-up traces or those of --file',
  parts: ['drops', 'accuracy', 'cost'],
  async run({ options, signal, say }) {
    const isAsked = (part: string): boolean =>
      options.parts.length === 0 || options.parts.includes(part);
    const { file, repetitions } = options;
    const recorded = file === undefined ? makeTraces(seededRandom(SEED)) : await readTraces(file);
    const traces = recorded.flatMap((trace) => resample(trace, FIX_EVERY_MS));
    if (traces.length === 0) throw new Error('There is no trace of fixes a minute or less apart.');
    say(`track: ${recorded.length} traces, of which ${traces.length} parts are a known way`);
    const all: BenchResult[] = [];
    if (isAsked('drops')) all.push(countDrops(recorded));
    goOn(signal);
    if (isAsked('accuracy')) all.push(accuracy(traces));
    goOn(signal);
    if (isAsked('cost')) all.push(cost(traces, repetitions));
    return {
      rows: all.flatMap(({ rows }) => rows),
      results: Object.assign({}, ...all.map(({ results }) => results)) as BenchResult['results'],
      notes: all.flatMap(({ notes }) => notes),
    };
  },
};

/** What becomes of the fixes as they were recorded, each checked when it was made. */
function countDrops(traces: readonly Trace[]): BenchResult {
  const counts: Record<string, number> = { taken: 0 };
  for (const trace of traces) {
    const track = newFixTrack(null);
    for (const point of trace) {
      const terms = { nowMs: point.atMs, timeScale: 1, ageMsMax: 300_000 };
      const fix = { ...point, accuracyMeters: ASSUMED_ACCURACY_METERS };
      const outcome = followFix(track, fix, terms) ?? 'taken';
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  }
  return { rows: [{ what: 'fixes as recorded', figures: counts }], results: {}, notes: [] };
}

function accuracy(traces: readonly Trace[]): BenchResult {
  const measured = NOISE_METERS.map((noiseMeters) => ({
    noiseMeters,
    ...measureAccuracy(traces, noiseMeters, seededRandom(SEED)),
  }));
  const rows = measured.map(({ noiseMeters, ...figures }): BenchRow => ({
    what: `noise of ${noiseMeters} m`,
    figures: {
      raw_error_m: figures.rawErrorMeters,
      shown_error_m: figures.shownErrorMeters,
      raw_standing_m_per_min: figures.rawStandingMetersPerMinute,
      shown_standing_m_per_min: figures.shownStandingMetersPerMinute,
    },
  }));
  const street = measured.filter(({ noiseMeters }) => noiseMeters === STREET_METERS);
  const ratios = street.map((figures) => figures.shownErrorMeters / figures.rawErrorMeters);
  const wander = street.map((figures) => figures.shownStandingMetersPerMinute);
  return {
    rows,
    results: { error_vs_raw: figureOf(ratios), standing_m_per_min: figureOf(wander) },
    notes: [
      `accuracy: a fix every ${FIX_EVERY_MS / 1000} s on straight lines between recorded ones, with ` +
        'normal noise on each axis; root of the mean square of the distance to the line',
      `error_vs_raw and standing_m_per_min: at ${STREET_METERS} m of noise`,
    ],
  };
}

/** Check and filter together, all fixes of the traces again and again. */
function cost(traces: readonly Trace[], repetitions: number): BenchResult {
  const still = { speedMps: 0, headingDegrees: 0, accuracyMeters: ASSUMED_ACCURACY_METERS };
  const fixes = traces.map((trace) => trace.map((point) => ({ ...point, ...still })));
  const nsPerFix: number[] = [];
  // The first round is to warm up.
  for (let repetition = 0; repetition <= repetitions; repetition++) {
    const startedMs = systemClock.monotonicMs();
    let count = 0;
    while (count < TIMED_FIXES) for (const trace of fixes) count += followTrace(trace);
    if (repetition > 0) nsPerFix.push(((systemClock.monotonicMs() - startedMs) * 1e6) / count);
  }
  return { rows: [], results: { ns_per_fix: figureOf(nsPerFix) }, notes: [] };
}

/** @returns how many fixes it has */
function followTrace(trace: readonly MeasuredFix[]): number {
  const [track, filter] = [newFixTrack(null), newTrackFilter()];
  const shown = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  const terms = { nowMs: 0, timeScale: 1, ageMsMax: 300_000 };
  for (const fix of trace) {
    terms.nowMs = fix.atMs;
    if (followFix(track, fix, terms) === null) smooth(filter, fix, 1, shown);
  }
  return trace.length;
}
