import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Answer, IncomingRequest } from '../edge.ts';
import { pageHeaders, type PageSecurity } from './content-security.ts';

/**
 * The files of the built pages, read once at the start: a request names one of this table or nothing,
 * so no path of a stranger ever reaches the disk.
 *
 * `NAME.html` is served as `/NAME`, `index.html` as `/`, any other file by its path. What stands under
 * `assets/` has its hash in its name and never changes; the rest is asked for again each time, by ETag.
 * Beside a file its compressed forms may lie, `NAME.br` and `NAME.gz`.
 */
export type PageTable = ReadonlyMap<string, PageFile>;

interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly hash: string;
  readonly plain: Uint8Array;
  readonly br: Uint8Array | null;
  readonly gzip: Uint8Array | null;
}

/** A file of another kind is none of ours. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const FOREVER = 'public, max-age=31536000, immutable';
const HASH_LENGTH = 22;
/** More is no folder of pages, and would be held in memory. */
const FILES_MAX = 500;

/** @param folder as the build has left it @returns an empty table when the folder is not there */
export async function readPages(folder: string, security: PageSecurity): Promise<PageTable> {
  const files = await filesIn(folder);
  if (files.length > FILES_MAX) throw new Error(`${folder} has more than ${FILES_MAX} files`);
  const table = new Map<string, PageFile>();
  for (const file of files) {
    const type = TYPES[extname(file)];
    if (type === undefined) continue;
    const path = pathOf(file);
    const plain = await readFile(join(folder, file));
    const compressed = async (suffix: string): Promise<Uint8Array | null> =>
      files.includes(file + suffix) ? await readFile(join(folder, file + suffix)) : null;
    table.set(path, {
      headers: {
        'Content-Type': type,
        'Cache-Control': path.startsWith('/assets/') ? FOREVER : 'no-cache',
        Vary: 'Accept-Encoding',
        ...pageHeaders(path, security),
      },
      hash: createHash('sha256').update(plain).digest('base64url').slice(0, HASH_LENGTH),
      plain,
      br: await compressed('.br'),
      gzip: await compressed('.gz'),
    });
  }
  return table;
}

/** What stands at the request's path; null: nothing, or it is no reading. */
export function pageAt(table: PageTable, request: IncomingRequest): Answer | null {
  const { method, path, headers } = request;
  const file = method === 'GET' || method === 'HEAD' ? table.get(path) : undefined;
  if (file === undefined) return null;
  const [encoding, body] = bestForm(file, headers.acceptEncoding);
  // Each form is another sequence of bytes, and has its own tag.
  const tag = `"${file.hash}${encoding === '' ? '' : `-${encoding}`}"`;
  const common = { ...file.headers, ETag: tag };
  if (knows(headers.ifNoneMatch, tag)) return { status: 304, headers: common, body: '' };
  const encoded = encoding === '' ? {} : { 'Content-Encoding': encoding };
  return { status: 200, headers: { ...common, ...encoded }, body };
}

function bestForm(file: PageFile, accepted: string): readonly [encoding: string, Uint8Array] {
  const takes = (coding: string): boolean =>
    accepted.split(',').some((entry) => {
      const [name = '', weight = ''] = entry.split(';');
      return name.trim().toLowerCase() === coding && !/^\s*q=0(\.0*)?\s*$/i.test(weight);
    });
  if (file.br !== null && takes('br')) return ['br', file.br];
  if (file.gzip !== null && takes('gzip')) return ['gzip', file.gzip];
  return ['', file.plain];
}

/** Weakly, as RFC 9110, 13.1.2, has it. */
function knows(ifNoneMatch: string, tag: string): boolean {
  if (ifNoneMatch === '') return false;
  return ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === tag);
}

function pathOf(file: string): string {
  const path = `/${file.split(sep).join('/')}`;
  if (path === '/index.html') return '/';
  return path.endsWith('.html') ? path.slice(0, -'.html'.length) : path;
}

/** Relative to the folder. */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
