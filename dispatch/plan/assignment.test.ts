import fc from 'fast-check';
import highsModule from 'highs';
import { expect, test } from 'vitest';
import { randomInteger, seededRandom, type Random } from '../../runtime/index.ts';
import { COST_MAX, UNASSIGNED, type AssignmentProblem } from './assignment-problem.ts';
import { AssignmentSolver } from './assignment.ts';

/** The types of `highs` describe its CommonJS form only; as a module it gives the loader itself. */
const loadHighs = highsModule as unknown as typeof highsModule.default;

/** One for all tests: what a problem leaves behind in the scratch arrays must not matter. */
const shared = new AssignmentSolver();

interface Outcome {
  readonly assigned: number;
  readonly cost: number;
}

/** Solves, and checks what must hold of any answer: a plan, and duals that prove it. */
function solve(problem: AssignmentProblem, solver = shared): Outcome {
  const { columnOf, totalCost, duals } = solver.solve(problem);
  const { rows, columns, costs } = problem;
  expect([columnOf.length, duals.length]).toEqual([rows, columns]);
  const pairs = [...columnOf].flatMap((column, row) =>
    column === UNASSIGNED ? [] : [{ row, column, cost: costs[row * columns + column] ?? NaN }],
  );
  const used = new Set(pairs.map(({ column }) => column));
  const sum = pairs.reduce((total, { cost }) => total + cost, 0);
  expect(Number.isFinite(sum)).toBe(true);
  expect({ assigned: used.size, cost: totalCost }).toEqual(
    like({ assigned: pairs.length, cost: sum }, costs),
  );

  const tolerance = 1e-9 * scaleOf(costs);
  const least = Array.from({ length: rows }, (_, row) =>
    Math.min(...Array.from(duals, (dual, j) => (costs[row * columns + j] ?? NaN) - dual)),
  );
  for (const { row, column, cost } of pairs) {
    expect(cost - (duals[column] ?? NaN)).toBeLessThanOrEqual((least[row] ?? NaN) + tolerance);
  }
  const leastWithout = Math.min(...least.filter((_, row) => columnOf[row] === UNASSIGNED));
  for (const { row } of pairs) {
    expect(least[row]).toBeLessThanOrEqual(leastWithout + tolerance);
  }
  expect(Math.max(0, ...duals)).toBeLessThanOrEqual(tolerance);
  expect(duals.filter((dual, column) => !used.has(column) && dual !== 0)).toHaveLength(0);
  return { assigned: pairs.length, cost: totalCost };
}

function scaleOf(costs: Float64Array): number {
  return costs.reduce((most, c) => (c < Infinity ? Math.max(most, Math.abs(c)) : most), 1);
}

/** Matches an outcome of the same total: exactly for integers, else but for rounding. */
function like({ assigned, cost }: Outcome, costs: Float64Array): unknown {
  const integers = costs.every((cost) => cost === Infinity || Number.isInteger(cost));
  const digits = integers ? 12 : 9 - Math.ceil(Math.log10(scaleOf(costs)));
  return { assigned, cost: expect.closeTo(cost, digits) as unknown };
}

/** All plans there are, row by row. */
function bruteForce({ rows, columns, costs }: AssignmentProblem, row = 0, used = 0): Outcome {
  if (row === rows) return { assigned: 0, cost: 0 };
  let best = bruteForce({ rows, columns, costs }, row + 1, used);
  for (let column = 0; column < columns; column++) {
    const cost = costs[row * columns + column] ?? NaN;
    if (cost === Infinity || (used & (1 << column)) !== 0) continue;
    const rest = bruteForce({ rows, columns, costs }, row + 1, used | (1 << column));
    const assigned = rest.assigned + 1;
    const total = rest.cost + cost;
    if (assigned > best.assigned || (assigned === best.assigned && total < best.cost)) {
      best = { assigned, cost: total };
    }
  }
  return best;
}

function problems(sizeMax: number): fc.Arbitrary<AssignmentProblem> {
  const kinds = [
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: -1000, max: 1000 }),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ];
  return fc
    .record({
      rows: fc.integer({ min: 0, max: sizeMax }),
      columns: fc.integer({ min: 0, max: sizeMax }),
      cost: fc.constantFrom(...kinds),
      allowedWeight: fc.constantFrom(1, 3, 20, Infinity),
    })
    .chain(({ rows, columns, cost, allowedWeight }) => {
      const length = { minLength: rows * columns, maxLength: rows * columns };
      const entry =
        allowedWeight === Infinity
          ? cost
          : fc.oneof(
              { arbitrary: cost, weight: allowedWeight },
              { arbitrary: fc.constant(Infinity), weight: 1 },
            );
      // A double of -0 would make totals that differ in sign only.
      const costs = fc.array(entry, length).map((list) => Float64Array.from(list, (c) => c + 0));
      return fc.record({ rows: fc.constant(rows), columns: fc.constant(columns), costs });
    });
}

