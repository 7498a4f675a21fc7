import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { newId } from './ids.ts';
import { isProcessAlive } from './process-alive.ts';

const SECRET_BYTES = 32;

const runningEngineSchema = z.object({
  pid: z.number().int().positive(),
  url: z.string(),
  opsUrl: z.string(),
  databaseUrl: z.string(),
  paymentApiUrl: z.string(),
  timeScale: z.number(),
});
/** Where a running engine is found. Holds the database's password, so only its owner may read it. */
export type RunningEngine = z.output<typeof runningEngineSchema>;

/** The engine's own folder: what it generates and must find again, for its owner's eyes only. */
export class DataDir {
  /** Absolute. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder when it is not there. @param path relative to the working directory */
  static async open(path: string): Promise<DataDir> {
    const absolute = resolve(path);
    await mkdir(absolute, { recursive: true, mode: 0o700 });
    return new DataDir(absolute);
  }

  /**
   * The secret of this name, made at the first call, base64url. It is linked into place complete:
   * two processes that start at once agree on one, and a crash leaves no half of it.
   */
  async secret(name: string): Promise<string> {
    const file = join(this.path, name);
    const known = await readOrNull(file);
    if (known !== null) return known;
    const draft = `${file}.new-${newId<string>()}`;
    await writeFile(draft, randomBytes(SECRET_BYTES).toString('base64url'), { mode: 0o600 });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(draft);
    return await readFile(file, 'utf8');
  }

  /** Tells other programs that the engine is ready, and where. */
  async announce(engine: RunningEngine): Promise<void> {
    const draft = `${this.#announcement}.new`;
    await writeFile(draft, JSON.stringify(engine, null, 2), { mode: 0o600 });
    await rename(draft, this.#announcement);
  }

  async withdrawAnnouncement(): Promise<void> {
    await rm(this.#announcement, { force: true });
  }

  /** The engine that works in this folder now, or null; what a killed one left does not count. */
  async runningEngine(): Promise<RunningEngine | null> {
    const text = await readOrNull(this.#announcement);
    if (text === null) return null;
    const engine = runningEngineSchema.parse(JSON.parse(text));
    return isProcessAlive(engine.pid) ? engine : null;
  }

  get #announcement(): string {
    return join(this.path, 'engine.json');
  }
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
