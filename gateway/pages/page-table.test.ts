import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncomingRequest } from '../edge.ts';
import { pageAt, readPages, type PageTable } from './page-table.ts';

let folder: string;
let table: PageTable;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hexfleet-pages-'));
  await mkdir(join(folder, 'assets'));
  const files = {
    'index.html': '<p>start</p>',
    'courier.html': '<p>courier</p>',
    'built-from.txt': 'not for anybody',
    'assets/a-1234.js': 'plain()',
    'assets/a-1234.js.br': 'brotli',
    'assets/a-1234.js.gz': 'gzip',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  table = await readPages(folder, { mapOrigins: ['https://tiles.example'] });
});
afterAll(() => rm(folder, { recursive: true }));

function get(path: string, headers: Partial<IncomingRequest['headers']> = {}, method = 'GET') {
  const none = { acceptEncoding: '', ifNoneMatch: '' };
  return pageAt(table, { method, path, headers: { ...none, ...headers } } as IncomingRequest);
}

test('a page has its name as its path, the start page has none', () => {
  expect(Buffer.from(get('/')?.body ?? '').toString()).toBe('<p>start</p>');
  expect(Buffer.from(get('/courier')?.body ?? '').toString()).toBe('<p>courier</p>');
});

test.each([
  '/index.html',
  '/courier.html',
  '/built-from.txt',
  '/assets',
  '/assets/',
  '/assets/../index.html',
  '/../package.json',
  '/..%2fpackage.json',
  '/%2e%2e/package.json',
  '//etc/passwd',
  '/assets/a-1234.js.br',
])('nothing is at %s', (path) => {
  expect(get(path)).toBeNull();
});

test('pages are read, and nothing else', () => {
  expect(get('/', {}, 'POST')).toBeNull();
  expect(get('/', {}, 'HEAD')?.status).toBe(200);
});

test.each([
  ['gzip, deflate, br', 'br', 'brotli'],
  ['gzip', 'gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip', 'gzip'],
  ['identity', undefined, 'plain()'],
  ['', undefined, 'plain()'],
])('who takes "%s" gets %s', (acceptEncoding, encoding, body) => {
  const answer = get('/assets/a-1234.js', { acceptEncoding });
  expect(answer?.headers['Content-Encoding']).toBe(encoding);
  expect(answer?.headers['Vary']).toBe('Accept-Encoding');
  expect(Buffer.from(answer?.body ?? '').toString()).toBe(body);
});

test('what is known is not sent again, and each form has its own tag', () => {
  const plain = get('/assets/a-1234.js')?.headers['ETag'] ?? '';
  const brotli = get('/assets/a-1234.js', { acceptEncoding: 'br' })?.headers['ETag'] ?? '';
  expect(plain).not.toBe(brotli);
  expect(get('/assets/a-1234.js', { ifNoneMatch: plain })?.status).toBe(304);
  expect(get('/assets/a-1234.js', { ifNoneMatch: `"x", W/${plain}` })?.status).toBe(304);
  expect(get('/assets/a-1234.js', { ifNoneMatch: brotli })?.status).toBe(200);
});

test('what has its hash in its name stays, pages are asked for each time', () => {
  expect(get('/assets/a-1234.js')?.headers['Cache-Control']).toContain('immutable');
  expect(get('/')?.headers['Cache-Control']).toBe('no-cache');
});

test('a page runs nothing that is not ours, and speaks with the map and us only', () => {
  const policy = get('/')?.headers['Content-Security-Policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self' https://tiles.example;");
  expect(policy).not.toContain('unsafe');
  expect(policy.split('; ').filter((one) => one.startsWith('script-src'))).toEqual([
    "script-src 'self'",
  ]);
});

test('only the courier page may ask where its reader is', () => {
  expect(get('/courier')?.headers['Permissions-Policy']).toContain('geolocation=(self)');
  expect(get('/')?.headers['Permissions-Policy']).toContain('geolocation=()');
});

test('without a folder there are no pages', async () => {
  expect((await readPages(join(folder, 'nowhere'), { mapOrigins: [] })).size).toBe(0);
});
