import { parentPort, workerData } from 'node:worker_threads';
import { CourierReader, type CourierMemory } from '../../geo/index.ts';
import { systemClock } from '../../runtime/index.ts';
import { percentile } from '../harness/index.ts';
import { SEARCH_COUNT, SEARCH_METERS } from './contenders.ts';
import type { Point } from './fleet-motion.ts';

/** A thread that searches in the memory of an index which another thread writes, and says how it went. */
const { memory, places } = workerData as {
  readonly memory: CourierMemory;
  readonly places: readonly Point[];
};
const reader = new CourierReader(memory);
const options = { maxMeters: SEARCH_METERS, availableOnly: true };
const microseconds = places.map((place) => {
  const startedMs = systemClock.monotonicMs();
  reader.nearest(place, SEARCH_COUNT, options);
  return (systemClock.monotonicMs() - startedMs) * 1000;
});
const { disturbed, scans } = reader.counts;
const [p50Us, p99Us] = [percentile(microseconds, 0.5), percentile(microseconds, 0.99)];
parentPort?.postMessage({ p50Us, p99Us, disturbed, scans });
