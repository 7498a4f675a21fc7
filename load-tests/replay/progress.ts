import { Presets, SingleBar } from 'cli-progress';

/** Without a terminal, a line for so many parts of the way. */
const LINES = 20;

/** How far a long work has come: a bar on a terminal, now and then a line elsewhere. */
export class Progress {
  readonly #total: number;
  readonly #bar: SingleBar | null;
  #lines = 0;

  constructor(total: number) {
    this.#total = total;
    this.#bar = process.stderr.isTTY
      ? new SingleBar(
          { format: '{bar} {percentage}% | {value}/{total} orders ended | {note}' },
          Presets.shades_classic,
        )
      : null;
    this.#bar?.start(total, 0, { note: '' });
  }

  update(done: number, note: string): void {
    this.#bar?.update(done, { note });
    if (this.#bar !== null || Math.floor((done * LINES) / this.#total) <= this.#lines) return;
    this.#lines = Math.floor((done * LINES) / this.#total);
    console.error(`${done}/${this.#total} orders ended | ${note}`);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
