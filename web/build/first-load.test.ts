import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { PAGES } from '../pages.ts';

/** What a browser loads before it can show anything, as the test run has built it. */
const DIST = join(import.meta.dirname, '../dist');
const FIRST_LOAD_BYTES_MAX = 200_000;
/** `import ... from "./x.js"`: loaded with the file that says it, other than `import("./x.js")`. */
const STATIC_IMPORT = /(?:^|[;}\s])(?:import|export)(?:[\w$*{}\s,]+from)?\s*["']\.\/([^"']+)["']/g;
/** Scripts, styles and modules that are loaded ahead. */
const NAMED_IN_PAGE = /(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g;

async function firstLoad(page: string): Promise<readonly string[]> {
  const html = await readFile(join(DIST, `${page}.html`), 'utf8');
  const waiting = Array.from(html.matchAll(NAMED_IN_PAGE), ([, file = '']) => file);
  const loaded = new Set([`${page}.html`]);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    const text = await readFile(join(DIST, file), 'utf8');
    if (!file.endsWith('.js')) continue;
    for (const [, name = ''] of text.matchAll(STATIC_IMPORT)) waiting.push(`assets/${name}`);
  }
  return [...loaded];
}

test.each(PAGES.map(({ name }) => name))('%s loads less than 200 KB, and no map', async (name) => {
  const files = await firstLoad(name);
  expect(files.length).toBeGreaterThan(2);
  const texts = await Promise.all(files.map((file) => readFile(join(DIST, file))));
  const bytes = texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  expect(texts.some((text) => text.includes('maplibregl-ctrl'))).toBe(false);
});

test.each(PAGES.map(({ name }) => name))('%s has nothing inline that runs', async (name) => {
  const html = await readFile(join(DIST, `${name}.html`), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
});
