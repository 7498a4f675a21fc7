import type { Feature, FeatureCollection } from 'geojson';
import {
  Map as LibraryMap,
  setWorkerUrl,
  type GeoJSONSource,
  type LayerSpecification,
  type StyleSpecification,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { CityView, Place } from '../../protocol/index.ts';
import { boundsOf, hexMesh, meshResolution } from './ground.ts';
import { MapMarkers } from './map-markers.ts';
import type { Palette } from './palette.ts';

setWorkerUrl(workerUrl);

export interface MapViewOptions {
  readonly container: HTMLElement;
  readonly center: Place;
  /** Null: the ground is a mesh of hexagons, and nothing is asked of anybody. */
  readonly styleUrl: string | null;
  readonly palette: Palette;
  /** What the map itself is called, for screen readers. */
  readonly label: string;
}

const ZOOM = 13.5;
const ZOOM_MAX = 17;
const FIT_PADDING = 72;
const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

/**
 * A map of a city: ground, delivery zone, a way, and markers. It draws what it is told and knows no
 * orders. Loaded when a map is shown, with the library.
 */
export class MapView {
  /** For layers of a page's own, once `ready`. */
  readonly map: LibraryMap;
  readonly markers: MapMarkers;
  readonly ready: Promise<void>;
  readonly #hasGround: boolean;
  #palette: Palette;
  /** The reader has moved the map: it is not moved under their hands. */
  #isHeld = false;

  /** @throws Error when this device has no WebGL */
  constructor({ container, center, styleUrl, palette, label }: MapViewOptions) {
    this.#palette = palette;
    this.#hasGround = styleUrl === null;
    this.map = new LibraryMap({
      container,
      style: styleUrl ?? offlineStyle(palette),
      center,
      zoom: ZOOM,
      maxZoom: ZOOM_MAX + 2,
      attributionControl: styleUrl === null ? false : {},
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.getCanvas().setAttribute('aria-label', label);
    this.markers = new MapMarkers(this.map);
    for (const gesture of ['dragstart', 'wheel'] as const) {
      this.map.on(gesture, () => {
        this.#isHeld = true;
      });
    }
    this.ready = new Promise((resolve) => {
      void this.map.once('load', () => {
        this.#addLayers();
        resolve();
      });
    });
    this.map.on('moveend', () => this.#drawGround());
  }

  /** Colours of another theme. */
  recolor(palette: Palette): void {
    this.#palette = palette;
    for (const layer of layersOf(palette)) {
      if (this.map.getLayer(layer.id) === undefined) continue;
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as 'line-color', value as string);
      }
    }
  }

  setZone(zone: CityView['deliveryZone']): void {
    const features = zone.map(({ outer, holes }) => ({
      type: 'Feature' as const,
      properties: {},
      geometry: { type: 'Polygon' as const, coordinates: [outer, ...holes].map(closedRing) },
    }));
    this.#setData('zone', { type: 'FeatureCollection', features });
  }

  /** A way, oldest first. */
  setTrack(points: readonly Place[]): void {
    const line: Feature = {
      type: 'Feature',
      properties: {},
      geometry: { type: 'LineString', coordinates: points.map(({ lng, lat }) => [lng, lat]) },
    };
    this.#setData('track', points.length < 2 ? EMPTY : { ...EMPTY, features: [line] });
  }

  /** Shows all of them, unless the reader has moved the map; `force` is the reader's wish. */
  fit(places: readonly Place[], { force = false, animate = true } = {}): void {
    const bounds = boundsOf(places);
    if (bounds === null || (this.#isHeld && !force)) return;
    this.#isHeld = false;
    const { south, west, north, east } = bounds;
    this.map.fitBounds([west, south, east, north], {
      padding: FIT_PADDING,
      maxZoom: ZOOM_MAX,
      animate,
      linear: true,
    });
  }

  /** Shows all of them if one is out of sight, unless the reader has moved the map. */
  keepInView(places: readonly Place[]): void {
    const view = this.map.getBounds();
    if (!places.every((place) => view.contains(place))) this.fit(places);
  }

  destroy(): void {
    this.markers.clear();
    this.map.remove();
  }

  #addLayers(): void {
    for (const id of SOURCES) {
      if (this.map.getSource(id) === undefined) {
        this.map.addSource(id, { type: 'geojson', data: EMPTY });
      }
    }
    const layers = layersOf(this.#palette);
    for (const layer of layers) {
      if (layer.source === 'mesh' && !this.#hasGround) continue;
      this.map.addLayer(layer);
    }
    this.#drawGround();
  }

  #drawGround(): void {
    if (!this.#hasGround) return;
    const view = this.map.getBounds();
    const [south, west] = [view.getSouth(), view.getWest()];
    const bounds = { south, west, north: view.getNorth(), east: view.getEast() };
    this.#setData('mesh', hexMesh(bounds, meshResolution(this.map.getZoom())));
  }

  #setData(id: (typeof SOURCES)[number], data: FeatureCollection): void {
    // Drawn when its worker has cut it to tiles; a newer one that comes before takes its place.
    void this.map.getSource<GeoJSONSource>(id)?.setData(data);
  }
}

const SOURCES = ['mesh', 'zone', 'track'] as const;

function offlineStyle({ ground }: Palette): StyleSpecification {
  const layers = [
    { id: 'ground', type: 'background' as const, paint: { 'background-color': ground } },
  ];
  return { version: 8, sources: {}, layers };
}

interface Layer {
  readonly id: string;
  readonly type: 'fill' | 'line';
  readonly source: (typeof SOURCES)[number];
  readonly paint?: Record<string, unknown>;
  readonly layout?: Record<string, unknown>;
}

function layersOf(palette: Palette): (Layer & LayerSpecification)[] {
  const layers: Layer[] = [
    { id: 'mesh', type: 'fill', source: 'mesh', paint: { 'fill-color': palette.cell } },
    {
      id: 'mesh-line',
      type: 'line',
      source: 'mesh',
      paint: { 'line-color': palette.cellLine, 'line-width': 1 },
    },
    {
      id: 'zone-line',
      type: 'line',
      source: 'zone',
      paint: { 'line-color': palette.zoneLine, 'line-width': 2, 'line-dasharray': [3, 2] },
    },
    {
      id: 'track-casing',
      type: 'line',
      source: 'track',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': palette.cell, 'line-width': 8 },
    },
    {
      id: 'track',
      type: 'line',
      source: 'track',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': palette.track, 'line-width': 4 },
    },
  ];
  return layers;
}

function closedRing(ring: readonly Place[]): number[][] {
  const [first] = ring;
  return [...ring, ...(first === undefined ? [] : [first])].map(({ lng, lat }) => [lng, lat]);
}
