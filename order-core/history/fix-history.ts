import type { Fix } from '../../protocol/index.ts';
import { Loop, type Logger, type Metrics } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';

/** One statement writes so many rows; larger batches gain little and hold the connection longer. */
const BATCH_MAX = 2_000;
/** 3 s of 17,000 fixes/s. When the database is slower than that, the oldest fixes are shed. */
const BUFFER_MAX = 50_000;
const FLUSH_MS = 500;

const INSERT_FIXES = {
  name: 'insert_fixes',
  text: `
    INSERT INTO courier_fixes (city_id, courier_id, at, lat, lng, heading_degrees, speed_mps,
      accuracy_meters)
    SELECT city_id, courier_id, to_timestamp(at_ms / 1000), lat, lng, heading, speed, accuracy
    FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::real[],
      $7::real[], $8::real[])
      AS fix (city_id, courier_id, at_ms, lat, lng, heading, speed, accuracy)`,
};

interface Row {
  readonly cityId: string;
  readonly courierId: string;
  readonly fix: Readonly<Fix>;
}

/**
 * Where couriers were, written in batches behind the live path. `append` never waits; when the
 * database falls behind, history is what is given up first.
 */
export class FixHistory {
  readonly #database: Database;
  readonly #loop: Loop;
  readonly #written: ReturnType<Metrics['counter']>;
  readonly #shed: ReturnType<Metrics['counter']>;
  #buffer: Row[] = [];

  constructor(deps: { database: Database; metrics: Metrics; log: Logger }) {
    this.#database = deps.database;
    this.#loop = new Loop({
      name: 'fix history',
      round: () => this.#flush(),
      idleMs: FLUSH_MS,
      log: deps.log,
    });
    this.#written = deps.metrics.counter('hexfleet_history_fixes_total', 'Fixes written', []);
    this.#shed = deps.metrics.counter(
      'hexfleet_history_fixes_shed_total',
      'Fixes given up because the database was slower than the fleet',
      [],
    );
    deps.metrics.gauge('hexfleet_history_buffer', 'Fixes waiting to be written', () =>
      Math.max(0, this.#buffer.length),
    );
  }

  start(): void {
    this.#loop.start();
  }

  /** @param fix is copied; the caller may use the object again */
  append(cityId: string, courierId: string, fix: Readonly<Fix>): void {
    if (this.#buffer.length >= BUFFER_MAX) {
      this.#buffer = this.#buffer.slice(BATCH_MAX);
      this.#shed.inc(BATCH_MAX);
    }
    this.#buffer.push({ cityId, courierId, fix: { ...fix } });
  }

  /** Writes what is buffered, as far as one try goes. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    while (await this.#flush());
  }

  /** A batch that fails is put back in front: the next round tries it again. */
  async #flush(): Promise<boolean> {
    const batch = this.#buffer.slice(0, BATCH_MAX);
    if (batch.length === 0) return false;
    this.#buffer = this.#buffer.slice(BATCH_MAX);
    try {
      await this.#database.query(INSERT_FIXES, columnsOf(batch));
    } catch (error) {
      this.#buffer = [...batch, ...this.#buffer];
      throw error;
    }
    this.#written.inc(batch.length);
    return this.#buffer.length > 0;
  }
}

function columnsOf(batch: readonly Row[]): unknown[] {
  return [
    batch.map((row) => row.cityId),
    batch.map((row) => row.courierId),
    batch.map((row) => row.fix.atMs),
    batch.map((row) => row.fix.lat),
    batch.map((row) => row.fix.lng),
    batch.map((row) => row.fix.headingDegrees),
    batch.map((row) => row.fix.speedMps),
    batch.map((row) => row.fix.accuracyMeters),
  ];
}
