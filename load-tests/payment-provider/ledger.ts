import { mkdir, open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Books, entrySchema, type Entry } from './books.ts';

/**
 * The provider's books on disk: a file with one line of JSON per request that took effect, lapsed
 * authorization and settled webhook, written before anybody outside is told. What is in memory is
 * what the lines say, so a killed provider finds all of it again; a line that a crash cut short was
 * never answered, and goes. A change and the event that tells of it share a line: no kill can part
 * them.
 *
 * An entry counts from the call on, so that two requests at once cannot both spend one intent; who
 * tells the outside what the books say must await `keep` or `onDisk` first. All of it stays in memory,
 * about 1 KB per request: enough for test runs of a few million orders, and no more is meant.
 */
export class Ledger {
  readonly books = new Books();
  readonly #file: FileHandle;
  #unwritten: string[] = [];
  /** Stays rejected after a failed write: what is in memory is then more than what is on disk. */
  #written: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * @param dataDir is made when it is not there
   * @throws Error that names the line, when a line that is whole cannot be understood
   */
  static async open(dataDir: string): Promise<Ledger> {
    await mkdir(dataDir, { recursive: true });
    const path = join(dataDir, 'ledger.jsonl');
    const file = await open(path, 'a');
    const text = await readFile(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
    const ledger = new Ledger(file);
    for (const [i, line] of whole.split('\n').slice(0, -1).entries()) {
      ledger.books.apply(parseLine(line, `${path}, line ${i + 1}`));
    }
    return ledger;
  }

  /** Counts at once; resolves when it is on disk. What comes during a write shares the next one. */
  keep(entry: Entry): Promise<void> {
    this.books.apply(entry);
    this.#unwritten.push(`${JSON.stringify(entry)}\n`);
    this.#written = this.#written.then(() => this.#flush());
    return this.#written;
  }

  /** Resolves when all that was kept so far is on disk. */
  onDisk(): Promise<void> {
    return this.#written;
  }

  async close(): Promise<void> {
    await this.#written;
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const lines = this.#unwritten;
    if (lines.length === 0) return;
    this.#unwritten = [];
    await this.#file.appendFile(lines.join(''));
    await this.#file.datasync();
  }
}

function parseLine(line: string, where: string): Entry {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch (error) {
    throw new Error(`${where}: is not an entry of the ledger`, { cause: error });
  }
}
