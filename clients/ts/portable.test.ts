import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** `import` and `export ... from` that are still there when the types are gone. */
const IMPORTS = /^(?:import|export) (?!type )[^;]*?from '([^']+)';/gms;

async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return Array.from(text.matchAll(IMPORTS), ([, from = '']) => from);
}

test('the SDK needs nothing but msgpackr: no module of Node, no schema, no log', async () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const waiting = [join(import.meta.dirname, 'index.ts')];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const from of await importsOf(file)) {
      if (from.startsWith('.')) waiting.push(join(dirname(file), from));
      else packages.add(from);
    }
  }
  expect([...packages]).toEqual(['msgpackr']);
  expect(seen.size).toBeGreaterThan(15);
});
