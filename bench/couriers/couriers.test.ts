import { expect, test } from 'vitest';
import { smokeContext } from '../bench-context.test-kit.ts';
import { mustAgree } from './brute-force.ts';
import { measureIndex } from './index.ts';

/** A little of everything: that figures come out and answers are compared, not which figures. */
const TINY = {
  couriers: 2_000,
  moves: 2_000,
  laps: 1,
  searches: 200,
  redisSearches: 100,
  checks: 20,
  fleets: [500, 1_000],
};
test('the index is measured beside rbush and a real Redis, whose answers agree', async () => {
  const { results, rows } = await measureIndex(TINY, smokeContext(''));
  expect(Object.keys(results).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'bytes_per_courier',
    'knn_p99_us',
    'knn_vs_redis',
    'moves_by_id_vs_redis',
    'moves_per_second',
    'moves_vs_rbush',
    'moves_vs_redis',
  ]);
  for (const { value } of Object.values(results)) expect(value).toBeGreaterThan(0);
  expect(rows.map(({ what }) => what)).toContain('1,000 couriers');
}, 60_000);

test('a wrong answer fails the bench', () => {
  expect(() => mustAgree('the index', [1, 2], [1, 2])).not.toThrow();
  expect(() => mustAgree('the index', [1, 2.1], [1, 2])).toThrow('wrong answer');
  expect(() => mustAgree('Redis', [1], [1, 2])).toThrow('wrong answer');
  expect(() => mustAgree('Redis', [1, 2.9], [1, 2])).not.toThrow();
});
