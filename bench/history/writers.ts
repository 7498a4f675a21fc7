import type { Client } from 'pg';
import { FixHistory, type Database } from '../../order-core/index.ts';
import { emptyFix, type Fix } from '../../protocol/index.ts';
import { createLogger, Metrics, required, systemClock } from '../../runtime/index.ts';
import type { Scratch } from './scratch.ts';

/** A large city: each of them has a place of its own in the index of the day. */
const COURIERS = 20_000;
const FIX_EVERY_MS = 3_000;
/** Written between two looks at the clock; the store holds so many without shedding any. */
const STORE_ROWS = 50_000;
const INSERTS_AT_ONCE = 60;

/** One way to store fixes: stores some, and says how many. */
export type Writer = () => Promise<number>;

/** Fixes of all couriers in turn, as they come from a fleet; each courier's own are in order. */
class Fleet {
  readonly #couriers = Array.from({ length: COURIERS }, (_, i) => `courier-${i}`);
  readonly #fix: Fix = { ...emptyFix(), lat: 52.5, lng: 13.4, speedMps: 5, accuracyMeters: 8 };
  /** In the past, so that the same day has room for all. */
  #atMs = Math.floor(systemClock.nowMs());
  #next = 0;

  /** The same object for each fix. */
  next(): { readonly courierId: string; readonly fix: Readonly<Fix> } {
    const courierId = required(this.#couriers[this.#next], 'a courier of the fleet');
    this.#next = (this.#next + 1) % COURIERS;
    this.#fix.atMs = this.#atMs + this.#next / 10;
    this.#fix.lat = 52.5 + (this.#next % 1_000) / 10_000;
    if (this.#next === 0) this.#atMs += FIX_EVERY_MS / 60;
    return { courierId, fix: this.#fix };
  }
}

/** The engine's own: buffer, batches and all. */
export function storeWriter({ database }: Scratch): Writer {
  const fleet = new Fleet();
  const history = newHistory(database);
  return async () => {
    for (let i = 0; i < STORE_ROWS; i++) {
      const { courierId, fix } = fleet.next();
      history.append('bench', courierId, fix);
    }
    await history.stop();
    return STORE_ROWS;
  };
}

/** The same statement with bytes that were made before: what the server and the socket allow. */
export async function bareCopyWriter({ database }: Scratch): Promise<Writer> {
  const batches: { statement: Parameters<Database['copyIn']>[0]; bytes: Buffer }[] = [];
  const recorder = {
    query: async <Row>(): Promise<Row[]> => await Promise.resolve([]),
    copyIn: async (statement: Parameters<Database['copyIn']>[0], bytes: Buffer) => {
      batches.push({ statement, bytes: Buffer.from(bytes) });
      await Promise.resolve();
    },
  };
  const fleet = new Fleet();
  const history = newHistory(recorder);
  for (let i = 0; i < STORE_ROWS; i++) {
    const { courierId, fix } = fleet.next();
    history.append('bench', courierId, fix);
  }
  await history.stop();
  return async () => {
    for (const { statement, bytes } of batches) await database.copyIn(statement, bytes);
    return STORE_ROWS;
  };
}

const INSERT = {
  name: 'insert_fix',
  text: `
    INSERT INTO courier_fixes (city_id, courier_id, at, lat, lng, heading_degrees, speed_mps,
      accuracy_meters)
    VALUES ($1, $2, to_timestamp($3::float8 / 1000), $4, $5, $6, $7, $8)`,
};

/** What comes to mind first: a statement for each fix, all connections busy. */
export function insertWriter({ clients }: Scratch): Writer {
  const fleet = new Fleet();
  const insertSome = async (client: Client): Promise<number> => {
    for (let i = 0; i < INSERTS_AT_ONCE; i++) {
      const { courierId, fix } = fleet.next();
      const { atMs, lat, lng, headingDegrees, speedMps, accuracyMeters } = fix;
      const facts = [atMs, lat, lng, headingDegrees, speedMps, accuracyMeters];
      await client.query({ ...INSERT, values: ['bench', courierId, ...facts] });
    }
    return INSERTS_AT_ONCE;
  };
  return async () => {
    const counts = await Promise.all(clients.map(insertSome));
    return counts.reduce((sum, count) => sum + count, 0);
  };
}

function newHistory(database: ConstructorParameters<typeof FixHistory>[0]['database']): FixHistory {
  const metrics = new Metrics(false);
  return new FixHistory({ database, metrics, log: createLogger('silent') });
}
