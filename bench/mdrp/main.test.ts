import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateDay, readDay, writeDay, type DayRecipe } from '../../load-tests/days/index.ts';
import { readCall } from '../../runtime/index.ts';
import { HELP, mdrpOptions } from './options.ts';
import { readSolution } from './solution-files.ts';
import { validate } from './validate.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const RECIPE: DayRecipe = { seed: 4, orders: 12, restaurants: 3, couriers: 5, sizeMeters: 4_000 };
const KEYS = [
  'instance',
  'orders',
  'delivered_pct',
  'ctd90',
  'bound',
  'excess',
  'rtp',
  'late_pct',
  'cost_per_order',
  'bundled_pct',
  'max_epoch_ms',
  'seconds',
];
const SOLUTION_FILES = [
  'solution_info_assignments.txt',
  'solution_info_couriers.txt',
  'solution_info_orders.txt',
];

let directory = '';
/** Of two days; the second one's name is not XML. */
let days = '';
let day = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hexfleet mdrp '));
  days = join(directory, 'days');
  day = join(days, '2 & <more>');
  await writeDay(join(days, '10'), generateDay({ ...RECIPE, orders: 6 }));
  await writeDay(day, generateDay(RECIPE));
});
afterAll(() => rm(directory, { recursive: true }));

function mdrp(...args: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: directory }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

async function read(...path: string[]): Promise<string> {
  return await readFile(join(directory, ...path), 'utf8');
}

/** Whether tags are closed in turn and no other `<` or `&` stands bare; attributes are quoted. */
function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  const tags = /<(?<closes>\/?)(?<name>[a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(?<empty>\/?)>/gi;
  for (const { groups } of xml.matchAll(tags)) {
    if (groups?.['closes'] === '/') {
      if (open.pop() !== groups['name']) return false;
    } else if (groups?.['empty'] === '') {
      open.push(groups['name'] ?? '');
    }
  }
  return open.length === 0 && !/<|&(?!amp;|lt;|gt;|quot;)/.test(xml.replaceAll(tags, ''));
}

test('one instance prints its figures, and leaves figures, solution and drawing', async () => {
  const outputs = ['--out', join('out', 'new'), '--json', 'one.json', '--plot', 'one.svg'];
  const { code, stdout, stderr } = await mdrp('--instance', day, ...outputs);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

  const figures = JSON.parse(stdout) as Record<string, unknown>;
  expect(Object.keys(figures)).toEqual(KEYS);
  expect(figures).toMatchObject({ instance: '2 & <more>', orders: 12, delivered_pct: 100 });
  expect(await read('one.json')).toBe(stdout);

  const out = join(directory, 'out', 'new');
  expect((await readdir(out)).toSorted()).toEqual(SOLUTION_FILES);
  const solution = await readSolution(out);
  expect(solution.deliveries).toHaveLength(12);
  expect(validate(await readDay(day), solution)).toEqual([]);

  const svg = await read('one.svg');
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).toContain('2 &amp; &lt;more&gt;');
  expect(isWellFormed(svg)).toBe(true);
  expect(isWellFormed(svg.replace('</g>', '')), 'what is not well-formed').toBe(false);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

test('all instances print a table, and leave an array and a folder for each', async () => {
  const { code, stdout } = await mdrp('--all', days, '--out', 'all', '--json', 'all.json');
  expect(code).toBe(0);
  // By number, not by letter; the last line is the mean.
  expect(stdout).toMatch(/instance.*excess[^]*2 & <more>[^]*10[^]*mean/);
  const all = JSON.parse(await read('all.json')) as Record<string, unknown>[];
  expect(all.map(({ instance }) => instance)).toEqual(['2 & <more>', '10']);
  for (const figures of all) expect(Object.keys(figures)).toEqual(KEYS);
  for (const name of ['2 & <more>', '10']) {
    expect((await readdir(join(directory, 'all', name))).toSorted()).toEqual(SOLUTION_FILES);
  }
});

test('an instance that cannot be read is named, and the others have their figures', async () => {
  const some = join(directory, 'some');
  await writeDay(join(some, 'good'), generateDay({ ...RECIPE, orders: 4 }));
  await mkdir(join(some, 'bad'));
  await writeFile(join(some, 'bad', 'orders.txt'), 'order\n');
  const { code, stdout, stderr } = await mdrp('--all', some);
  expect(code).toBe(1);
  expect(stdout).toContain('good');
  expect(stderr).toMatch(/Not run: .*bad/);
});

test('the same seed gives the same figures, whatever the clock says', async () => {
  const withoutTimes = async (): Promise<unknown> => {
    const { stdout } = await mdrp('--instance', day, '--seed', '3', '--strategy', 'optimal');
    const figures = JSON.parse(stdout) as Record<string, unknown>;
    return { ...figures, max_epoch_ms: 0, seconds: 0 };
  };
  const [first, second] = await Promise.all([withoutTimes(), withoutTimes()]);
  expect(second).toEqual(first);
});

test.concurrent.each([
  ['--instance', []],
  ['--instance', ['--instance', 'nowhere']],
  ['--all', ['--all', 'nowhere']],
  ['--json', ['--instance', 'days/10', '--json', 'days']],
  ['--plot', ['--instance', 'days/10', '--plot', 'nowhere/day.svg']],
  ['--out', ['--instance', 'days/10', '--out', 'days/10/orders.txt']],
  ['--fast', ['--instance', 'days/10', '--fast']],
])('a wrong call names %s: %j', async (option, args) => {
  const { code, stdout, stderr } = await mdrp(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(option);
  expect(stderr).not.toMatch(/\n {4}at /);
});

test.each([
  ['--instance', ['--instance', 'days/10', '--all', 'days']],
  ['--instance', ['--instance', '']],
  ['--strategy', ['--instance', 'days/10', '--strategy', 'best']],
  ['--seed', ['--instance', 'days/10', '--seed', '1e3']],
  ['--plot', ['--instance', 'days/10', '--plot', 'day.png']],
  ['--plot', ['--all', 'days', '--plot', 'day.svg']],
])('options that cannot be meant name %s: %j', (option, args) => {
  expect(() => readCall({ options: mdrpOptions }, args)).toThrow(`${option}: `);
});

test('--help says how to call it', async () => {
  const { code, stdout } = await mdrp('--help');
  expect({ code, stdout }).toEqual({ code: 0, stdout: HELP });
  for (const name of ['instance', 'all', 'strategy', 'seed', 'out', 'json', 'plot']) {
    expect(HELP).toContain(`--${name} `);
  }
});
