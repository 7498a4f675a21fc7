/** How much each part of the bench does. */
export interface IndexLoad {
  readonly couriers: number;
  /** Fixes of one repetition that everybody takes. */
  readonly moves: number;
  /** Our index takes them so often, because it is done too soon to be measured. */
  readonly laps: number;
  /** Searches of one repetition, and those of them that Redis is asked too. */
  readonly searches: number;
  readonly redisSearches: number;
  /** Answers that are compared with brute force after each repetition. */
  readonly checks: number;
  readonly fleets: readonly number[];
}

export const FULL_LOAD: IndexLoad = {
  couriers: 50_000,
  moves: 150_000,
  laps: 10,
  searches: 20_000,
  redisSearches: 2_000,
  checks: 40,
  fleets: [20_000, 50_000, 200_000, 1_000_000],
};
