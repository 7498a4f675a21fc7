import { beforeEach, expect, test, vi } from 'vitest';
import type { Fix } from '../../protocol/index.ts';
import { systemClock } from '../../runtime/portable.ts';
import { STILL_MS } from './fix-rate.ts';
import { PositionStream } from './position-stream.ts';

const START_MS = 1_700_000_000_000;

/** A device that is where it is told to be. */
class Device {
  readonly options: PositionOptions[] = [];
  readonly cleared: number[] = [];
  asked = 0;
  #success: PositionCallback = () => undefined;
  #failure: PositionErrorCallback = () => undefined;

  get geolocation(): Geolocation {
    return {
      watchPosition: (success, failure, options) => {
        this.#success = success;
        this.#failure = failure ?? (() => undefined);
        return this.options.push(options ?? {});
      },
      clearWatch: (id) => void this.cleared.push(id),
      getCurrentPosition: () => {
        this.asked += 1;
      },
    };
  }

  isAt(lat: number, facts: Partial<GeolocationCoordinates> = {}): void {
    const none = { altitude: null, altitudeAccuracy: null, heading: null, speed: null };
    const coords = { latitude: lat, longitude: 13.4, accuracy: 10, ...none, ...facts };
    this.#success({ coords, timestamp: systemClock.nowMs() } as GeolocationPosition);
  }

  fails(code: number): void {
    this.#failure({ code } as GeolocationPositionError);
  }
}

let device: Device;
let told: Fix[];
let stream: PositionStream;
beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
  device = new Device();
  told = [];
  stream = new PositionStream({
    geolocation: device.geolocation,
    tell: (fix) => void told.push(fix),
  });
  return () => {
    stream.stop();
    vi.useRealTimers();
  };
});

test('off duty the device is asked for nothing, and what it still says is not told', () => {
  expect(device.options).toEqual([]);
  stream.want({ onDuty: true, hasWork: false });
  stream.want({ onDuty: false, hasWork: false });
  expect(device.cleared).toEqual([1]);
  device.isAt(52.5);
  expect({ told, state: stream.state.value }).toEqual({ told: [], state: 'off' });
});

test('readings become fixes with growing sequences, in what a frame can carry', () => {
  stream.want({ onDuty: true, hasWork: true });
  device.isAt(52.5, { heading: Number.NaN });
  vi.advanceTimersByTime(3_000);
  device.isAt(52.501, { speed: 5, heading: 90 });
  expect(told).toMatchObject([
    { sequence: 1, atMs: START_MS, lat: 52.5, speedMps: 0, headingDegrees: 0, accuracyMeters: 10 },
    { sequence: 2, atMs: START_MS + 3_000, lat: 52.501, speedMps: 5, headingDegrees: 90 },
  ]);
  expect(stream.state.value).toBe('here');
});

test('a device that stands still is asked now and then, and without satellites after a while', () => {
  stream.want({ onDuty: true, hasWork: false });
  expect(device.options).toMatchObject([{ enableHighAccuracy: true }]);
  device.isAt(52.5);
  vi.advanceTimersByTime(STILL_MS);
  expect(device.asked).toBe(1);
  vi.advanceTimersByTime(STILL_MS * 6);
  expect(device.options).toMatchObject([
    { enableHighAccuracy: true },
    { enableHighAccuracy: false },
  ]);
  device.isAt(52.51);
  expect(device.options.at(-1)).toMatchObject({ enableHighAccuracy: true });
});

test('who refuses is told apart from who cannot', () => {
  stream.want({ onDuty: true, hasWork: false });
  device.fails(1);
  expect(stream.state.value).toBe('refused');
  device.fails(3);
  expect(stream.state.value).toBe('lost');
});

test('where a device stops is told, also when it stops right after it was told of', () => {
  stream.want({ onDuty: true, hasWork: true });
  device.isAt(52.5);
  vi.advanceTimersByTime(300);
  device.isAt(52.5002);
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(5_000);
  expect(device.asked).toBe(1);
  device.isAt(52.5002);
  expect(told).toMatchObject([{ lat: 52.5 }, { lat: 52.5002 }]);
  vi.advanceTimersByTime(15_000);
  expect(device.asked).toBe(1);
});
