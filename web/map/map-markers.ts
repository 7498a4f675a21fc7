import { Marker, type Map as LibraryMap } from 'maplibre-gl';
import type { Place } from '../../protocol/index.ts';
import type { Motion, Pose } from './motion.ts';

export type MarkerKind = 'restaurant' | 'door' | 'courier';

export interface MapMarker {
  readonly key: string;
  readonly kind: MarkerKind;
  /** What it is, for screen readers, and beside the marker where there is room. */
  readonly label: string;
  readonly place: Place;
}

/** A courier who moves; where it is is asked for with each picture. */
export interface MovingMarker {
  readonly key: string;
  readonly label: string;
  readonly motion: Motion;
  /** Nothing was heard for a while: shown as what it was last. */
  readonly stale: boolean;
}

interface Shown {
  readonly marker: Marker;
  readonly element: HTMLElement;
}

const STILL = matchMedia('(prefers-reduced-motion: reduce)');

/** The few markers of a map, as elements of the page, so that they have names and the page's fonts. */
export class MapMarkers {
  readonly #map: LibraryMap;
  readonly #shown = new Map<string, Shown>();
  #moving: readonly MovingMarker[] = [];
  #nowMs: () => number = () => 0;
  #frame = 0;

  constructor(map: LibraryMap) {
    this.#map = map;
  }

  /** These, and of those that stand no others. */
  setPlaces(markers: readonly MapMarker[]): void {
    const keys = new Set([...markers, ...this.#moving].map(({ key }) => key));
    for (const key of this.#shown.keys()) if (!keys.has(key)) this.#remove(key);
    for (const { key, kind, label, place } of markers) {
      this.#show(key, kind, { label, place });
    }
  }

  /** @param nowMs the engine's clock */
  setMoving(moving: readonly MovingMarker[], nowMs: () => number): void {
    const keys = new Set(moving.map(({ key }) => key));
    for (const { key } of this.#moving) if (!keys.has(key)) this.#remove(key);
    this.#moving = moving;
    this.#nowMs = nowMs;
    cancelAnimationFrame(this.#frame);
    this.#move();
  }

  clear(): void {
    cancelAnimationFrame(this.#frame);
    for (const key of this.#shown.keys()) this.#remove(key);
    this.#moving = [];
  }

  /** One picture; the next is asked for as long as somebody moves. */
  #move(): void {
    const nowMs = this.#nowMs();
    let isMoving = false;
    for (const { key, label, motion, stale } of this.#moving) {
      const pose = STILL.matches ? motion.newest : motion.at(nowMs);
      if (pose === null) continue;
      const { element } = this.#show(key, 'courier', { label, place: pose });
      element.dataset['stale'] = String(stale);
      turnArrow(element, pose);
      isMoving ||= !STILL.matches && motion.isMoving;
    }
    if (isMoving) this.#frame = requestAnimationFrame(() => this.#move());
  }

  #show(
    key: string,
    kind: MarkerKind,
    { label, place }: Pick<MapMarker, 'label' | 'place'>,
  ): Shown {
    const known = this.#shown.get(key);
    if (known !== undefined) {
      known.marker.setLngLat(place);
      known.element.setAttribute('aria-label', label);
      return known;
    }
    const element = markerElement(kind, label);
    const anchor = kind === 'courier' ? 'center' : 'bottom';
    const marker = new Marker({ element, anchor }).setLngLat(place).addTo(this.#map);
    // The library gives each marker the same name.
    element.setAttribute('aria-label', label);
    const shown = { marker, element };
    this.#shown.set(key, shown);
    return shown;
  }

  #remove(key: string): void {
    this.#shown.get(key)?.marker.remove();
    this.#shown.delete(key);
  }
}

function turnArrow(element: HTMLElement, { headingDegrees }: Pose): void {
  const arrow = element.querySelector<HTMLElement>('.marker-heading');
  if (arrow !== null) arrow.style.rotate = `${headingDegrees.toFixed(1)}deg`;
}

const SHAPES: Readonly<Record<MarkerKind, string>> = {
  restaurant: 'M8 4v6a2 2 0 0 0 4 0V4m-2 0v16M16 4c-1.5 1-2 3-2 6h2m0-6v16',
  door: 'M5 11 12 5l7 6v8H5zm5 8v-5h4v5',
  courier:
    'M6 18a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm12 0a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 15l3-6h5l4 6M9 9l3 6H6',
};
const SVG = 'http://www.w3.org/2000/svg';

function markerElement(kind: MarkerKind, label: string): HTMLElement {
  const element = document.createElement('div');
  element.className = 'marker';
  element.dataset['kind'] = kind;
  element.setAttribute('role', 'img');
  element.title = label;
  if (kind === 'courier') {
    const heading = document.createElement('span');
    heading.className = 'marker-heading';
    element.append(heading);
  }
  const pin = document.createElement('span');
  pin.className = 'marker-pin';
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SHAPES[kind]);
  svg.append(path);
  pin.append(svg);
  element.append(pin);
  return element;
}
