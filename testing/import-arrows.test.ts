import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The linter's rules, tried on a small house with the same rooms. */
const ROOT = join(import.meta.dirname, '..');
let house = '';

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'hexfleet-house-'));
  await cp(join(ROOT, '.oxlintrc.json'), join(house, '.oxlintrc.json'));
  await symlink(join(ROOT, 'node_modules'), join(house, 'node_modules'));
});
afterAll(() => rm(house, { recursive: true }));

/** What the linter says of a file at `path` with one import. */
async function lint(path: string, imported: string): Promise<string> {
  const file = join(house, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `import { thing } from '${imported}';\n\nexport const other = thing;\n`);
  const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
  return await new Promise((resolve) => {
    execFile(oxlint, ['--format', 'json', file], { cwd: house }, (_error, stdout) => {
      resolve(stdout);
    });
  });
}

test.each([
  ['runtime/a.ts', '../protocol/index.ts'],
  ['protocol/a.ts', '../geo/index.ts'],
  ['geo/a.ts', '../protocol/index.ts'],
  ['dispatch/plan/a.ts', '../../order-core/index.ts'],
  ['order-core/a.ts', '../dispatch/index.ts'],
  ['gateway/http/a.ts', '../../order-core/index.ts'],
  ['clients/ts/a.ts', '../../gateway/index.ts'],
  ['load-tests/a.ts', '../order-core/index.ts'],
  ['web/live/a.ts', '../../gateway/index.ts'],
  ['web/live/a.ts', '../../runtime/index.ts'],
])('%s may not import %s', async (path, imported) => {
  expect(await lint(path, imported)).toContain('no-restricted-imports');
});

test('another folder is entered by its front door only', async () => {
  expect(await lint('gateway/a.ts', '../geo/zone.ts')).toContain('front door');
});

test.each([
  ['geo/a.ts', '../runtime/index.ts'],
  ['dispatch/a.ts', '../geo/index.ts'],
  ['order-core/orders/a.ts', '../../protocol/index.ts'],
  ['load-tests/a.ts', '../clients/ts/index.ts'],
  ['web/live/a.ts', '../../runtime/portable.ts'],
])('%s may import %s', async (path, imported) => {
  expect(await lint(path, imported)).not.toContain('no-restricted-imports');
});
