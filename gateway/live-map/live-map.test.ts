import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CourierIndex, type LiveCity, type Place } from '../../geo/index.ts';
import { decodeServerMessage, type Area, type CouriersMoved } from '../../protocol/index.ts';
import { createLogger, Metrics, TimeScale, type CityId } from '../../runtime/index.ts';
import type { EdgeSocket } from '../edge.ts';
import { Outlet } from '../socket/outlet.ts';
import { COURIERS_PER_MESSAGE_MAX, HEARD_SECONDS, WATCHERS_MAX } from './bounds.ts';
import { LiveMap, type AreaWatcher } from './live-map.ts';

const BERLIN: Area = { south: 52.5, west: 13.38, north: 52.52, east: 13.42 };
const HERE = { lat: 52.51, lng: 13.4 };
const START_MS = 1_000_000_000;

/** Of one cell, by courier. */
type Shown = Map<string, { readonly lat: number; readonly available: boolean }>;

/** An operator who reads as fast as told to, and what its map shows. */
class Operator implements AreaWatcher, EdgeSocket {
  readonly actor;
  readonly outlet: Outlet;
  readonly isOpen = true;
  readonly heard: CouriersMoved[] = [];
  readonly frames: (string | Uint8Array)[] = [];
  readonly #cells = new Map<string, Shown>();
  backlog = 0;

  constructor(cityId = 'c1') {
    this.actor = { role: 'operator', subject: 'olga', cityId: cityId as CityId } as const;
    this.outlet = new Outlet(this, 'hexfleet.v1.bin');
  }

  send(data: string | Uint8Array): void {
    const message = decodeServerMessage(data) as CouriersMoved;
    this.frames.push(data);
    this.heard.push(message);
    const known = message.full ? undefined : this.#cells.get(message.cell);
    const cell: Shown = known ?? new Map();
    this.#cells.set(message.cell, cell);
    for (const { courierId, lat, available } of message.couriers) {
      cell.set(courierId, { lat, available });
    }
    for (const courierId of message.left) cell.delete(courierId);
  }

  backlogBytes(): number {
    return this.backlog;
  }

  close(): void {}

  /** Courier, latitude and availability, by courier. */
  shows(): (readonly [courierId: string, lat: number, available: boolean])[] {
    const all = [...this.#cells.values()].flatMap((cell) => [...cell]);
    return all.map(([id, { lat, available }]) => [id, lat, available] as const).toSorted(byName);
  }

  /** What was said since the last time, in short; messages without anybody are left out. */
  news(): string[] {
    return this.heard.splice(0).flatMap(({ full, couriers, left }) => {
      const who = [...couriers.map(({ courierId }) => courierId), ...left.map((id) => `-${id}`)];
      return who.length === 0 ? [] : [`${full ? 'all ' : ''}${who.toSorted(byName).join(' ')}`];
    });
  }
}

const byName = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1);

function city() {
  const index = new CourierIndex();
  const time = { ms: START_MS };
  const clock = { nowMs: () => time.ms, monotonicMs: () => time.ms };
  const pause = { isOn: false };
  const map = new LiveMap({
    isPaused: () => pause.isOn,
    cities: { city: (id) => (id === 'c1' ? ({ index } as unknown as LiveCity) : null) },
    clock,
    timeScale: new TimeScale(1),
    metrics: new Metrics(false),
    log: createLogger('silent'),
  });
  const put = (courierId: string, place: Place, available = true): void => {
    time.ms += 1;
    index.move(courierId, { ...place, headingDegrees: 90, speedMps: 4, atMs: time.ms });
    index.setAvailable(courierId, available);
  };
  const second = (): void => {
    time.ms += 1_000;
    map.slice();
  };
  return { index, map, pause, put, second, time };
}

test('while there is too much to do nobody is told, and afterwards everything that has changed', () => {
  const { map, pause, put, second } = city();
  const olga = new Operator();
  put('a', HERE);
  map.watch(olga, BERLIN);
  map.slice();
  expect(olga.news()).toEqual(['all a']);
  pause.isOn = true;
  put('b', HERE);
  second();
  expect(olga.heard).toEqual([]);
  pause.isOn = false;
  put('c', HERE);
  second();
  expect(olga.news()).toEqual(['b c']);
});

