/**
 * The linear programme port: minimise cost x subject to rowLower <= A x <= rowUpper, lower <= x <= upper. A is stored row by row
 * (compressed sparse rows). Infinite bounds are +-Infinity.
 */
export interface LpProblem {
  readonly columns: number;
  readonly rows: number;
  readonly cost: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly rowStart: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
}

/** Status in a basis of a row that does not bind: its slack is basic. All other statuses are the solver's own. */
export const BASIC = 1;

/** A simplex basis, to start the next solve from. It fits a problem with the same columns and at least as many rows. */
export interface LpBasis {
  readonly columnStatus: Int32Array;
  readonly rowStatus: Int32Array;
}

export type LpStatus = 'optimal' | 'infeasible' | 'unbounded' | 'iteration-limit' | 'failed';

/**
 * `rowDual`: change of the minimum cost per unit by which the row's active bound rises. `columnDual`: reduced costs. Values are valid only
 * if the status is optimal.
 */
export interface LpResult {
  readonly status: LpStatus;
  readonly objective: number;
  readonly x: Float64Array;
  readonly rowDual: Float64Array;
  readonly columnDual: Float64Array;
  readonly basis: LpBasis;
  readonly iterations: number;
}

export interface LpSolver {
  /** Solves in the caller's thread. `start` warms the simplex; one that does not fit is extended or ignored. */
  solve(problem: LpProblem, start?: LpBasis): LpResult;
  /** Why the solver has aborted, for example for lack of memory. From then on it returns `failed`, and a new one is needed. */
  readonly aborted?: string | undefined;
}

/** Collects rows and columns and packs them. Columns are added first; rows refer to them by index. */
export class LpBuilder {
  #cost: number[] = [];
  #lower: number[] = [];
  #upper: number[] = [];
  #rowLower: number[] = [];
  #rowUpper: number[] = [];
  #rowStart: number[] = [0];
  #index = new Int32Array(1024);
  #value = new Float64Array(1024);
  #entries = 0;

  /** Adds a column and returns its index. */
  column(lower: number, upper: number, cost: number): number {
    this.#lower.push(lower);
    this.#upper.push(upper);
    return this.#cost.push(cost) - 1;
  }

  addCost(column: number, cost: number): void {
    this.#cost[column]! += cost;
  }

  setCost(column: number, cost: number): void {
    this.#cost[column] = cost;
  }

  /** Opens a row and returns its index. `entry` fills it; it ends where the next row begins. */
  row(lower: number, upper: number): number {
    this.#rowLower.push(lower);
    this.#rowUpper.push(upper);
    this.#rowStart.push(this.#entries);
    return this.#rowLower.length - 1;
  }

  /** Adds an entry to the last row. Zeros are left out. */
  entry(column: number, value: number): void {
    if (value === 0) return;
    if (this.#entries === this.#index.length) this.#grow();
    this.#index[this.#entries] = column;
    this.#value[this.#entries] = value;
    this.#rowStart[this.#rowStart.length - 1] = ++this.#entries;
  }

  bounds(column: number, lower: number, upper: number): void {
    this.#lower[column] = lower;
    this.#upper[column] = upper;
  }

  get columns(): number {
    return this.#cost.length;
  }

  get rows(): number {
    return this.#rowLower.length;
  }

  /** Drops the rows from `rows` on. */
  truncate(rows: number): void {
    this.#rowLower.length = rows;
    this.#rowUpper.length = rows;
    this.#rowStart.length = rows + 1;
    this.#entries = this.#rowStart[rows]!;
  }

  /** Keeps those rows from `first` on whose flag in `flags` is true. */
  keep(first: number, flags: readonly boolean[]): void {
    const start = this.#rowStart;
    const ends = start.slice(first);
    let at = first;
    this.#entries = start[first]!;
    for (const [one, stays] of flags.entries()) {
      if (!stays) continue;
      this.#rowLower[at] = this.#rowLower[first + one]!;
      this.#rowUpper[at] = this.#rowUpper[first + one]!;
      this.#index.copyWithin(this.#entries, ends[one]!, ends[one + 1]);
      this.#value.copyWithin(this.#entries, ends[one]!, ends[one + 1]);
      this.#entries += ends[one + 1]! - ends[one]!;
      start[++at] = this.#entries;
    }
    this.truncate(at);
  }

  #grow(): void {
    const [index, value] = [this.#index, this.#value];
    this.#index = new Int32Array(2 * index.length);
    this.#value = new Float64Array(2 * value.length);
    this.#index.set(index);
    this.#value.set(value);
  }

  /** The entries are views of the builder's own arrays: the next change of its rows invalidates them. */
  pack(): LpProblem {
    return {
      columns: this.columns,
      rows: this.rows,
      cost: Float64Array.from(this.#cost),
      lower: Float64Array.from(this.#lower),
      upper: Float64Array.from(this.#upper),
      rowLower: Float64Array.from(this.#rowLower),
      rowUpper: Float64Array.from(this.#rowUpper),
      rowStart: Int32Array.from(this.#rowStart),
      index: this.#index.subarray(0, this.#entries),
      value: this.#value.subarray(0, this.#entries),
    };
  }
}
