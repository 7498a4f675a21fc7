import { Presets, SingleBar } from 'cli-progress';

/** Without a terminal, a line for so many parts of the way. */
const LINES = 20;

/** How far something long has come: a bar on a terminal, now and then a line elsewhere. */
export class Progress {
  readonly #total: number;
  readonly #unit: string;
  readonly #bar: SingleBar | null;
  #lines = 0;

  /** @param unit what `total` counts, such as `seconds` */
  constructor(total: number, unit: string) {
    this.#total = total;
    this.#unit = unit;
    const format = `{bar} {percentage}% | {value}/{total} ${unit} | {note}`;
    this.#bar = process.stderr.isTTY ? new SingleBar({ format }, Presets.shades_classic) : null;
    this.#bar?.start(total, 0, { note: '' });
  }

  update(done: number, note: string): void {
    this.#bar?.update(Math.min(done, this.#total), { note });
    const lines = Math.floor((done * LINES) / Math.max(1, this.#total));
    if (this.#bar !== null || lines <= this.#lines) return;
    this.#lines = lines;
    console.error(`${Math.round(done)}/${this.#total} ${this.#unit} | ${note}`);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
