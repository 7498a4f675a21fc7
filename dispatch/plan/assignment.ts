import { assert } from '../../runtime/index.ts';
import { assertProblem, costSpread, makeFeasible, UNASSIGNED } from './assignment-problem.ts';
import type { AssignmentProblem, AssignmentResult, Doubles } from './assignment-problem.ts';

/** Bids in all, per row, since a war over too few columns hardly ends. 20 took twice as long. */
const BIDS_PER_ROW = 4;
const NO_COSTS = new Float64Array(0);

/**
 * Exact rectangular assignment: as many rows as can be get a column each, and of all such plans one
 * of the least cost. The same input gives the same plan. Keeps its scratch arrays, so solving does
 * not allocate unless a problem is larger than all before it (but for the result object, and for
 * what the engine takes to sort the rows where there are more of them than columns).
 *
 * Three stages, after each of which the plan is optimal for the rows and columns taken in so far:
 *
 * 1. Rows bid: each takes its cheapest column and makes it dearer by what it is worth to the row,
 *    so the one who sat there moves on. Quick and settles most rows.
 * 2. Each row still waiting searches the shortest augmenting path to an open column. When there is
 *    none, whoever of the rows reached loses least by it goes without. The columns reached are then
 *    *closed*: every largest plan uses all of them for the rows reached (König), so no later row
 *    passes through a closed column when it can do without. This stands for a penalty of any size
 *    per row left over, without the digits that a large number would cost.
 * 3. A column that nobody has must cost nothing. Start duals may have left some with v < 0: they
 *    are raised to 0, or trade places with a column in use, along a shortest path from their side.
 *
 * O(min(rows, columns)^2 * max(rows, columns)) at worst, O(rows * columns) memory traffic per pass.
 * Exact for integers; with fractions up to rounding in the sums along a path.
 *
 * Sources: R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse
 * linear assignment problems", Computing 38 (1987) 325-340, for 1 and 2; D. F. Crouse, "On
 * implementing 2D rectangular assignment algorithms", IEEE Trans. AES 52 (2016) 1679-1696, for the
 * search without row duals; H. W. Kuhn (1955) and D. König (1931) for the closed columns.
 */
export class AssignmentSolver {
  #rows = 0;
  #columns = 0;
  /** Row-major costs of the problem at hand; empty between calls, so as not to keep it alive. */
  #costs: Float64Array = NO_COSTS;

  // Results, exactly as long as the problem.
  #columnOf: Int32Array = new Int32Array(0);
  #duals: Doubles = new Float64Array(0);

  // Scratch, at least max(rows, columns) long: searches run over columns, or over rows (stage 3).
  #rowOf = new Int32Array(0);
  #rowDuals = new Float64Array(0);
  #closed = new Uint8Array(0);
  #waiting = new Int32Array(0);
  #distance = new Float64Array(0);
  /** The row (or column) that a column (or row) was reached from. */
  #cameFrom = new Int32Array(0);
  #unsettled = new Int32Array(0);
  #settled = new Int32Array(0);

  // What #findTwoCheapest found.
  #cheapest = 0;
  #secondCheapest = 0;
  #cheapestColumn = 0;
  #secondColumn = 0;

