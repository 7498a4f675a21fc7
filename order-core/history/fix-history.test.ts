import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../testing/index.ts';
import { emptyFix, type Fix } from '../../protocol/index.ts';
import { createLogger, Metrics, newId, systemClock, systemRandom } from '../../runtime/index.ts';
import { databaseErrors } from '../database/errors.ts';
import { Database } from '../database/pool.ts';
import { FixHistory } from './fix-history.ts';
import { makePastDay, run } from './history.test-kit.ts';
import { FIXES_OF_COURIER, type RecordedFix } from './read-fixes.ts';

const NOW_MS = Math.floor(systemClock.nowMs());
const ALL = { cityId: 'c1', courierId: 'k1', fromMs: 0, toMs: NOW_MS + 1e9 };
let testDatabase: TestDatabase;
let database: Database;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.database;
});
afterEach(() => testDatabase.close());

function startHistory(of: Pick<Database, 'query' | 'copyIn'> = database) {
  const metrics = new Metrics(false);
  const history = new FixHistory({ database: of, metrics, log: createLogger('silent') });
  const figure = async (name: string): Promise<number> => {
    const { body } = await metrics.page();
    return Number(
      body
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')[1] ?? 0,
    );
  };
  return { history, figure };
}

function fixAt(second: number, facts: Partial<Fix> = {}): Fix {
  const place = { lat: 52.5, lng: 13.4, accuracyMeters: 5 };
  return { ...emptyFix(), ...place, atMs: NOW_MS + second * 1000, ...facts };
}

/** What is less than a place has the precision of a float4. */
function stored(fix: RecordedFix): unknown {
  const { atMs, lat, lng, headingDegrees, speedMps, accuracyMeters } = fix;
  return [atMs, lat, lng, ...[headingDegrees, speedMps, accuracyMeters].map(Math.fround)];
}

/** The real database, but each time something happens first; it may throw. */
function troubled(trouble: (time: number) => Promise<void>): Pick<Database, 'query' | 'copyIn'> {
  let times = 0;
  return {
    query: async (statement, values) => await database.query(statement, values),
    async copyIn(statement, bytes) {
      times += 1;
      await trouble(times);
      await database.copyIn(statement, bytes);
    },
  };
}

test('what was appended is read again as it was, whatever it was', async () => {
  const { history } = startHistory();
  const float4 = fc.float({ noNaN: true, noDefaultInfinity: true, min: 0, max: 655 });
  const facts = fc.record({
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lng: fc.double({ min: -180, max: 180, noNaN: true }),
    headingDegrees: float4,
    speedMps: float4,
    accuracyMeters: float4,
  });
  const id = fc
    .string({ minLength: 1, maxLength: 64, unit: 'grapheme' })
    .filter((text) => text.length <= 64 && !text.includes('\0'));
  await fc.assert(
    fc.asyncProperty(id, fc.array(facts, { maxLength: 30 }), async (cityId, all) => {
      const courierId = newId<string>();
      const fixes = all.map((fact, i) => fixAt(i, fact));
      for (const fix of fixes) history.append(cityId, courierId, fix);
      await history.stop();
      const found = await history.fixesOf({ ...ALL, cityId, courierId }, 100);
      expect(found.map(stored)).toEqual(fixes.map(stored));
    }),
    { numRuns: 30 },
  );
});

test('a range has its first moment and not its last, oldest first, and no more than asked for', async () => {
  const { history } = startHistory();
  for (let i = 0; i < 20; i++) history.append('c1', 'k1', fixAt(i));
  history.append('c1', 'k2', fixAt(5));
  history.append('c2', 'k1', fixAt(5));
  await history.stop();
  const range = { ...ALL, fromMs: NOW_MS + 5_000, toMs: NOW_MS + 10_000 };
  const found = await history.fixesOf(range, 100);
  expect(found.map(({ atMs }) => (atMs - NOW_MS) / 1000)).toEqual([5, 6, 7, 8, 9]);
  const few = await history.fixesOf(ALL, 3);
  expect(few.map(({ atMs }) => (atMs - NOW_MS) / 1000)).toEqual([0, 1, 2]);
});

test('a way is found by key, over days, without reading what others drove', async () => {
  await makePastDay(database, 3);
  const { history } = startHistory();
  for (let i = 0; i < 20_000; i++) history.append('c1', `k${i % 100}`, fixAt(i / 1_000));
  await history.stop();
  expect(await history.fixesOf(ALL, 1_000)).toHaveLength(201);
  await run(database, 'ANALYZE courier_fixes');
  // As the engine's own connections plan it.
  const options = { poolSize: 1, log: createLogger('silent'), random: systemRandom };
  const asEngine = new Database({ ...options, url: testDatabase.url, lookups: true });
  const explain = { name: 'explain', text: `EXPLAIN ${FIXES_OF_COURIER.text}` };
  const values = ['c1', 'k1', NOW_MS - 4 * 86_400_000, NOW_MS + 60_000, 1_000];
  const plan = await asEngine.query<{ 'QUERY PLAN': string }>(explain, values);
  await asEngine.close();
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toMatch(/Index Scan using courier_fixes_\d+_city_id_courier_id_at_idx/);
  expect(text).not.toMatch(/Seq Scan|Sort/);
});

