import { expect, test } from 'vitest';
import { followSilence } from './silence.ts';

test('a courier that carries and says nothing is told of once, and once when it is heard again', () => {
  const watch = { isSilent: false };
  const ask = (sinceFixSeconds: number) => followSilence(watch, true, sinceFixSeconds, 300);
  expect([10, 300, 301, 400, 500, 2, 5].map(ask)).toEqual([
    null,
    null,
    'silent',
    null,
    null,
    'heard',
    null,
  ]);
});

test('who carries nothing may be silent', () => {
  const watch = { isSilent: false };
  expect(followSilence(watch, false, 9_000, 300)).toBeNull();
  expect(followSilence(watch, true, 9_000, 300)).toBe('silent');
  expect(followSilence(watch, false, 9_001, 300)).toBeNull();
  expect(followSilence(watch, true, 9_002, 300)).toBe('silent');
});
