import RBush from 'rbush';
import { CourierIndex, type CourierPosition } from '../../geo/index.ts';
import type { FleetMotion, Moves, Point } from './fleet-motion.ts';

export const SEARCH_METERS = 5_000;
export const SEARCH_COUNT = 10;

/** Every other courier is available. */
export const isAvailable = (courier: number): boolean => courier % 2 === 0;

/** Of each move. */
interface Held {
  readonly slot: Int32Array;
  readonly generation: Int32Array;
}

/** Our index with the fleet in it. */
export class OurIndex {
  readonly index: CourierIndex = new CourierIndex();
  readonly #ids: readonly string[];
  readonly #slots: Int32Array;
  readonly #generations: Int32Array;
  readonly #fix: CourierPosition = {
    lat: 0,
    lng: 0,
    headingDegrees: 45.5,
    speedMps: 7.25,
    atMs: 0,
  };

  constructor(fleet: FleetMotion) {
    this.#ids = fleet.ids;
    this.#slots = Int32Array.from(fleet.ids, (id) => this.index.slotOf(id));
    this.#generations = this.#slots.map((slot) => this.index.generationOf(slot));
    fleet.ids.forEach((id, i) => {
      this.index.setAvailable(id, isAvailable(i));
      this.index.move(id, this.#fixAt(fleet.lat[i] ?? 0, fleet.lng[i] ?? 0));
    });
  }

  /** What a stream has asked for once and has at hand: for each move slot and generation. */
  heldOf({ courier }: Moves): Held {
    return {
      slot: courier.map((who) => this.#slots[who] as number),
      generation: courier.map((who) => this.#generations[who] as number),
    };
  }

  /** As streams do it: whether the slot is still the courier's is asked before each move. */
  moveHeld({ slot, generation }: Held, { lat, lng }: Moves): void {
    for (let i = 0; i < slot.length; i++) {
      const own = slot[i] as number;
      if (!this.index.isStill(own, generation[i] as number)) throw new Error('nobody was removed');
      this.index.moveSlot(own, this.#fixAt(lat[i] as number, lng[i] as number));
    }
  }

  moveIds({ courier, lat, lng }: Moves): void {
    for (let i = 0; i < courier.length; i++) {
      const id = this.#ids[courier[i] as number] as string;
      this.index.move(id, this.#fixAt(lat[i] as number, lng[i] as number));
    }
  }

  /** Metres to the nearest available couriers, nearest first. */
  nearest(place: Point): number[] {
    const found = this.index.nearestAvailable(place, SEARCH_COUNT, { maxMeters: SEARCH_METERS });
    return found.map(({ meters }) => meters);
  }

  #fixAt(lat: number, lng: number): CourierPosition {
    this.#fix.lat = lat;
    this.#fix.lng = lng;
    this.#fix.atMs += 1;
    return this.#fix;
  }
}

interface Leaf {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/** The R-tree that many use for points that move: taken out and put in again. */
export class RBushIndex {
  readonly #tree = new RBush<Leaf>();
  readonly #leaves: readonly Leaf[];

  constructor(fleet: FleetMotion) {
    this.#leaves = fleet.ids.map((_, i) => {
      const [x, y] = [fleet.lng[i] ?? 0, fleet.lat[i] ?? 0];
      return { minX: x, minY: y, maxX: x, maxY: y };
    });
    this.#tree.load([...this.#leaves]);
  }

  move({ courier, lat, lng }: Moves): void {
    for (let i = 0; i < courier.length; i++) {
      const leaf = this.#leaves[courier[i] as number] as Leaf;
      this.#tree.remove(leaf);
      leaf.minX = leaf.maxX = lng[i] as number;
      leaf.minY = leaf.maxY = lat[i] as number;
      this.#tree.insert(leaf);
    }
  }

  /** Couriers in a box of so many degrees around the place. */
  countAround({ lat, lng }: Point, degrees: number): number {
    const [minX, minY] = [lng - degrees, lat - degrees];
    return this.#tree.search({ minX, minY, maxX: lng + degrees, maxY: lat + degrees }).length;
  }
}
