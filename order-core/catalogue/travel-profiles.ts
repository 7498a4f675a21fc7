import type { Database } from '../database/pool.ts';

const LOAD = {
  name: 'load_travel_profile',
  text: `SELECT sums FROM travel_profiles WHERE city_id = $1`,
};

const SAVE = {
  name: 'save_travel_profile',
  text: `
    INSERT INTO travel_profiles (city_id, sums, saved_at) VALUES ($1, $2, clock_timestamp())
    ON CONFLICT (city_id) DO UPDATE SET sums = excluded.sums, saved_at = excluded.saved_at`,
};

/** By block of the city; the order core keeps them and does not look into them. */
export type TravelSums = readonly (readonly [block: number, values: readonly number[]])[];

/** What was learned of the ways in each city. */
export class TravelProfiles {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Null when nothing was kept. */
  async load(cityId: string): Promise<TravelSums | null> {
    const [row] = await this.#database.query<{ sums: TravelSums }>(LOAD, [cityId]);
    return row?.sums ?? null;
  }

  async save(cityId: string, sums: TravelSums): Promise<void> {
    await this.#database.query(SAVE, [cityId, JSON.stringify(sums)]);
  }
}
