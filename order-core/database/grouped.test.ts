import { expect, test } from 'vitest';
import { systemRandom } from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';
import { databaseErrors } from './errors.ts';
import { Grouped } from './grouped.ts';

interface Item {
  readonly name: string;
  readonly row: string;
}

/** Statements that take a turn each; `groups` is what each of them was given. */
function grouped(fault: (names: readonly string[]) => Error | null = () => null) {
  const groups: string[][] = [];
  const underWay = new Set<string>();
  const group = new Grouped<Item, string>({
    random: systemRandom,
    keysOf: ({ row }) => [row],
    async run(items) {
      const names = items.map(({ name }) => name);
      groups.push(names);
      for (const { row } of items) {
        expect(underWay).not.toContain(row);
        underWay.add(row);
      }
      await new Promise((resolve) => setImmediate(resolve));
      for (const { row } of items) underWay.delete(row);
      const error = fault(names);
      if (error !== null) throw error;
      return names.map((name) => `done ${name}`);
    },
  });
  return { group, groups };
}

const add = (group: Grouped<Item, string>, names: readonly string[]) =>
  Promise.allSettled(names.map((name) => group.add({ name, row: name })));

test('what comes in one turn goes together, and each gets its own result', async () => {
  const { group, groups } = grouped();
  const results = await add(group, ['a', 'b', 'c']);
  expect(groups).toEqual([['a', 'b', 'c']]);
  expect(results).toEqual([
    { status: 'fulfilled', value: 'done a' },
    { status: 'fulfilled', value: 'done b' },
    { status: 'fulfilled', value: 'done c' },
  ]);
});

test('two that change the same row are never under way together, and keep their order', async () => {
  const { group, groups } = grouped();
  const names = Array.from({ length: 200 }, (_, i) => `n${i}`);
  await Promise.all(names.map((name, i) => group.add({ name, row: `row ${i % 3}` })));
  for (const row of [0, 1, 2]) {
    const told = groups.flat().filter((name) => Number(name.slice(1)) % 3 === row);
    expect(told).toEqual(names.filter((_, i) => i % 3 === row));
  }
});

test('one that cannot be done takes nobody with it', async () => {
  const refuses = (names: readonly string[]) =>
    names.includes('bad') ? orderErrors.make('courier_taken') : null;
  const { group } = grouped(refuses);
  const results = await add(group, ['a', 'bad', 'b']);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('what may have been done when the connection was lost is not done again', async () => {
  const { group, groups } = grouped(() => databaseErrors.make('database_unavailable'));
  const results = await add(group, ['a', 'b']);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(groups).toEqual([['a', 'b']]);
});
