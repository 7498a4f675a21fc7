import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { inputsHash } from './inputs.ts';

const WEB = join(import.meta.dirname, '..');
const DIST = join(WEB, 'dist');
/** What it was built from. */
const STAMP = 'built-from.txt';
const COMPRESSED = new Set(['.html', '.js', '.mjs', '.css', '.json', '.svg', '.webmanifest']);
/** Smaller ones fit into one packet anyway. */
const COMPRESSED_BYTES_MIN = 512;
/** As near to 11 as matters, in a tenth of the time. */
const BROTLI_QUALITY = 9;

/**
 * Builds the pages into `web/dist`, unless they are there as they would be built now. Two that build at
 * once do no harm: each builds in a folder of its own, and the last takes the name.
 * @param say one line, when something is done
 */
export async function buildPages(say: (line: string) => void): Promise<void> {
  const hash = await inputsHash();
  if ((await builtFrom()) === hash) return;
  if (!existsSync(join(WEB, '../node_modules/vite'))) {
    say('The pages are not built: vite is missing (npm ci without --omit=dev installs it).');
    return;
  }
  say('Building the pages ...');
  const { build } = await import('vite');
  const folder = await mkdtemp(join(WEB, 'dist-'));
  try {
    const build_ = { outDir: folder, emptyOutDir: true };
    await build({ configFile: join(WEB, 'vite.config.ts'), build: build_ });
    await compressAll(folder);
    await writeFile(join(folder, STAMP), hash);
    await takeName(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function builtFrom(): Promise<string | null> {
  try {
    return await readFile(join(DIST, STAMP), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function takeName(folder: string): Promise<void> {
  const old = `${folder}-old`;
  if (existsSync(DIST)) await rename(DIST, old);
  await rename(folder, DIST);
  await rm(old, { recursive: true, force: true });
}

async function compressAll(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name);
    if (!COMPRESSED.has(extname(file))) continue;
    if ((await stat(file)).size < COMPRESSED_BYTES_MIN) continue;
    const bytes = await readFile(file);
    const quality = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
    await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, { params: quality }));
    await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
  }
}
