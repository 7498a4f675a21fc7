import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en, type Message, type MessageKey, type Messages } from './en.ts';

const OTHERS: Readonly<Record<string, Messages>> = { de, ar };
const WEB = join(import.meta.dirname, '..');

/** The names that stand in braces, of all forms of a message. */
function placeholders(message: Message): string[] {
  const forms = typeof message === 'string' ? [message] : Object.values(message);
  const names = forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  return [...new Set(names)].map(String).toSorted();
}

async function sources(ending: RegExp): Promise<(readonly [name: string, text: string])[]> {
  const names = await readdir(WEB, { recursive: true });
  const wanted = names.filter((name) => ending.test(name) && !name.startsWith('dist'));
  return await Promise.all(
    wanted.map(async (name) => [name, await readFile(join(WEB, name), 'utf8')] as const),
  );
}

test.each(Object.keys(OTHERS))('%s says everything, with the same facts', (locale) => {
  const messages = OTHERS[locale] ?? en;
  expect(Object.keys(messages).toSorted()).toEqual(Object.keys(en).toSorted());
  for (const key of Object.keys(en) as MessageKey[]) {
    const facts = { key, placeholders: placeholders(messages[key]) };
    expect(facts).toEqual({ key, placeholders: placeholders(en[key]) });
  }
});

test.each([
  ['en', en],
  ['de', de],
  ['ar', ar],
] as const)('%s has every plural form of its language', (locale, messages) => {
  const { pluralCategories } = new Intl.PluralRules(locale).resolvedOptions();
  for (const [key, message] of Object.entries<Message>(messages)) {
    if (typeof message === 'string') continue;
    expect({ key, forms: Object.keys(message).toSorted() }).toEqual({
      key,
      forms: pluralCategories.toSorted(),
    });
  }
});

test('every message is said somewhere', async () => {
  const text = (await sources(/\.tsx?$/))
    .filter(([name]) => !/^i18n.(en|de|ar|i18n.test).ts$/.test(name))
    .map(([, source]) => source)
    .join('\n');
  // `start.${role}.what` says what fits.
  const patterns = [...text.matchAll(/`([a-z][\w.]*\.\$\{[^`]*)`/gi)].map(
    ([, template = '']) =>
      new RegExp(`^${template.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '\\w+')}$`),
  );
  const isSaid = (key: string): boolean =>
    text.includes(`'${key}'`) || patterns.some((pattern) => pattern.test(key));
  expect(Object.keys(en).filter((key) => !isSaid(key))).toEqual([]);
});

test('components have no text of their own', async () => {
  // Between a tag and the next: letters that are no expression.
  const own = /(?<![=-])>\s*([^<>{}]*\p{L}{2,}[^<>{}]*)<\//gu;
  const found = (await sources(/\.tsx$/)).flatMap(([name, text]) =>
    [...text.matchAll(own)].map(([, words = '']) => `${name}: ${words.trim()}`),
  );
  expect(found).toEqual([]);
  const attributes = (await sources(/\.tsx$/)).flatMap(([name, text]) =>
    [...text.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]*\p{L}[^"]*)"/gu)].map(
      ([, words = '']) => `${name}: ${words}`,
    ),
  );
  expect(attributes).toEqual([]);
});