test('first everybody is told, then who has come, moved, changed or left', () => {
  const { index, map, put, second } = city();
  const olga = new Operator();
  put('a', HERE);
  put('b', HERE, false);
  put('far', { lat: 53, lng: 14 });
  map.watch(olga, BERLIN);
  map.slice();
  expect(olga.heard.every(({ full }) => full)).toBe(true);
  expect(olga.news()).toEqual(['all a b']);
  second();
  expect(olga.heard).toEqual([]);
  put('a', { lat: 52.5101, lng: 13.4 });
  second();
  expect(olga.news()).toEqual(['a']);
  index.setAvailable('b', true);
  put('c', HERE);
  index.remove('a');
  second();
  expect(olga.news()).toEqual(['-a b c']);
  expect(olga.shows()).toEqual([
    ['b', HERE.lat, true],
    ['c', HERE.lat, true],
  ]);
});

test('a cell is told of once a second, and one that nobody watches is not looked at', () => {
  const { index, map, put, second, time } = city();
  const looks: string[] = [];
  const inMapCell = index.inMapCell.bind(index);
  index.inMapCell = (cell, sinceMs) => {
    looks.push(cell.cell);
    return inMapCell(cell, sinceMs);
  };
  const [olga, otto] = [new Operator(), new Operator()];
  second();
  expect(looks).toEqual([]);
  map.watch(olga, BERLIN);
  map.watch(otto, BERLIN);
  map.slice();
  expect(new Set(looks).size).toBe(looks.length);
  const cells = looks.splice(0).length;
  for (let i = 0; i < 9; i++) {
    put('a', { lat: HERE.lat + i / 1e5, lng: HERE.lng });
    time.ms += 100;
    map.slice();
  }
  expect(looks).toEqual([]);
  second();
  expect(looks).toHaveLength(cells);
  // The very same bytes: they were encoded once.
  expect(olga.frames.at(-1)).toBe(otto.frames.at(-1));
  map.forget(olga);
  second();
  expect(olga.news()).toEqual(['a']);
  expect(looks.splice(0)).toHaveLength(2 * cells);
  map.forget(otto);
  second();
  expect(looks).toEqual([]);
});

test('another area takes the place of the one before and begins with everybody in it', () => {
  const { map, put, second } = city();
  const olga = new Operator();
  put('a', HERE);
  put('b', { lat: 52.6, lng: 13.4 });
  map.watch(olga, BERLIN);
  map.slice();
  map.watch(olga, { ...BERLIN, north: 52.61 });
  second();
  expect(olga.news()).toEqual(['all a', 'all a', 'all b']);
  map.watch(olga, { south: 52.6, west: 13.39, north: 52.61, east: 13.41 });
  second();
  put('a', HERE);
  second();
  expect(olga.news()).toEqual(['all b']);
});

test('an area across the antimeridian is one area', () => {
  const { map, put } = city();
  const olga = new Operator();
  put('west', { lat: -17.8, lng: 179.999 });
  put('east', { lat: -17.8, lng: -179.999 });
  put('far', { lat: -17.8, lng: 0 });
  map.watch(olga, { south: -17.9, west: 179.9, north: -17.7, east: -179.9 });
  map.slice();
  expect(new Set(olga.shows().map(([id]) => id))).toEqual(new Set(['west', 'east']));
});

test('a slow reader is kept no queue, and gets everybody when it reads again', () => {
  const { map, put, second } = city();
  const [slow, quick] = [new Operator(), new Operator()];
  put('a', HERE);
  map.watch(slow, BERLIN);
  map.watch(quick, BERLIN);
  map.slice();
  slow.news();
  quick.news();
  slow.backlog = 20_000;
  for (let i = 1; i <= 3; i++) {
    put('a', { lat: HERE.lat + i / 1e4, lng: HERE.lng });
    second();
  }
  expect(quick.news()).toEqual(['a', 'a', 'a']);
  slow.backlog = 0;
  slow.outlet.drained();
  expect(slow.heard).toEqual([]);
  put('b', HERE);
  second();
  expect(slow.news()).toEqual(['all a b']);
  expect(quick.news()).toEqual(['b']);
});

