import { expect, test } from 'vitest';
import { quantileOf, type Buckets } from './histogram.ts';

const buckets: Buckets = [
  [0.001, 10],
  [0.002, 10],
  [0.004, 90],
  [Number.POSITIVE_INFINITY, 100],
];

test.each([
  [0.05, 0.000_5],
  [0.1, 0.001],
  [0.5, 0.003],
  [0.9, 0.004],
  [0.99, 0.004],
])('of this histogram the quantile %d is %d', (part, seconds) => {
  expect(quantileOf(buckets, part)).toBeCloseTo(seconds, 9);
});

test('of nothing there is none', () => {
  expect(quantileOf([], 0.5)).toBeNaN();
  expect(quantileOf([[Number.POSITIVE_INFINITY, 0]], 0.5)).toBeNaN();
});
