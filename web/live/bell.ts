import { signal, type ReadonlySignal } from '@preact/signals';

/** Two notes, twice; in Hz, and seconds from the beginning. */
const NOTES = [
  { hertz: 880, atSeconds: 0 },
  { hertz: 1_175, atSeconds: 0.16 },
  { hertz: 880, atSeconds: 0.5 },
  { hertz: 1_175, atSeconds: 0.66 },
] as const;
const NOTE_SECONDS = 0.14;
const LOUDNESS = 0.25;
const BUZZ_MS = [220, 120, 220, 120, 420];

/**
 * Makes itself heard, and felt where a device can. Browsers allow sound only after somebody has pressed
 * something: it is off until `turnOn` is called from there. Made of tones, so there is no file to load.
 */
export class Bell {
  readonly #isOn = signal(false);
  #audio: AudioContext | null = null;

  /** False: it would not be heard. */
  get isOn(): ReadonlySignal<boolean> {
    return this.#isOn;
  }

  /** From within a press. A device without sound stays silent. */
  async turnOn(): Promise<void> {
    try {
      this.#audio ??= new AudioContext();
      await this.#audio.resume();
      this.#isOn.value = this.#audio.state === 'running';
    } catch {
      this.#isOn.value = false;
    }
  }

  /** It may still be felt. */
  async turnOff(): Promise<void> {
    this.#isOn.value = false;
    await this.#audio?.suspend();
  }

  ring(): void {
    // Only devices that people carry can, and only for who has touched the page.
    if (navigator.userActivation.hasBeenActive) navigator.vibrate?.(BUZZ_MS);
    const audio = this.#audio;
    if (audio === null || audio.state !== 'running') return;
    for (const { hertz, atSeconds } of NOTES) play(audio, hertz, audio.currentTime + atSeconds);
  }

  close(): void {
    void this.#audio?.close();
    this.#audio = null;
    this.#isOn.value = false;
  }
}

/** Begins and ends softly: a tone that is cut clicks. */
function play(audio: AudioContext, hertz: number, atSeconds: number): void {
  const tone = new OscillatorNode(audio, { type: 'triangle', frequency: hertz });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(0, atSeconds);
  volume.gain.linearRampToValueAtTime(LOUDNESS, atSeconds + 0.02);
  volume.gain.linearRampToValueAtTime(0, atSeconds + NOTE_SECONDS);
  tone.connect(volume).connect(audio.destination);
  tone.start(atSeconds);
  tone.stop(atSeconds + NOTE_SECONDS);
}
