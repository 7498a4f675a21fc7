import { Marker, type Map as LibraryMap, type MapMouseEvent } from 'maplibre-gl';
import type { Place } from '../../protocol/index.ts';
import type { ZonePolygon } from './zone.ts';

interface HandleActions {
  readonly label: (number: number) => string;
  readonly added: (place: Place) => void;
  readonly moved: (polygon: number, at: number, place: Place) => void;
  readonly removed: (polygon: number, at: number) => void;
}

/** Of the map's height, that an arrow key moves a corner. */
const KEY_PIXELS = 8;
const KEYS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowUp: [0, -KEY_PIXELS],
  ArrowDown: [0, KEY_PIXELS],
  ArrowLeft: [-KEY_PIXELS, 0],
  ArrowRight: [KEY_PIXELS, 0],
};

/** What a zone's corners are taken hold of by: buttons on the map, for mouse, finger and keyboard. */
export class ZoneHandles {
  readonly #map: LibraryMap;
  readonly #actions: HandleActions;
  #markers: Marker[] = [];
  readonly #clicked = ({ lngLat: { lat, lng } }: MapMouseEvent): void =>
    this.#actions.added({ lat, lng });

  constructor(map: LibraryMap, actions: HandleActions) {
    this.#map = map;
    this.#actions = actions;
    map.on('click', this.#clicked);
    map.doubleClickZoom.disable();
  }

  show(zone: readonly ZonePolygon[]): void {
    const corners = zone.flatMap(({ outer }, polygon) =>
      outer.map((place, at) => ({ place, polygon, at })),
    );
    // Moved, and not made anew: who holds one with the keyboard keeps it.
    if (corners.length !== this.#markers.length) {
      this.#clear();
      this.#markers = corners.map(({ polygon, at }, i) => this.#handle(polygon, at, i + 1));
    }
    for (const [i, { place }] of corners.entries()) {
      const marker = this.#markers[i]?.setLngLat(place);
      if (marker !== undefined && !marker.getElement().isConnected) marker.addTo(this.#map);
    }
  }

  remove(): void {
    this.#map.off('click', this.#clicked);
    this.#clear();
  }

  #clear(): void {
    for (const marker of this.#markers) marker.remove();
    this.#markers = [];
  }

  #handle(polygon: number, at: number, number: number): Marker {
    const element = document.createElement('button');
    element.type = 'button';
    element.className = 'city-corner';
    const marker = new Marker({ element, draggable: true }).setLngLat([0, 0]);
    element.setAttribute('aria-label', this.#actions.label(number));
    const moved = (): void => {
      const { lat, lng } = marker.getLngLat();
      this.#actions.moved(polygon, at, { lat, lng });
    };
    marker.on('dragend', moved);
    element.addEventListener('click', (event) => event.stopPropagation());
    element.addEventListener('dblclick', () => this.#actions.removed(polygon, at));
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Delete' || event.key === 'Backspace') this.#actions.removed(polygon, at);
      const step = KEYS[event.key];
      if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const { x, y } = this.#map.project(marker.getLngLat());
      marker.setLngLat(this.#map.unproject([x + step[0], y + step[1]]));
      moved();
    });
    return marker;
  }
}
