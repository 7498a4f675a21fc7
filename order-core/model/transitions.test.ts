import { expect, test } from 'vitest';
import { orderStateSchema } from '../../protocol/index.ts';
import { assertMayFollow, isFinal, mayFollow } from './transitions.ts';

const STATES = orderStateSchema.options;

test('before pickup every state may be cancelled, from pickup on none', () => {
  const cancellable = STATES.filter((state) => mayFollow(state, 'CANCELLED'));
  expect(cancellable).toEqual(['SCHEDULED', 'PLACED', 'PAID', 'CONFIRMED', 'PREPARING', 'READY']);
});

test('only a completed or a cancelled order is final', () => {
  expect(STATES.filter(isFinal)).toEqual(['COMPLETED', 'CANCELLED']);
});

test('no state is reached twice: every path through the table ends', () => {
  const longestPath = (from: (typeof STATES)[number], seen: readonly string[]): number => {
    expect(seen).not.toContain(from);
    const next = STATES.filter((to) => mayFollow(from, to));
    return 1 + Math.max(0, ...next.map((to) => longestPath(to, [...seen, from])));
  };
  expect(longestPath('PLACED', [])).toBe(9);
});

test('a step that skips a state is refused with both states named', () => {
  expect(() => assertMayFollow('PAID', 'READY')).toThrow(
    expect.objectContaining({
      code: 'state_conflict',
      details: { state: 'PAID', wanted: 'READY' },
    }) as Error,
  );
});
