/**
 * Bounds of what operators see of a city.
 *
 * Cells are of resolution 7: with 5,000 couriers in view of whom a third moves in a second, the
 * largest message of everybody has 32 KB and the largest change 11 KB, which a reader may be behind
 * before it counts as slow (16 KB). At resolution 6 it would be 151 and 50 KB; at 8 there are five
 * times as many messages, and more bytes in all.
 */

/** 1,300 km², a city; each cell costs 50 us when it is first watched. */
export const CELLS_PER_AREA_MAX = 256;
/** 48 KB as MessagePack: far from what closes a socket. The rest comes a second later. */
export const COURIERS_PER_MESSAGE_MAX = 400;
/** Operators who watch an area at one time; each costs 3 us per cell and second beside the shared work. */
export const WATCHERS_MAX = 64;
/** A cell is told of at most so often. */
export const TELL_EVERY_MS = 1_000;
/** Who was not heard of for so many city seconds has gone home, and is on no map. */
export const HEARD_SECONDS = 1_800;
/** 140 KB as JSON, busiest cells first. */
export const HEAT_CELLS_MAX = 2_000;
