import { expect, test } from 'vitest';
import { dropOldest } from './drop-oldest.ts';

test('beyond the bound those go that came first', () => {
  const map = new Map([1, 2, 3, 4].map((key) => [key, 'kept']));
  dropOldest(map, 3);
  expect([...map.keys()]).toEqual([2, 3, 4]);
  dropOldest(map, 3);
  expect(map.size).toBe(3);
  dropOldest(map, 1);
  expect([...map.keys()]).toEqual([4]);
});

test('who was heard of again is the newest', () => {
  const set = new Set(['a', 'b', 'c']);
  set.delete('a');
  set.add('a');
  dropOldest(set, 2);
  expect([...set]).toEqual(['c', 'a']);
});
