import { mkdir, open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Intent, Outcome } from './intents.ts';
import { isRefusal } from './intents.ts';

/** An answer that was given under an idempotency key, and what the request was. */
export interface KeptAnswer {
  readonly requestHash: string;
  readonly outcome: Outcome;
}

const lineSchema = z.object({
  key: z.string(),
  requestHash: z.string(),
  outcome: z.custom<Outcome>((value) => typeof value === 'object' && value !== null),
});

/**
 * The provider's books: a file with one line of JSON per request that took effect, on disk before
 * the answer goes out. What is in memory is what the lines say, so a killed provider finds all of it
 * again; a line that a crash cut short was never answered, and goes.
 */
export class Ledger {
  readonly #file: FileHandle;
  readonly #intents = new Map<string, Intent>();
  readonly #answers = new Map<string, KeptAnswer>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param dataDir is made when it is not there */
  static async open(dataDir: string): Promise<Ledger> {
    await mkdir(dataDir, { recursive: true });
    const path = join(dataDir, 'ledger.jsonl');
    const text = await readFile(path, 'utf8').catch(() => '');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
    const ledger = new Ledger(await open(path, 'a'));
    for (const line of whole.split('\n').slice(0, -1)) {
      const { key, requestHash, outcome } = lineSchema.parse(JSON.parse(line));
      ledger.#apply(key, { requestHash, outcome });
    }
    return ledger;
  }

  intent(id: string): Intent | null {
    return this.#intents.get(id) ?? null;
  }

  /** Newest first. */
  intents(): readonly Intent[] {
    return [...this.#intents.values()].toReversed();
  }

  answer(key: string): KeptAnswer | null {
    return this.#answers.get(key) ?? null;
  }

  /** Resolves when it is on disk; then it counts. One at a time, in the order of the calls. */
  async keep(key: string, answer: KeptAnswer): Promise<void> {
    const line = `${JSON.stringify({ key, ...answer })}\n`;
    const written = this.#writing.then(() => this.#append(line));
    this.#writing = written.catch(() => undefined);
    await written;
    this.#apply(key, answer);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #append(line: string): Promise<void> {
    await this.#file.appendFile(line);
    await this.#file.datasync();
  }

  #apply(key: string, answer: KeptAnswer): void {
    this.#answers.set(key, answer);
    if (!isRefusal(answer.outcome)) this.#intents.set(answer.outcome.id, answer.outcome);
  }
}
