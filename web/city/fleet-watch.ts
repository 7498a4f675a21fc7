import { signal } from '@preact/signals';
import type { CouriersMoved } from '../../protocol/index.ts';
import type { EngineLink } from '../live/engine-link.ts';
import type { FleetLayer } from './fleet-layer.ts';
import { watchedArea, type Area } from './watched-area.ts';

const COUNT_MS = 1_000;
const STILL = matchMedia('(prefers-reduced-motion: reduce)');

/** Feeds the layer with what the engine says of the area that is looked at. */
export class FleetWatch {
  /** Told once a second: of thousands somebody always changes. */
  readonly counts = signal({ couriers: 0, available: 0 });
  /** More is in the picture than the engine tells of. */
  readonly isCut = signal(false);
  readonly #engine: EngineLink;
  readonly #end: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #layer: FleetLayer | null = null;

  constructor(engine: EngineLink) {
    this.#engine = engine;
    this.#end = engine.listen((message) => {
      if (message.type === 'couriers_moved') this.#moved(message);
    });
    this.#timer = setInterval(() => this.#count(), COUNT_MS);
  }

  get layer(): FleetLayer | null {
    return this.#layer;
  }

  /** Shows the view's couriers on this layer; who was known before is void. */
  show(layer: FleetLayer, view: Area): void {
    this.#layer = layer;
    const { area, isCut } = watchedArea(view);
    this.isCut.value = isCut;
    const begins = (): void => {
      layer.fleet.clear();
      layer.changed();
    };
    // Refused: there is nobody to see, and the counts say so. Lost: the socket asks again by itself.
    this.#engine.socket.watchArea(area, begins).catch(() => undefined);
  }

  close(): void {
    this.#end();
    clearInterval(this.#timer);
    this.#engine.socket.watchArea(null).catch(() => undefined);
  }

  #moved(message: CouriersMoved): void {
    const layer = this.#layer;
    if (layer === null) return;
    layer.fleet.apply(message, layer.seconds, !STILL.matches);
    layer.changed();
  }

  #count(): void {
    const fleet = this.#layer?.fleet;
    const couriers = fleet?.size ?? 0;
    const available = fleet?.countAvailable() ?? 0;
    const { counts } = this;
    if (counts.value.couriers === couriers && counts.value.available === available) return;
    counts.value = { couriers, available };
  }
}