test('a batch that fails is tried again before what came later, and nothing is lost', async () => {
  const { history, figure } = startHistory(
    troubled(async (time) => {
      if (time <= 2) throw databaseErrors.make('database_unavailable');
    }),
  );
  history.append('c1', 'k1', fixAt(0));
  await expect(history.stop()).rejects.toMatchObject({ code: 'database_unavailable' });
  expect(await figure('hexfleet_history_buffer')).toBe(1);
  history.append('c1', 'k1', fixAt(1));
  await expect(history.stop()).rejects.toMatchObject({ code: 'database_unavailable' });
  await history.stop();
  const rows = await run<{ at: Date }>(database, 'SELECT at FROM courier_fixes ORDER BY ctid');
  expect(rows.map(({ at }) => at.getTime() - NOW_MS)).toEqual([0, 1_000]);
  expect(await figure('hexfleet_history_fixes_total')).toBe(2);
});

test('of a batch that the database refuses nothing is stored; after three times it is given up', async () => {
  const { history, figure } = startHistory();
  history.append('c1', 'k1', fixAt(0));
  // A day that has no partition.
  history.append('c1', 'k1', fixAt(1_000 * 86_400));
  for (let i = 0; i < 3; i++) {
    await expect(history.stop()).rejects.toMatchObject({ code: 'check_violation' });
    expect(await run(database, 'SELECT FROM courier_fixes')).toEqual([]);
  }
  expect(await figure('hexfleet_history_fixes_shed_total{reason="refused"}')).toBe(2);
  history.append('c1', 'k1', fixAt(2));
  await history.stop();
  expect(await run(database, 'SELECT FROM courier_fixes')).toHaveLength(1);
});

test('a large batch that is refused at its beginning leaves a connection that works', async () => {
  const { history } = startHistory();
  history.append('c1', 'k1', fixAt(1_000 * 86_400));
  for (let i = 0; i < 5_000; i++) history.append('c1', 'k1', fixAt(i));
  for (let i = 0; i < 3; i++) {
    await expect(history.stop()).rejects.toMatchObject({ code: 'check_violation' });
  }
  for (let i = 0; i < 5_000; i++) history.append('c1', 'k1', fixAt(i));
  await history.stop();
  expect(await history.fixesOf(ALL, 10_000)).toHaveLength(5_000);
});

test('a batch whose answer was lost may be stored twice, and is read once', async () => {
  const bytes: Buffer[] = [];
  const { history } = startHistory({
    query: async (statement, values) => await database.query(statement, values),
    async copyIn(statement, batch) {
      bytes.push(batch);
      await database.copyIn(statement, batch);
      if (bytes.length === 1) throw databaseErrors.make('database_unavailable');
    },
  });
  for (let i = 0; i < 3; i++) history.append('c1', 'k1', fixAt(i));
  await expect(history.stop()).rejects.toMatchObject({ code: 'database_unavailable' });
  await history.stop();
  expect(await run(database, 'SELECT FROM courier_fixes')).toHaveLength(6);
  expect(await history.fixesOf(ALL, 100)).toHaveLength(3);
});

test('when more comes than can be written the oldest is shed, and counted', async () => {
  const { history, figure } = startHistory();
  const all = 120_000;
  for (let i = 0; i < all; i++) history.append('c1', `k${i}`, fixAt(0));
  const kept = await figure('hexfleet_history_buffer');
  const shed = await figure('hexfleet_history_fixes_shed_total{reason="slow"}');
  expect(kept).toBeGreaterThan(65_536);
  expect(shed).toBeGreaterThan(0);
  expect(kept + shed).toBe(all);
  await history.stop();
  const [row] = await run<{ count: number; first: number }>(
    database,
    `SELECT count(*)::int AS count, min(substr(courier_id, 2)::int) AS first FROM courier_fixes`,
  );
  expect(row).toEqual({ count: kept, first: shed });
});

test('partitions that are missing are made before the first fix is written', async () => {
  await run(
    database,
    `DO $$ DECLARE name text; BEGIN
      FOR name IN SELECT partition FROM fix_partitions() LOOP
        EXECUTE format('DROP TABLE %I', name);
      END LOOP;
    END $$`,
  );
  const { history } = startHistory();
  history.append('c1', 'k1', fixAt(0));
  await history.stop();
  expect(await history.fixesOf(ALL, 10)).toHaveLength(1);
});
