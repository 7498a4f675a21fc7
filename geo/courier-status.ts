import { assert } from '../runtime/index.ts';

/**
 * What is known of a courier beside the fix, packed into one word so that any thread reads it whole:
 * bit 0 standing (the position is known), 1 available, 2 taken (the slot is somebody's), 3 to 5 the
 * vehicle, 8 to 15 the room, 16 to 31 the generation, which is another for the slot's next courier.
 */
export const STANDING_FLAG = 1;
export const AVAILABLE_FLAG = 2;
export const TAKEN_FLAG = 4;

const VEHICLE_SHIFT = 3;
const VEHICLE_BITS = 7;
const ROOM_SHIFT = 8;
const GENERATION_SHIFT = 16;
const BYTE = 0xff;
/** More room than this is as good as this. */
const ROOM_MAX: number = BYTE;

export const VEHICLES = ['foot', 'bicycle', 'scooter', 'car'] as const;
export type Vehicle = (typeof VEHICLES)[number];

/** What may be said of a courier; what is left out stays as it is. */
export interface CourierStatus {
  readonly available?: boolean;
  /** Orders that it could take now; none until something was said. */
  readonly room?: number;
  /** Until it was said, no search by vehicles finds the courier. */
  readonly vehicle?: Vehicle;
}

export function roomOf(status: number): number {
  return (status >>> ROOM_SHIFT) & BYTE;
}

/** 1, 2, 4 or 8 for the vehicles in their order, 0 while it is not known. */
export function vehicleBit(status: number): number {
  return (1 << ((status >>> VEHICLE_SHIFT) & VEHICLE_BITS)) >> 1;
}

/** The bits of `vehicleBit` of all of these. */
export function vehicleBits(vehicles: readonly Vehicle[]): number {
  return vehicles.reduce((bits, vehicle) => bits | (1 << VEHICLES.indexOf(vehicle)), 0);
}

/** 0 to 65,535, and then from 0 again. */
export function generationOf(status: number): number {
  return status >>> GENERATION_SHIFT;
}

/** The word with what was said, in place of what it had. */
export function withStatus(status: number, { available, room, vehicle }: CourierStatus): number {
  let next = status;
  if (available !== undefined) next = available ? next | AVAILABLE_FLAG : next & ~AVAILABLE_FLAG;
  if (room !== undefined) {
    assert(room >= 0, 'a courier has room, or none');
    next = (next & ~(BYTE << ROOM_SHIFT)) | (Math.min(ROOM_MAX, Math.floor(room)) << ROOM_SHIFT);
  }
  if (vehicle !== undefined) {
    const code = VEHICLES.indexOf(vehicle) + 1;
    next = (next & ~(VEHICLE_BITS << VEHICLE_SHIFT)) | (code << VEHICLE_SHIFT);
  }
  return next;
}

/** Of a slot whose courier has left: nothing but the next generation. */
export function leftStatus(status: number): number {
  return (generationOf(status) + 1) << GENERATION_SHIFT;
}
