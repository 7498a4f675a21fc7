import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONFIG_SCHEMA, ConfigError, configTable, readConfig } from './config.ts';

const ROOT = join(import.meta.dirname, '..');
const NAMES = Object.keys(CONFIG_SCHEMA.shape);

test('an empty environment gives a working configuration', () => {
  expect(readConfig({})).toMatchObject({ HOST: '127.0.0.1', PORT: 8080, TIME_SCALE: 1 });
});

test('an empty value counts as not set, and foreign variables are left alone', () => {
  expect(readConfig({ PORT: '', HOME: '/root' })).toEqual(readConfig({}));
});

test('every wrong value is named with what it should be, and never repeated', () => {
  const wrong = { PORT: 'http', JWT_SECRET: 'hunter2', TIME_SCALE: '0' };
  const message = (() => {
    try {
      readConfig(wrong);
    } catch (error) {
      return error instanceof ConfigError ? error.message : '';
    }
    return '';
  })();
  expect(message).toMatch(/PORT: .*It is: Public port/);
  expect(message).toMatch(/JWT_SECRET: .*32/);
  expect(message).toMatch(/TIME_SCALE: /);
  expect(message).not.toContain('hunter2');
});

test.each([' ', '0x1F', '1e3', '+80', '-1', '8080.0', ' 8080', '80 80', '1_000', 'Infinity'])(
  'a port is written in decimal digits: "%s" is none',
  (text) => {
    expect(() => readConfig({ PORT: text })).toThrow(/PORT: .*Public port/);
  },
);

test('a fraction is taken where the variable allows one', () => {
  const env = { PORT: '0', TIME_SCALE: '1.5', OFFER_SECONDS: '0.25', DRAIN_MS: '100' };
  const read = { PORT: 0, TIME_SCALE: 1.5, OFFER_SECONDS: 0.25, DRAIN_MS: 100 };
  expect(readConfig(env)).toMatchObject(read);
  for (const text of ['.5', '5.', '1,5', '0x2', '1e1']) {
    expect(() => readConfig({ OFFER_SECONDS: text })).toThrow(/OFFER_SECONDS/);
  }
});

test('a database of your own needs a signing key of your own', () => {
  const env = { DATABASE_URL: 'postgres://u:p@db.example/hexfleet' };
  expect(() => readConfig(env)).toThrow(/JWT_SECRET is needed/);
  expect(readConfig({ ...env, JWT_SECRET: 'x'.repeat(32) }).DATABASE_URL).toBe(env.DATABASE_URL);
});

test('the help, the README and .env.example list exactly the variables that there are', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const example = await readFile(join(ROOT, '.env.example'), 'utf8');
  const inReadme = [...readme.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1]);
  const inExample = [...example.matchAll(/^#? ?([A-Z_]+)=/gm)].map((match) => match[1]);
  const inHelp = [...configTable().matchAll(/^ {2}([A-Z_]+) /gm)].map((match) => match[1]);
  expect(inReadme).toEqual(NAMES);
  expect(inExample).toEqual(NAMES);
  expect(inHelp).toEqual(NAMES);
});

test('the README gives the defaults that hold', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` *\|([^|]*)\|/gm)];
  const shown = Object.fromEntries(
    rows.map(([, name = '', value = '']) => [name, value.trim().replaceAll('`', '')]),
  );
  const actual = Object.entries(CONFIG_SCHEMA.shape).map(([name, field]) => {
    const { data } = field.safeParse(undefined);
    return [name, data === undefined ? '' : String(data)];
  });
  expect(shown).toEqual(Object.fromEntries(actual));
});
