import type { CourierIndex } from './courier-index.ts';
import type { TravelModel } from './travel-model.ts';
import type { Zone } from './zone.ts';

/** The spatial side of one city while the engine runs: where couriers are, how fast they move. */
export interface LiveCity {
  readonly cityId: string;
  readonly index: CourierIndex;
  travel: TravelModel;
  zone: Zone;
}
