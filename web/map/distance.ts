import type { Place } from '../../protocol/index.ts';

const EARTH_METERS = 6_371_008.8;

/** As the crow flies. Source: the haversine formula, on a sphere. */
export function metersBetween(a: Place, b: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const lat = Math.sin(radians(b.lat - a.lat) / 2);
  const lng = Math.sin(radians(b.lng - a.lng) / 2);
  const part = lat * lat + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * lng * lng;
  return 2 * EARTH_METERS * Math.asin(Math.sqrt(Math.min(1, part)));
}
