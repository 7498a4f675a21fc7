import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Everything that the pages are made of; the lock file stands for the packages. */
const FOLDERS = ['web', 'clients/ts', 'protocol', 'runtime'];
const LOCK = 'package-lock.json';
const IS_INPUT = /\.(ts|tsx|css|html|svg|png|webmanifest|json)$/;
const IS_NONE = /(^|\/)(dist[^/]*|browser-tests)\/|\.test\.tsx?$|\.test-kit\.ts$/;

/** A name for the pages as they would be built now: changes when they would. */
export async function inputsHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...(await inputFiles()), LOCK]) {
    hash.update(`${file}\0`).update(await readFile(join(ROOT, file)));
  }
  return hash.digest('hex');
}

async function inputFiles(): Promise<readonly string[]> {
  const files: string[] = [];
  for (const folder of FOLDERS) {
    for (const name of await readdir(join(ROOT, folder), { recursive: true })) {
      const file = join(folder, name);
      if (IS_INPUT.test(file) && !IS_NONE.test(file)) files.push(file);
    }
  }
  return files.toSorted();
}