test('more couriers than a message holds come in several, oldest news first', () => {
  const { map, put, second } = city();
  const olga = new Operator();
  const all = Array.from({ length: 2 * COURIERS_PER_MESSAGE_MAX + 7 }, (_, i) => `k${i}`);
  for (const courierId of all) put(courierId, HERE);
  map.watch(olga, BERLIN);
  map.slice();
  for (let i = 0; i < 3; i++) second();
  expect(olga.shows()).toHaveLength(all.length);
  const crowded = olga.heard.filter(({ couriers }) => couriers.length > 0);
  expect(crowded.filter(({ full }) => full)).toHaveLength(1);
  olga.heard.length = 0;
  for (const courierId of all) put(courierId, { lat: HERE.lat + 1e-4, lng: HERE.lng });
  const told: string[] = [];
  for (let i = 0; i < 3; i++) {
    for (const courierId of all.slice(0, 5)) put(courierId, { lat: HERE.lat + 1e-4, lng: 13.4 });
    second();
    const message = olga.heard.splice(0)[0];
    expect(message?.couriers.length).toBeLessThanOrEqual(COURIERS_PER_MESSAGE_MAX);
    told.push(...(message?.couriers.map(({ courierId }) => courierId) ?? []));
  }
  // Those that keep moving take nobody's turn.
  expect(new Set(told).size).toBe(all.length);
});

test('who was not heard of for long has gone', () => {
  const { map, put, second, time } = city();
  const olga = new Operator();
  put('a', HERE);
  map.watch(olga, BERLIN);
  map.slice();
  time.ms += HEARD_SECONDS * 1_000;
  second();
  expect(olga.news()).toEqual(['all a', '-a']);
});

test('an area that is too large, one too many who watches, and a foreign city are refused', () => {
  const { map, put, second } = city();
  const olga = new Operator();
  const world = { south: -90, west: -180, north: 90, east: 180 };
  map.watch(olga, BERLIN);
  expect(() => map.watch(olga, world)).toThrow(
    expect.objectContaining({ code: 'area_too_large', details: { cellsMax: 256 } }),
  );
  for (let i = 1; i < WATCHERS_MAX; i++) map.watch(new Operator(), BERLIN);
  expect(() => map.watch(new Operator(), BERLIN)).toThrow(
    expect.objectContaining({ code: 'too_many_watchers' }),
  );
  expect(() => map.watch(new Operator('c2'), BERLIN)).toThrow(
    expect.objectContaining({ code: 'not_found' }),
  );
  put('a', HERE);
  second();
  expect(olga.news()).toEqual(['all a']);
});

const step = fc.oneof(
  fc.record({
    courier: fc.integer({ min: 0, max: 900 }),
    lat: fc.double({ min: 52.44, max: 52.58, noNaN: true }),
    available: fc.boolean(),
  }),
  fc.constantFrom('second', 'slow', 'read', 'watch', 'crowd', 'leave'),
);

test('whatever happens, in the end every map shows who is there', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { index, map, put, second } = city();
      const [olga, otto] = [new Operator(), new Operator()];
      map.watch(olga, BERLIN);
      const acts = {
        second,
        slow: () => (olga.backlog = 20_000),
        read: () => (olga.backlog = 0),
        watch: () => map.watch(otto, BERLIN),
        crowd: () => {
          for (let i = 0; i < 900; i++) put(`k${i}`, { lat: 52.51 + i / 1e6, lng: 13.4 });
        },
        leave: () => {
          for (let i = 0; i < 900; i++) index.remove(`k${i}`);
        },
      };
      for (const what of steps) {
        if (typeof what === 'string') acts[what]();
        else put(`k${what.courier}`, { lat: what.lat, lng: 13.4 }, what.available);
      }
      olga.backlog = 0;
      map.watch(otto, BERLIN);
      for (let i = 0; i < 5; i++) second();
      const truth = new Operator();
      map.watch(truth, BERLIN);
      for (let i = 0; i < 4; i++) second();
      expect(olga.shows()).toEqual(truth.shows());
      expect(otto.shows()).toEqual(truth.shows());
      const inside = index.inViewport(BERLIN);
      const shown = new Set(truth.shows().map(([id]) => id));
      for (const courierId of inside) expect(shown).toContain(courierId);
    }),
    { numRuns: 60 },
  );
});
