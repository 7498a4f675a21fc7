import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateDay } from '../../load-tests/days/index.ts';
import { simulateDay } from './simulate.ts';
import { readSolution, solutionOf, writeSolution } from './solution-files.ts';

const DAY = generateDay({ seed: 2, orders: 20, restaurants: 4, couriers: 5, sizeMeters: 5_000 });

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hexfleet solution '));
});
afterAll(() => rm(directory, { recursive: true }));

test('what is written is read back the same', async () => {
  const solution = solutionOf(DAY, simulateDay(DAY, { strategy: 'optimal', seed: 1 }));
  const below = join(directory, 'not', 'there yet');
  await writeSolution(below, solution);
  expect(await readSolution(below)).toEqual(solution);
  expect(solution.deliveries.length).toBeGreaterThan(0);
});

test('the files are as the evaluator of the benchmark reads them', async () => {
  await writeSolution(directory, {
    assignments: [
      { assignedAtMinute: 604, pickedUpAtMinute: 612.5, courierId: 'c1', orderIds: ['o1', 'o2'] },
    ],
    deliveries: [
      {
        orderId: 'o1',
        placedAtMinute: 600,
        readyAtMinute: 610,
        pickedUpAtMinute: 612.5,
        droppedOffAtMinute: 626,
        courierId: 'c1',
      },
    ],
    moves: [{ courierId: 'c1', departedAtMinute: 604, origin: '0', destination: 'r1' }],
  });
  const textOf = (name: string): Promise<string> =>
    readFile(join(directory, `solution_info_${name}.txt`), 'utf8');
  expect(await textOf('assignments')).toBe(
    'assignment_time pickup_time courier order\n604 612.5 c1 o1 o2\n',
  );
  expect(await textOf('orders')).toBe(
    'order placement_time ready_time pickup_time dropoff_time courier\no1 600 610 612.5 626 c1\n',
  );
  expect(await textOf('couriers')).toBe('courier departure_time origin destination\nc1 604 0 r1\n');
});

const HEADERS = {
  assignments: 'assignment_time pickup_time courier order',
  orders: 'order placement_time ready_time pickup_time dropoff_time courier',
  couriers: 'courier departure_time origin destination',
} as const;

test.each([
  ['assignments', '604 612 c1', 'expected 4 fields or more, found 3'],
  ['assignments', '604 noon c1 o1', 'expected a minute, found noon'],
  ['orders', 'o1 600 610 612 626', 'expected 6 fields, found 5'],
  ['orders', 'o1 600 610 612 Infinity c1', 'expected a minute, found Infinity'],
  ['couriers', 'c1 604 0 r1 r2', 'expected 4 fields, found 5'],
  ['couriers', 'c1 0x1 0 r1', 'expected a minute, found 0x1'],
] as const)('in %s the line "%s" is named', async (name, line, message) => {
  await writeSolution(directory, { assignments: [], deliveries: [], moves: [] });
  const file = `solution_info_${name}.txt`;
  await writeFile(join(directory, file), `${HEADERS[name]}\n\n${line}\n`);
  await expect(readSolution(directory)).rejects.toThrow(`${file}, line 3: ${message}`);
});

test('another header, and a file that is not there, are named', async () => {
  await writeSolution(directory, { assignments: [], deliveries: [], moves: [] });
  const file = join(directory, 'solution_info_orders.txt');
  await writeFile(file, 'order courier\n');
  await expect(readSolution(directory)).rejects.toThrow('solution_info_orders.txt, line 1');
  await rm(file);
  await expect(readSolution(directory)).rejects.toThrow(/solution_info_orders\.txt cannot be read/);
});