  /**
   * @throws AssertionFailed for NaN, a cost of -Infinity or beyond COST_MAX, or arrays that do not
   * have the stated length
   * @hot bench: none yet; 500 x 500 uniform costs
   */
  solve(problem: AssignmentProblem): AssignmentResult {
    const { rows, columns, costs, startDuals } = problem;
    assertProblem(problem);
    const spread = costSpread(costs);
    this.#fit(rows, columns);
    this.#costs = costs;

    if (startDuals !== undefined) this.#duals.set(startDuals);
    else if (rows >= columns) this.#startFromColumnMinima();
    else this.#duals.fill(0);
    makeFeasible(this.#duals, spread);

    for (let i = 0; i < rows; i++) this.#waiting[i] = i;
    if (rows > columns) this.#sortWaiting();
    // More bidders than columns would only drive prices away from where a good guess put them.
    const bidders = Math.min(rows, columns);
    const kept = this.#bid(bidders);
    this.#waiting.copyWithin(kept, bidders, rows);
    const waitingCount = kept + rows - bidders;
    for (let i = 0; i < waitingCount; i++) this.#insertRow(this.#waiting[i] as number);
    this.#raiseUnusedColumns();
    this.#priceClosedColumns();

    const totalCost = this.#total();
    this.#costs = NO_COSTS;
    return { columnOf: this.#columnOf, totalCost, duals: this.#duals };
  }

  #fit(rows: number, columns: number): void {
    const size = Math.max(rows, columns);
    if (size > this.#rowOf.length) {
      this.#rowOf = new Int32Array(size);
      this.#rowDuals = new Float64Array(size);
      this.#closed = new Uint8Array(size);
      this.#waiting = new Int32Array(size);
      this.#distance = new Float64Array(size);
      this.#cameFrom = new Int32Array(size);
      this.#unsettled = new Int32Array(size);
      this.#settled = new Int32Array(size);
    }
    if (rows !== this.#columnOf.length) this.#columnOf = resizedInts(this.#columnOf, rows);
    if (columns !== this.#duals.length) this.#duals = resizedDoubles(this.#duals, columns);
    this.#rows = rows;
    this.#columns = columns;
    this.#columnOf.fill(UNASSIGNED);
    this.#rowOf.fill(UNASSIGNED);
    this.#closed.fill(0);
  }

  /** Where every column will be used, its least cost is a better first price than 0. */
  #startFromColumnMinima(): void {
    const costs = this.#costs;
    const duals = this.#duals;
    const columns = this.#columns;
    duals.fill(Infinity);
    for (let at = 0; at < costs.length; at += columns) {
      for (let column = 0; column < columns; column++) {
        const cost = costs[at + column] as number;
        if (cost < (duals[column] as number)) duals[column] = cost;
      }
    }
  }

  /** Where some must go without, those come last who are served dearest at the first prices. */
  #sortWaiting(): void {
    const least = this.#rowDuals;
    for (let row = 0; row < this.#rows; row++) {
      this.#findTwoCheapest(row);
      least[row] = this.#cheapest;
    }
    // NaN, of two rows that may have nothing, counts as a tie.
    const byLeast = (a: number, b: number): number =>
      (least[a] as number) - (least[b] as number) || a - b;
    this.#waiting.subarray(0, this.#rows).sort(byLeast);
  }

  /**
   * Stage 1, augmenting row reduction: the first `count` waiting rows bid in turn.
   * @returns how many rows wait at the head of #waiting afterwards
   */
  #bid(count: number): number {
    const waiting = this.#waiting;
    const duals = this.#duals;
    let next = 0;
    let kept = 0;
    let bidsLeft = BIDS_PER_ROW * count;
    while (next < count) {
      const row = waiting[next++] as number;
      this.#findTwoCheapest(row);
      const first = this.#cheapestColumn;
      const tied = this.#cheapest === this.#secondCheapest;
      const column = tied && this.#isTaken(first) ? this.#secondColumn : first;
      // Only allowed pairs, and never a price of -Infinity for the only column a row may have.
      const price = (duals[first] as number) - (this.#secondCheapest - this.#cheapest);
      const lowers = price > -Infinity && price < (duals[first] as number);
      const mayTake = this.#cheapest < Infinity && (lowers || !this.#isTaken(column));
      if (!mayTake || bidsLeft-- <= 0) {
        waiting[kept++] = row;
        continue;
      }
      if (lowers) duals[first] = price;
      const outbid = this.#rowOf[column] as number;
      this.#rowOf[column] = row;
      this.#columnOf[row] = column;
      if (outbid === UNASSIGNED) continue;
      this.#columnOf[outbid] = UNASSIGNED;
      waiting[--next] = outbid;
    }
    return kept;
  }

  #isTaken(column: number): boolean {
    return this.#rowOf[column] !== UNASSIGNED;
  }

