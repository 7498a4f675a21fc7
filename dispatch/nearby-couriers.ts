import { CourierReader, type CourierMemory } from '../geo/index.ts';

/** Whom to look for: the nearest available couriers of each place. */
export interface NearbyQuery {
  /** Of the city's index; read where the writer keeps it, not copied. */
  readonly memory: CourierMemory;
  /** WGS84 degrees, one each for every place. */
  readonly lat: Float64Array<ArrayBuffer>;
  readonly lng: Float64Array<ArrayBuffer>;
  /** At most so many for each place. */
  readonly k: number;
  readonly maxMeters: number;
}

/** Everybody who is near one of the places, each once; the generation tells whose slot it was. */
export interface NearbySlots {
  readonly slots: Int32Array<ArrayBuffer>;
  readonly generations: Int32Array<ArrayBuffer>;
}

/** In a matcher thread; O(places * k), some microseconds each. */
export function nearbySlots({ memory, lat, lng, k, maxMeters }: NearbyQuery): NearbySlots {
  const reader = new CourierReader(memory);
  const generations = new Map<number, number>();
  const options = { maxMeters, availableOnly: true };
  lat.forEach((at, i) => {
    const place = { lat: at, lng: lng[i] as number };
    for (const { slot, generation } of reader.nearest(place, k, options)) {
      generations.set(slot, generation);
    }
  });
  return {
    slots: Int32Array.from(generations.keys()),
    generations: Int32Array.from(generations.values()),
  };
}
