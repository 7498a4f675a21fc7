import { expect, test } from 'vitest';
import { REFUSALS, REST_ROUTES, type RestRoute } from '../../protocol/index.ts';
import { html, prose } from './html.ts';
import { jsonSchemas } from './json-schemas.ts';
import { makeReference } from './reference.ts';
import { z } from 'zod';

/** Every code that a route refuses with; what they mean is the order core's, and not asked here. */
const CODES = [
  ...Object.values(REFUSALS).flat(),
  ...Object.values<RestRoute>(REST_ROUTES).flatMap(({ refusals = [] }) => refusals),
  'webhook_refused',
  'cross_site',
  'demo_off',
];
const ERRORS = Object.fromEntries(
  CODES.map((code) => [code, { status: 409, retryable: false, message: 'No <b>.' }]),
);
const REFERENCE = makeReference(ERRORS);
const PAGES = [...REFERENCE].filter(([, { headers }]) =>
  headers['Content-Type']?.startsWith('text/html'),
);

function found(text: string, what: RegExp): string[] {
  return [...text.matchAll(what)].map(([, first = '']) => first);
}

test.each(PAGES)('%s has no script, no style of its own and nothing from elsewhere', (_, page) => {
  expect(page.body).not.toMatch(/<script|<style|\son\w+=|\sstyle=|https?:\/\//);
  expect(page.headers['Content-Security-Policy']).toContain("default-src 'none'; style-src 'self'");
  expect(page.headers['X-Content-Type-Options']).toBe('nosniff');
});

test.each(PAGES)('every link of %s leads somewhere', (path, page) => {
  const links = found(page.body, /href="([^"]+)"/g).filter((link) => !link.startsWith('data:'));
  expect(links.length).toBeGreaterThan(4);
  const broken = links.filter((link) => {
    const [target = '', anchor] = link.split('#');
    const there = REFERENCE.get(target === '' ? path : target);
    return anchor === undefined
      ? there === undefined
      : there?.body.includes(`id="${anchor}"`) !== true;
  });
  expect(broken).toEqual([]);
});

test.each(PAGES)('no two places of %s have the same name', (_, { body }) => {
  const ids = found(body, /id="([^"]+)"/g);
  expect(ids).toEqual([...new Set(ids)]);
});

test('what is put into a page is escaped', () => {
  const sly = `<b a="1" b='2'>&`;
  const safe = '&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;';
  expect(html`<i>${sly}${[sly, 7]}</i>`.text).toBe(`<i>${safe}${safe}7</i>`);
  expect(prose(`a \`${sly}\``).text).toBe(`a <code>${safe}</code>`);
  expect(REFERENCE.get('/docs/errors')?.body).toContain('No &lt;b&gt;.');
});

test('a code that nobody has defined cannot be documented', () => {
  expect(() => makeReference({})).toThrow(/unauthorized/);
});

test('a schema that is contained in another is referred to, with what is said of it there', () => {
  const inner = z.strictObject({ a: z.uuid() });
  const outer = z.object({ here: inner.describe('The place.'), there: inner.nullable() });
  expect(jsonSchemas({ Inner: inner, Outer: outer }, 'draft-2020-12')).toEqual({
    Inner: {
      type: 'object',
      properties: { a: { type: 'string', format: 'uuid' } },
      required: ['a'],
      additionalProperties: false,
    },
    Outer: {
      type: 'object',
      properties: {
        here: { $ref: '#/components/schemas/Inner', description: 'The place.' },
        there: { anyOf: [{ $ref: '#/components/schemas/Inner' }, { type: 'null' }] },
      },
      required: ['here', 'there'],
    },
  });
});
