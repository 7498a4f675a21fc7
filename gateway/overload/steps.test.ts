import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterLook, AT_EASE, SHED_FROM, type OverloadState, type Signs } from './steps.ts';

const EASE: Signs = { loopDelayMs: 5, poolWaitMs: 0, outboxLagMs: 0 };

/** The steps after each of these looks. */
function stepsAfter(looks: readonly Partial<Signs>[], from: OverloadState = AT_EASE): number[] {
  let state = from;
  return looks.map((signs) => {
    state = afterLook(state, { ...EASE, ...signs });
    return state.step;
  });
}

const times = (n: number, signs: Partial<Signs>) => Array.from({ length: n }, () => signs);

test.each([
  ['loopDelayMs', 249, 0],
  ['loopDelayMs', 250, 1],
  ['loopDelayMs', 500, 2],
  ['loopDelayMs', 1_000, 3],
  ['poolWaitMs', 500, 1],
  ['poolWaitMs', 1_000, 2],
  ['poolWaitMs', 2_000, 3],
  ['outboxLagMs', 5_000, 1],
  ['outboxLagMs', 15_000, 2],
  ['outboxLagMs', 30_000, 3],
] as const)('twice a %s of %i: step %i', (sign, value, step) => {
  expect(stepsAfter(times(2, { [sign]: value })).at(-1)).toBe(step);
});

test('one pause is no overload, however long', () => {
  expect(stepsAfter([{ loopDelayMs: 60_000 }, {}, { loopDelayMs: 60_000 }, {}])).toEqual([
    0, 0, 0, 0,
  ]);
});

test('of two looks the milder one decides', () => {
  expect(stepsAfter([{ poolWaitMs: 9_000 }, { poolWaitMs: 600 }])).toEqual([0, 1]);
});

test('a step is left one at a time, after six calm looks each', () => {
  const steps = stepsAfter([...times(2, { poolWaitMs: 2_000 }), ...times(18, {})]);
  expect(steps).toEqual([0, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0]);
});

test('between what a step is entered at and half of it, it stays', () => {
  const steps = stepsAfter([...times(2, { poolWaitMs: 500 }), ...times(50, { poolWaitMs: 300 })]);
  expect(steps.at(-1)).toBe(1);
  expect(stepsAfter(times(50, { poolWaitMs: 300 })).at(-1)).toBe(0);
});

test('a strained look in between begins the calm anew', () => {
  const strained = times(2, { loopDelayMs: 300 });
  expect(stepsAfter([...strained, ...times(5, {}), { loopDelayMs: 200 }, ...times(5, {})])).toEqual(
    [0, ...Array.from({ length: 12 }, () => 1)],
  );
});

test('what matters least is left undone first', () => {
  expect(SHED_FROM.history).toBeLessThan(SHED_FROM.subscription);
  expect(SHED_FROM.live_map).toBeLessThan(SHED_FROM.subscription);
  expect(SHED_FROM.subscription).toBeLessThan(SHED_FROM.new_order);
});

const signs = fc.record({
  loopDelayMs: fc.nat({ max: 3_000 }),
  poolWaitMs: fc.nat({ max: 5_000 }),
  outboxLagMs: fc.nat({ max: 60_000 }),
});

test('whatever is seen: a step up needs two looks, a step down is one, and calm ends at none', () => {
  const property = fc.property(fc.array(signs, { maxLength: 60 }), (looks) => {
    let state = AT_EASE;
    const steps = [0];
    for (const look of looks) {
      state = afterLook(state, look);
      steps.push(state.step);
    }
    const changes = steps.slice(1).map((step, i) => step - (steps[i] ?? 0));
    expect(changes.filter((change) => change < -1)).toEqual([]);
    expect(changes.filter((change, i) => change > 0 && (changes[i - 1] ?? 1) > 0)).toEqual([]);
    expect(stepsAfter(times(18, {}), state).at(-1)).toBe(0);
  });
  fc.assert(property);
});
