import { assert } from '../../runtime/index.ts';

/** Not shared between threads. */
export type Doubles = Float64Array<ArrayBuffer>;

/** Who may get what, and for how much. All costs in one unit of the caller's choice. */
export interface AssignmentProblem {
  readonly rows: number;
  readonly columns: number;
  /** Row-major, length rows * columns. Infinity forbids the pair; of either sign up to COST_MAX. */
  readonly costs: Float64Array;
  /**
   * Guessed price of each column, length columns, any values but NaN: mostly the `duals` of the
   * round before. A good guess saves work; no guess changes the total cost.
   */
  readonly startDuals?: Float64Array;
}

/** The arrays belong to the solver and hold until its next `solve`. */
export interface AssignmentResult {
  /** Per row its column, or UNASSIGNED. */
  readonly columnOf: Int32Array;
  /** Sum of the costs of the assigned pairs. */
  readonly totalCost: number;
  /**
   * Per column its price v <= 0, in units of cost; 0 where nobody has the column. They prove the
   * plan: every assigned row sits where cost - v is least for it, and no assigned row has a greater
   * least value than one that went without.
   */
  readonly duals: Doubles;
}

/** Stands in `columnOf` for a row that got no column. */
export const UNASSIGNED = -1;
/** Beyond it doubles no longer tell a thousandth of a unit from rounding. */
export const COST_MAX = 1e12;
/** Start duals beyond this many times the spread of costs would only eat digits: 4 bits of 53. */
const START_SPREADS_MAX = 16;

/** @throws AssertionFailed when the arrays do not have the stated length */
export function assertProblem(problem: AssignmentProblem): void {
  const { rows, columns, costs, startDuals } = problem;
  assert(Number.isInteger(rows) && rows >= 0, 'rows are counted');
  assert(Number.isInteger(columns) && columns >= 0, 'columns are counted');
  assert(costs.length === rows * columns, 'one cost per pair');
  assert(startDuals === undefined || startDuals.length === columns, 'one dual per column');
}

/**
 * Greatest minus least allowed cost; 0 when nothing is allowed. O(costs).
 * @throws AssertionFailed for NaN, -Infinity, or a cost beyond COST_MAX
 */
export function costSpread(costs: Float64Array): number {
  let least = Infinity;
  let greatest = -Infinity;
  for (let i = 0; i < costs.length; i++) {
    const cost = costs[i] as number;
    // Also false for NaN.
    assert(cost >= -COST_MAX && (cost <= COST_MAX || cost === Infinity), 'costs are in bounds');
    if (cost < least) least = cost;
    if (cost > greatest && cost < Infinity) greatest = cost;
  }
  return greatest > least ? greatest - least : 0;
}

/**
 * Turns guesses into prices in place. Any column duals are feasible with some row duals, so nothing
 * but the form is to be mended: the greatest becomes 0, and none stays so low that it eats digits.
 * @param spread see costSpread
 * @throws AssertionFailed for NaN
 */
export function makeFeasible(duals: Float64Array, spread: number): void {
  const depth = 0 - START_SPREADS_MAX * spread;
  let top = -Infinity;
  for (let i = 0; i < duals.length; i++) {
    const dual = duals[i] as number;
    assert(!Number.isNaN(dual), 'start duals are numbers');
    if (dual > top && dual < Infinity) top = dual;
  }
  for (let i = 0; i < duals.length; i++) {
    const dual = duals[i] as number;
    duals[i] = dual < Infinity && top > -Infinity ? Math.max(dual - top, depth) : 0;
  }
}