const anyDual = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ noNaN: true }),
);

function withDuals(
  sizeMax: number,
): fc.Arbitrary<AssignmentProblem & { startDuals: Float64Array }> {
  return problems(sizeMax).chain((problem) =>
    fc
      .array(anyDual, { minLength: problem.columns, maxLength: problem.columns })
      .map((duals) => ({ ...problem, startDuals: Float64Array.from(duals) })),
  );
}

test('the plan is as large as any, and as cheap as any that large', () => {
  fc.assert(
    fc.property(problems(6), (problem) => {
      expect(solve(problem)).toEqual(like(bruteForce(problem), problem.costs));
    }),
    { numRuns: 600 },
  );
});

test('whatever the start duals, the total is the same', () => {
  fc.assert(
    fc.property(withDuals(6), (problem) => {
      expect(solve(problem)).toEqual(like(bruteForce(problem), problem.costs));
    }),
    { numRuns: 600 },
  );
  fc.assert(
    fc.property(withDuals(14), ({ startDuals, ...cold }) => {
      expect(solve({ ...cold, startDuals })).toEqual(like(solve(cold), cold.costs));
    }),
    { numRuns: 300 },
  );
});

test('the duals of a problem start the next one, also in the very array they were returned in', () => {
  const change = fc.record({ at: fc.nat(), by: fc.integer({ min: -3, max: 3 }) });
  fc.assert(
    fc.property(problems(14), fc.array(change, { maxLength: 10 }), (before, changes) => {
      const costs = before.costs.slice();
      for (const { at, by } of changes) {
        const i = at % Math.max(1, costs.length);
        // Pairs come and go as well.
        if (i < costs.length)
          costs[i] = by === 3 ? Infinity : costs[i] === Infinity ? by : (costs[i] ?? NaN) + by;
      }
      const cold = solve({ ...before, costs }, new AssignmentSolver());
      const { duals } = shared.solve(before);
      const copied = duals.slice();
      expect(solve({ ...before, costs, startDuals: duals })).toEqual(like(cold, costs));
      expect(solve({ ...before, costs, startDuals: copied })).toEqual(like(cold, costs));
    }),
    { numRuns: 300 },
  );
});

test('the order of rows and columns does not change the total', () => {
  const shuffled = (count: number): fc.Arbitrary<number[]> => {
    const numbers = Array.from({ length: count }, (_, i) => i);
    return fc.shuffledSubarray(numbers, { minLength: count });
  };
  const permuted = problems(14).chain((problem) =>
    fc.tuple(fc.constant(problem), shuffled(problem.rows), shuffled(problem.columns)),
  );
  fc.assert(
    fc.property(permuted, ([problem, rowOrder, columnOrder]) => {
      const costs = Float64Array.from(
        rowOrder.flatMap((row) =>
          columnOrder.map((column) => problem.costs[row * problem.columns + column] ?? NaN),
        ),
      );
      expect(solve({ ...problem, costs })).toEqual(like(solve(problem), problem.costs));
    }),
    { numRuns: 300 },
  );
});

test('the same input gives the same plan, whatever was solved before', () => {
  fc.assert(
    fc.property(withDuals(10), (problem) => {
      const used = shared.solve(problem);
      const fresh = new AssignmentSolver().solve(problem);
      expect([...used.columnOf]).toEqual([...fresh.columnOf]);
      expect([...used.duals]).toEqual([...fresh.duals]);
    }),
  );
});

test('solving again at the same size keeps the arrays', () => {
  const solver = new AssignmentSolver();
  const problem = { rows: 2, columns: 3, costs: Float64Array.of(1, 2, 3, 1, 5, 9) };
  const first = solver.solve(problem);
  expect([...first.columnOf]).toEqual([1, 0]);
  const second = solver.solve(problem);
  expect(second.columnOf).toBe(first.columnOf);
  expect(second.duals).toBe(first.duals);
});

