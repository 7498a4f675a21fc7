import { expect, test } from 'vitest';
import { z } from 'zod';
import { readCall, UsageError } from './command.ts';
import { plainInteger } from './plain-number.ts';

const COMMAND = {
  options: z.object({
    count: plainInteger(z.number().min(1)).default(3),
    part: z.array(z.string()).default([]),
    force: z.boolean().default(false),
    out: z.string().min(1),
    'dry-run': z.boolean().default(false),
  }),
  positionalsMax: 1,
};

test('options are numbers, lists and flags as the schema says, and others as they were set', () => {
  const args = ['list', '--out', 'there', '--part', 'a', '--force', '--part', 'b', '--count', '12'];
  expect(readCall(COMMAND, args)).toEqual({
    options: { count: 12, part: ['a', 'b'], force: true, out: 'there', 'dry-run': false },
    positionals: ['list'],
  });
  expect(readCall(COMMAND, ['--out', 'x'])?.options).toMatchObject({ count: 3, part: [] });
});

test('who asks for help is not asked for anything', () => {
  expect(readCall(COMMAND, ['--help'])).toBeNull();
  expect(readCall(COMMAND, ['-h', '--count', 'many'])).toBeNull();
});

test.each([
  ['an option that there is not', ['--out', 'x', '--fast'], /--fast/],
  ['a number that is none', ['--out', 'x', '--count', '1e3'], /--count: .*decimal digits/],
  ['a number out of its bounds', ['--out', 'x', '--count', '0'], /--count: /],
  ['what is missing', [], /--out: /],
  ['a flag with a value', ['--out', 'x', '--force=yes'], /--force/],
  ['one text too many', ['list', 'all', '--out', 'x'], /'all' is too much/],
])('%s is named', (_what, args, named) => {
  expect(() => readCall(COMMAND, args)).toThrow(UsageError);
  expect(() => readCall(COMMAND, args)).toThrow(named);
});

test('all that is wrong is named at once', () => {
  expect(() => readCall(COMMAND, ['--count', 'x'])).toThrow(/--count: [^]*--out: /);
});
