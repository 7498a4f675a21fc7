import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { CourierIndex } from '../../geo/index.ts';
import { courierId, FleetMotion } from './fleet-motion.ts';

/** A thread that makes indexes of a fleet, and says what each took for each courier. */
const SEED = 3;
const SAMPLES = 3;

const { couriers } = workerData as { readonly couriers: number };
const fleet = new FleetMotion(couriers, SEED);
const collect = garbageCollector();
// The first counts what is made once in a thread.
bytesPerCourier();
parentPort?.postMessage(Array.from({ length: SAMPLES }, bytesPerCourier));

/** All in: shared memory, table of ids, ids. */
function bytesPerCourier(): number {
  // Grown before, so that the list itself is not counted.
  const kept: CourierIndex[] = [];
  const before = collect();
  kept.push(filledIndex());
  const after = collect();
  const [index] = kept;
  if (index === undefined) throw new Error('the index that is measured has been collected');
  const { header, slots, heads } = index.memory;
  const shared = header.byteLength + slots.byteLength + heads.byteLength;
  return (after - before + shared) / couriers;
}

/** With ids of its own: they are part of what an index keeps. */
function filledIndex(): CourierIndex {
  const index = new CourierIndex();
  for (let i = 0; i < couriers; i++) {
    const place = { lat: fleet.lat[i] ?? 0, lng: fleet.lng[i] ?? 0 };
    const id = courierId(i);
    index.move(id, { ...place, headingDegrees: 1, speedMps: 2, atMs: 3 });
    index.setAvailable(id, i % 2 === 0);
  }
  return index;
}

/** Collects all garbage and tells what is left: heap and array buffers, without shared memory. */
function garbageCollector(): () => number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  return () => {
    gc();
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