  #findTwoCheapest(row: number): void {
    const costs = this.#costs;
    const duals = this.#duals;
    const columns = this.#columns;
    const base = row * columns;
    let cheapest = Infinity;
    let second = Infinity;
    let cheapestColumn = 0;
    let secondColumn = 0;
    for (let column = 0; column < columns; column++) {
      const cost = (costs[base + column] as number) - (duals[column] as number);
      if (cost >= second) continue;
      if (cost < cheapest) {
        second = cheapest;
        secondColumn = cheapestColumn;
        cheapest = cost;
        cheapestColumn = column;
      } else {
        second = cost;
        secondColumn = column;
      }
    }
    this.#cheapest = cheapest;
    this.#secondCheapest = second;
    this.#cheapestColumn = cheapestColumn;
    this.#secondColumn = secondColumn;
  }

  /** Stage 2 for one row: Dijkstra over the open columns, until one that nobody has. */
  #insertRow(start: number): void {
    const unsettled = this.#unsettled;
    const distance = this.#distance;
    distance.fill(Infinity, 0, this.#columns);
    let left = this.#listColumns(0);
    let settledCount = 0;
    let row = start;
    let offset = 0;
    for (;;) {
      const at = this.#relaxColumns(row, offset, left);
      if (at < 0) break;
      const column = unsettled[at] as number;
      unsettled[at] = unsettled[--left] as number;
      row = this.#rowOf[column] as number;
      if (row === UNASSIGNED) {
        this.#lowerSettled(settledCount, distance[column] as number);
        this.#augment(start, column);
        return;
      }
      this.#settled[settledCount++] = column;
      offset = this.#offsetBehind(column);
    }
    this.#leaveOneOut(start, settledCount);
  }

  /**
   * Stage 2 when no open column can be had: one of the rows reached must go without, be it `start`
   * itself. To go without costs a row the same penalty whoever it is, so distances compare: a row's
   * offset is the change of the total if all on the path to it move up and it leaves.
   * @param settledCount the open columns that the search settled, all of them taken
   */
  #leaveOneOut(start: number, settledCount: number): void {
    const unsettled = this.#unsettled;
    const settled = this.#settled;
    const distance = this.#distance;
    let count = settledCount;
    let left = this.#listColumns(1);
    let least = 0;
    let leaver = UNASSIGNED;
    let at = this.#relaxColumns(start, 0, left);
    for (let i = 0; i < count; i++) {
      const column = settled[i] as number;
      const offset = this.#offsetBehind(column);
      if (offset < least) [least, leaver] = [offset, column];
      at = this.#relaxColumns(this.#rowOf[column] as number, offset, left);
    }
    // Behind closed columns offsets are no less than distances: those rows competed before.
    while (at >= 0 && (distance[unsettled[at] as number] as number) < least) {
      const column = unsettled[at] as number;
      unsettled[at] = unsettled[--left] as number;
      settled[count++] = column;
      const offset = this.#offsetBehind(column);
      if (offset < least) [least, leaver] = [offset, column];
      at = this.#relaxColumns(this.#rowOf[column] as number, offset, left);
    }
    for (let i = 0; i < count; i++) {
      const column = settled[i] as number;
      (this.#duals[column] as number) += (distance[column] as number) - least;
      this.#closed[column] = 1;
    }
    if (leaver === UNASSIGNED) return;
    this.#columnOf[this.#rowOf[leaver] as number] = UNASSIGNED;
    this.#augment(start, leaver);
  }

  /** Puts the columns that are open (0) or closed (1) into #unsettled; returns how many. */
  #listColumns(closed: 0 | 1): number {
    let count = 0;
    for (let column = 0; column < this.#columns; column++) {
      if (this.#closed[column] === closed) this.#unsettled[count++] = column;
    }
    return count;
  }

  /**
   * Shortens the distances of the first `left` of #unsettled by way of a row. Inner loop of it all.
   * @param offset what it costs to come to the row and leave its column, if it had one
   * @returns index in #unsettled of the nearest, of equals one that nobody has; -1 if out of reach
   */
  #relaxColumns(row: number, offset: number, left: number): number {
    const costs = this.#costs;
    const duals = this.#duals;
    const distance = this.#distance;
    const cameFrom = this.#cameFrom;
    const unsettled = this.#unsettled;
    const rowOf = this.#rowOf;
    const base = row * this.#columns;
    let nearest = -1;
    let least = Infinity;
    for (let at = 0; at < left; at++) {
      const column = unsettled[at] as number;
      const through = (costs[base + column] as number) - (duals[column] as number) + offset;
      let known = distance[column] as number;
      if (through < known) {
        known = through;
        distance[column] = through;
        cameFrom[column] = row;
      }
      if (known > least || known === Infinity) continue;
      if (known < least || rowOf[column] === UNASSIGNED) {
        least = known;
        nearest = at;
      }
    }
    return nearest;
  }

  /** Offset (see #relaxColumns) of the row that has a settled column. */
  #offsetBehind(column: number): number {
    const cost = this.#costs[(this.#rowOf[column] as number) * this.#columns + column] as number;
    return (this.#distance[column] as number) - (cost - (this.#duals[column] as number));
  }

  #lowerSettled(count: number, reached: number): void {
    for (let i = 0; i < count; i++) {
      const column = this.#settled[i] as number;
      // Never up: rounding may have made a settled distance a hair longer than the last one.
      (this.#duals[column] as number) += Math.min(0, (this.#distance[column] as number) - reached);
    }
  }

  /** Everybody on the path to `end` moves up to the column they reached. */
  #augment(start: number, end: number): void {
    let column = end;
    for (;;) {
      const row = this.#cameFrom[column] as number;
      const left = this.#columnOf[row] as number;
      this.#rowOf[column] = row;
      this.#columnOf[row] = column;
      if (row === start) return;
      column = left;
    }
  }

  /** Stage 3. Columns left over are open, and so are all rows that may have them. */
  #raiseUnusedColumns(): void {
    for (let row = 0; row < this.#rows; row++) {
      const column = this.#columnOf[row] as number;
      if (column === UNASSIGNED) continue;
      const cost = this.#costs[row * this.#columns + column] as number;
      this.#rowDuals[row] = cost - (this.#duals[column] as number);
    }
    for (let column = 0; column < this.#columns; column++) {
      if (this.#rowOf[column] === UNASSIGNED && (this.#duals[column] as number) < 0) {
        this.#raiseColumn(column);
      }
    }
  }

  /**
   * The mirror of #leaveOneOut: Dijkstra over the rows from an unused column, which takes the row of
   * a column that is then unused instead, at price 0, when that lowers the total.
   */
  #raiseColumn(start: number): void {
    const distance = this.#distance;
    const unsettled = this.#unsettled;
    let left = this.#listOpenRows();
    let count = 0;
    let column = start;
    let offset = 0;
    let least = 0;
    let leaver = UNASSIGNED;
    for (;;) {
      const at = this.#relaxRows(column, offset, left);
      if (at < 0 || (distance[unsettled[at] as number] as number) >= least) break;
      const row = unsettled[at] as number;
      unsettled[at] = unsettled[--left] as number;
      this.#settled[count++] = row;
      column = this.#columnOf[row] as number;
      offset = (distance[row] as number) - (this.#duals[column] as number);
      if (offset < least) [least, leaver] = [offset, row];
    }
    for (let i = 0; i < count; i++) {
      const row = this.#settled[i] as number;
      const held = this.#columnOf[row] as number;
      const rise = Math.max(0, least - (distance[row] as number));
      (this.#rowDuals[row] as number) -= rise;
      this.#duals[held] = Math.min(0, (this.#duals[held] as number) + rise);
    }
    this.#duals[start] = least;
    if (leaver !== UNASSIGNED) this.#tradeRows(start, leaver);
  }

  /** Fills #unsettled with the rows whose column is open, infinitely far; returns how many. */
  #listOpenRows(): number {
    let count = 0;
    for (let row = 0; row < this.#rows; row++) {
      const column = this.#columnOf[row] as number;
      if (column === UNASSIGNED || this.#closed[column] === 1) continue;
      this.#unsettled[count++] = row;
      this.#distance[row] = Infinity;
    }
    return count;
  }

  /** #relaxColumns from the other side. Strides through memory: for the few columns of stage 3. */
  #relaxRows(column: number, offset: number, left: number): number {
    const distance = this.#distance;
    let nearest = -1;
    let least = Infinity;
    for (let at = 0; at < left; at++) {
      const row = this.#unsettled[at] as number;
      const cost = this.#costs[row * this.#columns + column] as number;
      const through = cost - (this.#rowDuals[row] as number) + offset;
      if (through < (distance[row] as number)) {
        distance[row] = through;
        this.#cameFrom[row] = column;
      }
      if ((distance[row] as number) < least) {
        least = distance[row] as number;
        nearest = at;
      }
    }
    return nearest;
  }

  /** Each row on the path goes over to the column that reached it; the column of `end` is free. */
  #tradeRows(start: number, end: number): void {
    const freed = this.#columnOf[end] as number;
    this.#rowOf[freed] = UNASSIGNED;
    this.#duals[freed] = 0;
    let row = end;
    for (;;) {
      const column = this.#cameFrom[row] as number;
      const left = this.#rowOf[column] as number;
      this.#rowOf[column] = row;
      this.#columnOf[row] = column;
      if (column === start) return;
      row = left;
    }
  }

  /**
   * Closed columns carry the penalty of going without in their price, as a symbol. Here it becomes
   * the least number that keeps open rows away from them, so that the duals prove the plan.
   */
  #priceClosedColumns(): void {
    const closedCount = this.#listColumns(1);
    if (closedCount === 0) return;
    let penalty = 0;
    for (let i = 0; i < closedCount; i++) {
      penalty = Math.max(penalty, this.#duals[this.#unsettled[i] as number] as number);
    }
    for (let row = 0; row < this.#rows; row++) {
      const column = this.#columnOf[row] as number;
      if (column === UNASSIGNED || this.#closed[column] === 1) continue;
      const base = row * this.#columns;
      const own = (this.#costs[base + column] as number) - (this.#duals[column] as number);
      penalty = Math.max(penalty, own);
      for (let i = 0; i < closedCount; i++) {
        const other = this.#unsettled[i] as number;
        const price = (this.#costs[base + other] as number) - (this.#duals[other] as number);
        penalty = Math.max(penalty, own - price);
      }
    }
    for (let i = 0; i < closedCount; i++) {
      (this.#duals[this.#unsettled[i] as number] as number) -= penalty;
    }
  }

  #total(): number {
    let total = 0;
    for (let row = 0; row < this.#rows; row++) {
      const column = this.#columnOf[row] as number;
      if (column === UNASSIGNED) continue;
      const cost = this.#costs[row * this.#columns + column] as number;
      assert(this.#rowOf[column] === row, 'a column has one row');
      assert(cost < Infinity, 'a forbidden pair is never assigned');
      total += cost;
    }
    return total;
  }
}

/** A view of the same buffer where that is long enough: sizes that vary do not allocate anew. */
function resizedInts(old: Int32Array, length: number): Int32Array {
  const fits = length * old.BYTES_PER_ELEMENT <= old.buffer.byteLength;
  return fits ? new Int32Array(old.buffer, 0, length) : new Int32Array(length);
}

function resizedDoubles(old: Doubles, length: number): Doubles {
  const fits = length * old.BYTES_PER_ELEMENT <= old.buffer.byteLength;
  return fits ? new Float64Array(old.buffer, 0, length) : new Float64Array(length);
}
