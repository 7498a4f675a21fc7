import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataDir } from './data-dir.ts';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'hexfleet data '));
});
afterEach(() => rm(parent, { recursive: true }));

const ENGINE = {
  pid: process.pid,
  url: 'http://127.0.0.1:1',
  opsUrl: 'http://127.0.0.1:2',
  databaseUrl: 'postgres://u:p@127.0.0.1:3/d',
  paymentApiUrl: 'http://127.0.0.1:4',
  timeScale: 30,
};

test('a secret is made once, and many who ask at once get the same', async () => {
  const dataDir = await DataDir.open(join(parent, 'a'));
  const secrets = await Promise.all(Array.from({ length: 8 }, () => dataDir.secret('key')));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toMatch(/^[\w-]{43}$/);
  expect(await readdir(dataDir.path)).toEqual(['key']);
});

test('what is kept there is for its owner only', async () => {
  const dataDir = await DataDir.open(join(parent, 'a'));
  await dataDir.secret('key');
  await dataDir.announce(ENGINE);
  for (const [name, mode] of [
    ['.', 0o700],
    ['key', 0o600],
    ['engine.json', 0o600],
  ] as const) {
    expect((await stat(join(dataDir.path, name))).mode & 0o777).toBe(mode);
  }
});

test('a running engine is found until it withdraws', async () => {
  const dataDir = await DataDir.open(parent);
  expect(await dataDir.runningEngine()).toBeNull();
  await dataDir.announce(ENGINE);
  expect(await dataDir.runningEngine()).toEqual(ENGINE);
  await dataDir.withdrawAnnouncement();
  expect(await dataDir.runningEngine()).toBeNull();
});

test('the announcement of a killed engine does not count', async () => {
  const dataDir = await DataDir.open(parent);
  const gone = { ...ENGINE, pid: 2 ** 22 + 1 };
  await writeFile(join(parent, 'engine.json'), JSON.stringify(gone));
  expect(await dataDir.runningEngine()).toBeNull();
});
