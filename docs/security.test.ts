import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SECURITY = join(import.meta.dirname, '../load-tests/security');
const LINK = /\[([^\]]+)\]\(([^)]+\.test\.ts)\)/g;

const page = await readFile(join(import.meta.dirname, 'security.md'), 'utf8');
const links = [...page.matchAll(LINK)].map(([, name = '', path = '']) => ({ name, path }));

test('every test that the page on security names is there, under that name', async () => {
  expect(links.length).toBeGreaterThan(50);
  const missing: string[] = [];
  for (const { name, path } of links) {
    const file = join(import.meta.dirname, path);
    const source = existsSync(file) ? await readFile(file, 'utf8') : '';
    const isThere = [`'${name}'`, `"${name}"`].some((quoted) => source.includes(quoted));
    if (!isThere) missing.push(`${path}: ${name}`);
  }
  expect(missing).toEqual([]);
});

test('every row of the page but its headings says what shows it', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| **'));
  const [, , ...tried] = rows;
  expect(tried.length).toBeGreaterThan(40);
  expect(tried.filter((row) => !row.includes('.test.ts)'))).toEqual([]);
});

test('the page names every file that attacks the engine', async () => {
  const files = (await readdir(SECURITY)).filter((name) => name.endsWith('.test.ts'));
  const named = new Set(links.map(({ path }) => path));
  expect(files.filter((name) => !named.has(`../load-tests/security/${name}`))).toEqual([]);
});
