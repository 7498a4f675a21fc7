import { signal, type ReadonlySignal } from '@preact/signals';
import type { Fix } from '../../protocol/index.ts';
import { systemClock } from '../../runtime/portable.ts';
import {
  hasMoved,
  isWorthTelling,
  listeningFor,
  STILL_MS,
  type Listening,
  type Reading,
} from './fix-rate.ts';

/**
 * | state    | entered when                            | what then holds                              |
 * | -------- | --------------------------------------- | -------------------------------------------- |
 * | off      | the courier is off duty, and has nothing | the device is asked for nothing             |
 * | waiting  | it is asked                             | nothing was read yet                         |
 * | here     | a reading came                          | `newest` is where the courier is             |
 * | refused  | the reader, or the device, says no      | nothing comes until it is allowed            |
 * | lost     | the device does not find out            | it goes on trying                            |
 */
export type Positioning = 'off' | 'waiting' | 'here' | 'refused' | 'lost';

/** How fast and how vague a fix can say it is. */
const SPEED_MPS_MAX = 655;
const ACCURACY_METERS_MAX = 255;
const READ_MS_MAX = 15_000;
/** How often it is looked whether the device is to be asked. */
const ASK_MS = 5_000;
/** GeolocationPositionError.PERMISSION_DENIED */
const DENIED = 1;

interface PositionStreamOptions {
  /** The device's; null: it has none. */
  readonly geolocation: Geolocation | null;
  /** What is worth telling, with growing sequences; whoever takes it keeps it while there is no network. */
  readonly tell: (fix: Fix) => void;
}

/** Where the courier is, as often as it is worth its battery. */
export class PositionStream {
  readonly #options: PositionStreamOptions;
  readonly #state = signal<Positioning>('off');
  readonly #newest = signal<Reading | null>(null);
  #listening: Listening = 'off';
  #watch: number | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #told: Reading | null = null;
  #movedMs = systemClock.nowMs();
  #sequence = 0;
  #wanted = { onDuty: false, hasWork: false };

  constructor(options: PositionStreamOptions) {
    this.#options = options;
  }

  get state(): ReadonlySignal<Positioning> {
    return this.#state;
  }

  get newest(): ReadonlySignal<Reading | null> {
    return this.#newest;
  }

  /** Listens as precisely as what the courier does asks for. */
  want(wanted: { readonly onDuty: boolean; readonly hasWork: boolean }): void {
    this.#wanted = wanted;
    this.#listen();
  }

  stop(): void {
    this.want({ onDuty: false, hasWork: false });
  }

  #listen(): void {
    const stillMs = systemClock.nowMs() - this.#movedMs;
    const listening = listeningFor({ ...this.#wanted, stillMs });
    if (listening === this.#listening) return;
    const { geolocation } = this.#options;
    if (this.#watch !== null) geolocation?.clearWatch(this.#watch);
    this.#watch = null;
    clearInterval(this.#timer);
    const wasOff = this.#listening === 'off';
    this.#listening = listening;
    if (listening === 'off') {
      this.#state.value = 'off';
      return;
    }
    if (geolocation === null) {
      this.#state.value = 'refused';
      return;
    }
    if (wasOff) this.#state.value = 'waiting';
    const options = this.#device;
    this.#watch = geolocation.watchPosition(
      (position) => this.#took(position),
      (error) => this.#failed(error),
      options,
    );
    // A device that does not move says nothing: it is asked now and then.
    this.#timer = setInterval(() => this.#ask(), ASK_MS);
  }

  get #device(): PositionOptions {
    const enableHighAccuracy = this.#listening === 'precise';
    return { enableHighAccuracy, maximumAge: 0, timeout: READ_MS_MAX };
  }

  #ask(): void {
    this.#listen();
    const sinceMs = systemClock.nowMs() - (this.#told?.atMs ?? 0);
    const isUntold =
      this.#told !== null &&
      this.#newest.value !== null &&
      hasMoved(this.#told, this.#newest.value);
    // Where it stopped may have come too soon after the last that was told, and nothing after it.
    if ((sinceMs < STILL_MS && !isUntold) || this.#listening === 'off') return;
    this.#options.geolocation?.getCurrentPosition(
      // It was to be read anew (`maximumAge`): a device that gives it the time of when it came here is wrong.
      (position) => this.#took(position, systemClock.nowMs()),
      (error) => this.#failed(error),
      this.#device,
    );
  }

  #took({ coords, timestamp }: GeolocationPosition, atMs: number = timestamp): void {
    if (this.#listening === 'off') return;
    const reading: Reading = {
      lat: coords.latitude,
      lng: coords.longitude,
      accuracyMeters: coords.accuracy,
      speedMps: coords.speed,
      headingDegrees:
        coords.heading === null || Number.isNaN(coords.heading) ? null : coords.heading,
      atMs,
    };
    this.#state.value = 'here';
    this.#newest.value = reading;
    if (this.#told === null || hasMoved(this.#told, reading)) this.#movedMs = reading.atMs;
    this.#listen();
    if (!isWorthTelling(this.#told, reading)) return;
    this.#told = reading;
    this.#sequence += 1;
    this.#options.tell(fixOf(reading, this.#sequence));
  }

  #failed({ code }: GeolocationPositionError): void {
    this.#state.value = code === DENIED ? 'refused' : 'lost';
  }
}

function fixOf(reading: Reading, sequence: number): Fix {
  const { lat, lng, accuracyMeters, speedMps, headingDegrees, atMs } = reading;
  return {
    lat,
    lng,
    sequence,
    atMs: Math.round(atMs),
    speedMps: Math.min(SPEED_MPS_MAX, Math.max(0, speedMps ?? 0)),
    headingDegrees: headingDegrees ?? 0,
    accuracyMeters: Math.min(ACCURACY_METERS_MAX, accuracyMeters),
  };
}
