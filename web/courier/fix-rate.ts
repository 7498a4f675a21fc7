import { metersBetween } from '../map/distance.ts';

/**
 * How often a courier's place is told. A phone that stands still says so rarely, one that moves every
 * one to three seconds, the faster the oftener; what is too vague to be of use is kept to itself. Pure.
 */
export interface Reading {
  readonly lat: number;
  readonly lng: number;
  /** Two of three readings lie within it. */
  readonly accuracyMeters: number;
  /** Null: the device does not know. */
  readonly speedMps: number | null;
  readonly headingDegrees: number | null;
  /** This device's clock. */
  readonly atMs: number;
}

/** Vaguer ones are told only when nothing better came for a while, and beyond the second never. */
const VAGUE_METERS = 75;
const USELESS_METERS = 250;
const NOTHING_BETTER_MS = 15_000;

/** Still: the engine takes one of whom it hears nothing for minutes for lost. */
export const STILL_MS = 20_000;
const STILL_MPS = 0.6;
/** A device that stands wanders about so far of its accuracy. */
const WANDER_PART = 0.7;
const WANDER_METERS_MIN = 8;

/** From so fast on, so often. */
const PACES = [
  { mps: 7, everyMs: 1_000 },
  { mps: 3, everyMs: 2_000 },
  { mps: STILL_MPS, everyMs: 3_000 },
] as const;
/** Around a corner the next place is worth more. */
const TURN_DEGREES = 35;
const MOVING_MS_MIN = 1_000;
/** A millisecond early is not early: devices read about once a second. */
const EARLY_MS = 100;

/** Whether the reading is to be told. @param last that was told; null: none yet */
export function isWorthTelling(last: Reading | null, reading: Reading): boolean {
  if (reading.accuracyMeters > USELESS_METERS) return false;
  if (last === null) return true;
  const sinceMs = reading.atMs - last.atMs + EARLY_MS;
  if (sinceMs <= EARLY_MS) return false;
  if (reading.accuracyMeters > VAGUE_METERS && reading.accuracyMeters > last.accuracyMeters) {
    return sinceMs >= NOTHING_BETTER_MS;
  }
  if (sinceMs >= STILL_MS) return true;
  if (!hasMoved(last, reading)) return false;
  if (sinceMs >= MOVING_MS_MIN && hasTurned(last, reading)) return true;
  return sinceMs >= intervalMs(speedOf(last, reading));
}

/** Whether it is elsewhere, and does not only seem so. */
export function hasMoved(last: Reading, reading: Reading): boolean {
  const wanderMeters = Math.max(WANDER_METERS_MIN, reading.accuracyMeters * WANDER_PART);
  const apart = metersBetween(last, reading);
  return (reading.speedMps ?? 0) >= STILL_MPS ? apart > 1 : apart > wanderMeters;
}

/**
 * How precisely a device has to look: `off` asks nothing of it, `saving` lets it use what it has,
 * `precise` switches its satellite receiver on.
 */
export type Listening = 'off' | 'saving' | 'precise';

/** @param stillMs since it moved last */
export function listeningFor(state: {
  readonly onDuty: boolean;
  readonly hasWork: boolean;
  readonly stillMs: number;
}): Listening {
  if (!state.onDuty && !state.hasWork) return 'off';
  return state.hasWork || state.stillMs < LONG_STILL_MS ? 'precise' : 'saving';
}

/** Whoever waits for an offer on a bench needs no satellites. */
const LONG_STILL_MS = 2 * 60_000;

function intervalMs(mps: number): number {
  return PACES.find((pace) => mps >= pace.mps)?.everyMs ?? STILL_MS;
}

function speedOf(last: Reading, reading: Reading): number {
  if (reading.speedMps !== null) return reading.speedMps;
  return metersBetween(last, reading) / ((reading.atMs - last.atMs) / 1000);
}

function hasTurned(last: Reading, reading: Reading): boolean {
  if (last.headingDegrees === null || reading.headingDegrees === null) return false;
  const apart = Math.abs(((reading.headingDegrees - last.headingDegrees + 540) % 360) - 180);
  return apart > TURN_DEGREES;
}
