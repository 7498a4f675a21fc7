import { Presets, SingleBar } from 'cli-progress';

/** How many instances are done: a bar on a terminal, elsewhere a line for each. */
export class Progress {
  readonly #total: number;
  readonly #bar: SingleBar | null;
  #done = 0;

  constructor(total: number) {
    this.#total = total;
    const format = '{bar} {percentage}% | {value}/{total} instances | {note}';
    this.#bar = process.stderr.isTTY ? new SingleBar({ format }, Presets.shades_classic) : null;
    this.#bar?.start(total, 0, { note: '' });
  }

  /** One more is done. @param note such as its name and how it went */
  done(note: string): void {
    this.#done++;
    this.#bar?.update(this.#done, { note });
    if (this.#bar === null) console.error(`${this.#done}/${this.#total} | ${note}`);
  }

  /** Also when it is cut short: the terminal gets its line back. */
  stop(): void {
    this.#bar?.stop();
  }
}
