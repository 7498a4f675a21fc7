import type { Feature, FeatureCollection, GeoJsonProperties } from 'geojson';
import { cellToBoundary, polygonToCells } from 'h3-js';
import type { Place } from '../../protocol/index.ts';

/** What is under the markers when there are no streets: the hexagons that the engine itself counts by. */

export interface Bounds {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/**
 * Of H3: a cell of resolution 9 is 85 pixels wide at zoom 13.5 (at 50 degrees north), and each resolution
 * is 2.65 times finer, which is 1.4 zooms.
 */
const ANCHOR = { resolution: 9, zoom: 13.5, zoomsPerResolution: 1.4 };
const RESOLUTION_MIN = 3;
const RESOLUTION_MAX = 12;
/** More is none to look at, and comes of a view of half the globe, where the mesh is left out. */
const DEGREES_MAX = 40;

export function meshResolution(zoom: number): number {
  const finer = (zoom - ANCHOR.zoom) / ANCHOR.zoomsPerResolution;
  const resolution = Math.round(ANCHOR.resolution + finer);
  return Math.min(RESOLUTION_MAX, Math.max(RESOLUTION_MIN, resolution));
}

/** The cells that lie in the view, and a bit around it; none for a view that is too wide. */
export function hexMesh(view: Bounds, resolution: number): FeatureCollection {
  const { south, west, north, east } = grown(view);
  const isWide = east - west > DEGREES_MAX || north - south > DEGREES_MAX;
  const ring = [
    [south, west],
    [south, east],
    [north, east],
    [north, west],
  ];
  const cells = isWide ? [] : polygonToCells(ring, resolution);
  return { type: 'FeatureCollection', features: cells.map((cell) => cellFeature(cell)) };
}

/** One cell as the map draws it. @param cell of H3 @param properties for the style */
export function cellFeature(cell: string, properties: GeoJsonProperties = {}): Feature {
  return {
    type: 'Feature',
    properties,
    geometry: { type: 'Polygon', coordinates: [cellToBoundary(cell, true)] },
  };
}

export function boundsOf(places: readonly Place[]): Bounds | null {
  if (places.length === 0) return null;
  const lats = places.map(({ lat }) => lat);
  const lngs = places.map(({ lng }) => lng);
  return {
    south: Math.min(...lats),
    west: Math.min(...lngs),
    north: Math.max(...lats),
    east: Math.max(...lngs),
  };
}

/** So that dragging a bit shows no edge. */
function grown({ south, west, north, east }: Bounds): Bounds {
  const lat = (north - south) / 4;
  const lng = (east - west) / 4;
  return {
    south: Math.max(-85, south - lat),
    west: west - lng,
    north: Math.min(85, north + lat),
    east: east + lng,
  };
}
