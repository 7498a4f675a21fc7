import { readFile } from 'node:fs/promises';
import { moveBy, planeMeters, type Place } from '../../geo/index.ts';
import { randomInteger, utcMs, type Random } from '../../runtime/index.ts';

export interface TracePoint extends Place {
  readonly atMs: number;
}

/** Where one courier was, oldest first. */
export type Trace = readonly TracePoint[];

/** Between fixes that are farther apart nobody knows the way. */
const GAP_MS_MAX = 60_000;
/** What is faster is an error of the receiver, and no way. */
const SPEED_MPS_MAX = 50;
const POINTS_MIN = 20;
const MADE_UP_TRACES = 40;
const MADE_UP_SECONDS = 3_600;
const START_MS = 1_700_000_000_000;

/**
 * @param file CSV with a head line: longitude, latitude, timestamp (UTC), id
 * @returns a trace for each id; lines of one moment, or that cannot be read, are left out
 */
export async function readTraces(file: string): Promise<Trace[]> {
  const byId = new Map<string, TracePoint[]>();
  for (const line of (await readFile(file, 'utf8')).split('\n').slice(1)) {
    const [lng, lat, timestamp, id] = line.trim().split(',');
    if (id === undefined) continue;
    const point = { lat: Number(lat), lng: Number(lng), atMs: utcMs(timestamp ?? '') };
    if (!Number.isFinite(point.lat + point.lng + point.atMs)) continue;
    const points = byId.get(id);
    if (points === undefined) byId.set(id, [point]);
    else points.push(point);
  }
  return [...byId.values()].map((points) => points.sort((a, b) => a.atMs - b.atMs));
}

/** Couriers who drive along streets at right angles, and stand for minutes where they arrive. */
export function makeTraces(random: Random): Trace[] {
  return Array.from({ length: MADE_UP_TRACES }, () => {
    const place = { lat: 52.5, lng: 13.4 };
    const points: TracePoint[] = [];
    const stay = (seconds: number, eastMps: number, northMps: number): void => {
      for (let i = 0; i < seconds; i++) {
        moveBy(place, eastMps, northMps);
        points.push({ ...place, atMs: START_MS + points.length * 1000 });
      }
    };
    while (points.length < MADE_UP_SECONDS) {
      for (let leg = 0; leg < 5; leg++) {
        const mps = randomInteger(random, 3, 12) * (random.next() < 0.5 ? -1 : 1);
        const seconds = randomInteger(random, 20, 120);
        stay(seconds, leg % 2 === 0 ? mps : 0, leg % 2 === 0 ? 0 : mps);
      }
      stay(randomInteger(random, 120, 600), 0, 0);
    }
    return points;
  });
}

/**
 * The trace as it would have been with a fix every so often: a straight way at an even speed between
 * the fixes that there are. Cut where these are too far apart, in time or in speed.
 */
export function resample(trace: Trace, everyMs: number): Trace[] {
  const parts: TracePoint[][] = [[]];
  for (const [i, to] of trace.entries()) {
    const from = trace[i - 1];
    const part = parts.at(-1);
    if (from === undefined || part === undefined) continue;
    if (!isWay(from, to)) parts.push([]);
    else appendWay(part, from, to, everyMs);
  }
  return parts.filter((part) => part.length >= POINTS_MIN);
}

function isWay(from: TracePoint, to: TracePoint): boolean {
  const ms = to.atMs - from.atMs;
  return ms > 0 && ms <= GAP_MS_MAX && planeMeters(from, to) <= (SPEED_MPS_MAX * ms) / 1000;
}

function appendWay(part: TracePoint[], from: TracePoint, to: TracePoint, everyMs: number): void {
  const ms = to.atMs - from.atMs;
  let atMs = (part.at(-1)?.atMs ?? from.atMs - everyMs) + everyMs;
  for (; atMs < to.atMs; atMs += everyMs) {
    const done = Math.max(0, (atMs - from.atMs) / ms);
    const lat = from.lat + (to.lat - from.lat) * done;
    part.push({ lat, lng: from.lng + (to.lng - from.lng) * done, atMs });
  }
}
