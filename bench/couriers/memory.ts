import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CourierIndex } from '../../geo/index.ts';
import { courierId, type FleetMotion } from './fleet-motion.ts';

/** What an index of this fleet takes for each courier, all in: shared memory, table of ids, ids. */
export function bytesPerCourier(fleet: FleetMotion): number {
  const collect = garbageCollector();
  const couriers = fleet.ids.length;
  // Grown before, so that the list itself is not counted.
  const kept: CourierIndex[] = [];
  const before = collect();
  kept.push(filledIndex(fleet));
  const after = collect();
  const [index] = kept;
  if (index === undefined) throw new Error('the index that is measured has been collected');
  const { header, slots, heads } = index.memory;
  const shared = header.byteLength + slots.byteLength + heads.byteLength;
  return (after - before + shared) / couriers;
}

/** With ids of its own: they are part of what an index keeps. */
function filledIndex(fleet: FleetMotion): CourierIndex {
  const index = new CourierIndex();
  for (let i = 0; i < fleet.ids.length; i++) {
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
