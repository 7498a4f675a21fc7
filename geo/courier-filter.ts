import type { Place } from './place.ts';
import {
  AVAILABLE_FLAG,
  roomOf,
  STANDING_FLAG,
  vehicleBit,
  vehicleBits,
  type Vehicle,
} from './courier-status.ts';
import type { Sighting } from './slots.ts';
import type { Zone } from './zone.ts';

/** Whom a search may find; what is left out is no condition. */
export interface CourierTerms {
  readonly availableOnly?: boolean;
  /** Room for so many orders at least. */
  readonly roomMin?: number;
  readonly vehicles?: readonly Vehicle[];
  /** Only couriers who stand in it. */
  readonly zone?: Zone;
}

/** Terms as they are asked of every courier that a search meets. */
export class CourierFilter {
  /** The lists of the busy need not be walked. */
  readonly availableOnly: boolean;
  readonly #flags: number;
  readonly #roomMin: number;
  /** Bits of `vehicleBit`; null for any vehicle. */
  readonly #vehicles: number | null;
  readonly #excluded: ReadonlySet<number>;
  readonly #zone: Zone | null;

  /** @param excluded slots that are passed over */
  constructor(terms: CourierTerms, excluded: ReadonlySet<number>) {
    this.availableOnly = terms.availableOnly === true;
    this.#flags = STANDING_FLAG | (this.availableOnly ? AVAILABLE_FLAG : 0);
    this.#roomMin = terms.roomMin ?? 0;
    this.#vehicles = terms.vehicles === undefined ? null : vehicleBits(terms.vehicles);
    this.#excluded = excluded;
    this.#zone = terms.zone ?? null;
  }

  /** All but the zone, which is dear and asked last. @hot bench: index */
  accepts({ slot, status }: Sighting): boolean {
    if ((status & this.#flags) !== this.#flags) return false;
    if (roomOf(status) < this.#roomMin) return false;
    if (this.#vehicles !== null && (vehicleBit(status) & this.#vehicles) === 0) return false;
    return this.#excluded.size === 0 || !this.#excluded.has(slot);
  }

  covers(place: Place): boolean {
    return this.#zone === null || this.#zone.contains(place);
  }
}
