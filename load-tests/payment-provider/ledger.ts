import { mkdir, open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isRefusal, type Intent, type Outcome } from './intents.ts';

/** An answer that was given under an idempotency key, and what the request was. */
export interface KeptAnswer {
  readonly requestHash: string;
  readonly outcome: Outcome;
}

/** Our own lines, so the outcome is taken at its word. */
const lineSchema = z.object({
  key: z.string(),
  requestHash: z.string(),
  outcome: z.custom<Outcome>((value) => typeof value === 'object' && value !== null),
});

/**
 * The provider's books: a file with one line of JSON per request that took effect, on disk before its
 * answer goes out. What is in memory is what the lines say, so a killed provider finds all of it
 * again; a line that a crash cut short was never answered, and goes.
 *
 * An entry counts from the call on, so that two requests at once cannot both spend one intent; who
 * tells the outside what the books say must await `keep` or `onDisk` first. All of it stays in memory,
 * about 1 KB per request: enough for test runs of a few million orders, and no more is meant.
 */
export class Ledger {
  readonly #file: FileHandle;
  /** In the order of their creation. */
  readonly #intents: Intent[] = [];
  readonly #positions = new Map<string, number>();
  readonly #answers = new Map<string, KeptAnswer>();
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
      const { key, ...answer } = parseLine(line, `${path}, line ${i + 1}`);
      ledger.#apply(key, answer);
    }
    return ledger;
  }

  intent(id: string): Intent | null {
    return this.#intents[this.#positions.get(id) ?? -1] ?? null;
  }

  /**
   * Newest first; at most `limit`, older than the intent `afterId`.
   * @returns null when there is no intent `afterId`
   */
  page(limit: number, afterId: string | null): { data: Intent[]; hasMore: boolean } | null {
    const end = afterId === null ? this.#intents.length : this.#positions.get(afterId);
    if (end === undefined) return null;
    const start = Math.max(0, end - limit);
    return { data: this.#intents.slice(start, end).toReversed(), hasMore: start > 0 };
  }

  answer(key: string): KeptAnswer | null {
    return this.#answers.get(key) ?? null;
  }

  /** Counts at once; resolves when it is on disk. What comes during a write shares the next one. */
  keep(key: string, answer: KeptAnswer): Promise<void> {
    this.#apply(key, answer);
    this.#unwritten.push(`${JSON.stringify({ key, ...answer })}\n`);
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

  #apply(key: string, answer: KeptAnswer): void {
    this.#answers.set(key, answer);
    const { outcome } = answer;
    if (isRefusal(outcome)) return;
    const at = this.#positions.get(outcome.id) ?? this.#intents.length;
    this.#positions.set(outcome.id, at);
    this.#intents[at] = outcome;
  }
}

function parseLine(line: string, where: string): z.output<typeof lineSchema> {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new Error(`${where}: is not an entry of the ledger`, { cause: error });
  }
}