test('a row that only fits where another sits gets the column when it is cheaper there', () => {
  const costs = Float64Array.of(5, Infinity, 3, Infinity, 4, Infinity);
  const { columnOf, totalCost } = shared.solve({ rows: 3, columns: 2, costs });
  expect([...columnOf]).toEqual([UNASSIGNED, 0, UNASSIGNED]);
  expect(totalCost).toBe(3);
});

test('more rows are served before cheaper ones', () => {
  const costs = Float64Array.of(0, 1e9, 0, Infinity);
  expect(solve({ rows: 2, columns: 2, costs })).toEqual({ assigned: 2, cost: 1e9 });
});

test('what cannot be a problem is refused', () => {
  const sound = { rows: 1, columns: 2, costs: Float64Array.of(1, 2) };
  const withCosts = (...costs: number[]) => ({ ...sound, costs: Float64Array.from(costs) });
  expect(() => shared.solve(withCosts(1, NaN))).toThrow('in bounds');
  expect(() => shared.solve(withCosts(1, -Infinity))).toThrow('in bounds');
  expect(() => shared.solve(withCosts(1, 2 * COST_MAX))).toThrow('in bounds');
  expect(() => shared.solve(withCosts(1))).toThrow('one cost per pair');
  expect(() => shared.solve({ ...sound, rows: 0.5 })).toThrow('rows are counted');
  expect(() => shared.solve({ ...sound, columns: -1 })).toThrow('columns are counted');
  expect(() => shared.solve({ ...sound, startDuals: Float64Array.of(0) })).toThrow('one dual');
  expect(() => shared.solve({ ...sound, startDuals: Float64Array.of(0, NaN) })).toThrow('numbers');
});

/** As a linear program: its corners are plans, so its optimum is the best plan of that size. */
function linearProgram(problem: AssignmentProblem, size: string): string {
  const { rows, columns, costs } = problem;
  const allowed = [...costs].flatMap((cost, at) => {
    const pair = { row: Math.floor(at / columns), column: at % columns, cost };
    return cost === Infinity ? [] : [{ ...pair, name: `x${pair.row}_${pair.column}` }];
  });
  const atMostOne = (own: typeof allowed) =>
    own.length === 0 ? [] : [`${own.map(({ name }) => name).join(' + ')} <= 1`];
  const cost = allowed.map((x) => `${x.cost < 0 ? '-' : '+'} ${Math.abs(x.cost)} ${x.name}`);
  return [
    'Minimize',
    cost.join('\n'),
    'Subject To',
    ...Array.from({ length: rows }, (_, i) => atMostOne(allowed.filter((x) => x.row === i))).flat(),
    ...Array.from({ length: columns }, (_, j) =>
      atMostOne(allowed.filter((x) => x.column === j)),
    ).flat(),
    `${allowed.map(({ name }) => name).join('\n + ')} ${size}`,
    'End',
  ].join('\n');
}

function randomProblem(random: Random, rows: number, columns: number): AssignmentProblem {
  const allowedShare = [1, 0.5, 0.15, 0.06][randomInteger(random, 0, 3)] ?? 1;
  const low = randomInteger(random, 0, 1) === 0 ? 0 : -500_000;
  const costs = Float64Array.from({ length: rows * columns }, () =>
    random.next() < allowedShare ? randomInteger(random, low, 1_000_000) / 1000 : Infinity,
  );
  return { rows, columns, costs };
}

test('the solver HiGHS finds no larger plan, and none of that size that is cheaper', async () => {
  const highs = await loadHighs();
  const seed = 20_260_101;
  const random = seededRandom(seed);
  for (let round = 0; round < 24; round++) {
    const [rows, columns] = round % 2 === 0 ? [20, 30] : [30, 20];
    const problem = randomProblem(random, rows, columns);
    const startDuals = Float64Array.from({ length: columns }, () => random.next() * 2000 - 1000);
    for (const { assigned, cost } of [solve(problem), solve({ ...problem, startDuals })]) {
      const best = highs.solve(linearProgram(problem, `= ${assigned}`));
      const larger = highs.solve(linearProgram(problem, `>= ${assigned + 1}`));
      const found = { seed, round, cost: best.ObjectiveValue };
      expect({ ...found, best: best.Status, larger: larger.Status }).toEqual({
        seed,
        round,
        cost: expect.closeTo(cost, 5) as unknown,
        best: 'Optimal',
        larger: 'Infeasible',
      });
    }
  }
});
