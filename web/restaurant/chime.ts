import { signal, type ReadonlySignal } from '@preact/signals';

/** Two notes, as of a kitchen's bell. */
const NOTES_HZ = [880, 1_174.7];
const NOTE_SECONDS = 0.5;
const LOUDNESS = 0.25;

/**
 * The bell. A browser lets a page make sounds only after somebody has touched it, so it is off until
 * `turnOn` is called by a press.
 */
class Chime {
  readonly #isOn = signal(false);
  #context: AudioContext | null = null;

  get isOn(): ReadonlySignal<boolean> {
    return this.#isOn;
  }

  async turnOn(): Promise<void> {
    this.#context ??= new AudioContext();
    await this.#context.resume();
    this.#isOn.value = true;
    this.ring();
  }

  async turnOff(): Promise<void> {
    this.#isOn.value = false;
    await this.#context?.suspend();
  }

  /** Nothing happens while it is off. */
  ring(): void {
    const context = this.#context;
    if (context === null || !this.#isOn.value) return;
    for (const [i, hertz] of NOTES_HZ.entries()) {
      const from = context.currentTime + i * (NOTE_SECONDS / 2);
      const tone = context.createOscillator();
      const loudness = context.createGain();
      tone.frequency.value = hertz;
      loudness.gain.setValueAtTime(LOUDNESS, from);
      loudness.gain.exponentialRampToValueAtTime(0.001, from + NOTE_SECONDS);
      tone.connect(loudness).connect(context.destination);
      tone.start(from);
      tone.stop(from + NOTE_SECONDS);
    }
  }
}

export const chime = new Chime();
