import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CONFIG_SCHEMA } from '../runtime/index.ts';

const ROOT = join(import.meta.dirname, '..');

interface Compose {
  readonly services: Readonly<
    Record<string, { environment?: Record<string, string>; depends_on?: Record<string, unknown> }>
  >;
}

test('docker-compose.yml is YAML, and sets only what the engine knows', async () => {
  const compose = parse(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8')) as Compose;
  expect(Object.keys(compose.services)).toEqual(
    expect.arrayContaining(['engine', 'postgres', 'redis']),
  );
  const set = Object.keys(compose.services['engine']?.environment ?? {});
  expect(set.filter((name) => !(name in CONFIG_SCHEMA.shape))).toEqual([]);
  for (const { depends_on: needed = {} } of Object.values(compose.services)) {
    for (const name of Object.keys(needed)) expect(compose.services).toHaveProperty(name);
  }
});

test('the Dockerfile starts what is there, with the Node that the project pins', async () => {
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const minor = manifest.devDependencies['node']?.split('.').slice(0, 2).join('.');
  const images = [...dockerfile.matchAll(/^FROM node:(\S+)-bookworm-slim/gm)].map(([, tag]) => tag);
  expect(images).toEqual([minor, minor, minor]);
  expect(dockerfile).toContain('RUN node web/build/main.ts');
  expect(dockerfile).toContain('CMD ["node", "main.ts"]');
});
