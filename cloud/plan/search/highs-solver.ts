import loadHighs, { type Highs, type ModelStatusCode, type Model } from 'highs';
import { BASIC, type LpBasis, type LpProblem, type LpResult, type LpSolver, type LpStatus } from '../problem/lp.ts';

/** The package's types describe its CommonJS form; the import is the loader itself. */
const load = loadHighs as unknown as typeof loadHighs.default;

/**
 * HiGHS (WebAssembly) behind the solver port. One native model lives as long as the adapter; each solve passes the problem anew and starts
 * from the given basis. Bounded by iterations, never by time: under a time limit HiGHS is not repeatable.
 */
export class HighsSolver implements LpSolver {
  readonly #model: Model;
  readonly #infinity: number;
  #aborted: string | undefined;

  private constructor(highs: Highs, iterationLimit: number) {
    this.#infinity = highs.infinity;
    this.#model = highs.createModel();
    this.#model.options.set({
      output_flag: false,
      solver: 'simplex',
      presolve: 'off',
      random_seed: 0,
      // Scaling by the largest value and devex weights: the programmes are short and warm, so this is a quarter faster than the defaults.
      simplex_scale_strategy: 4,
      simplex_dual_edge_weight_strategy: 1,
      simplex_iteration_limit: iterationLimit,
    });
  }

  /** Loads the solver and solves a small problem, so that the first real one finds it warm. */
  static async load(options: { readonly iterationLimit?: number } = {}): Promise<HighsSolver> {
    const solver = new HighsSolver(await load(), options.iterationLimit ?? 50_000);
    solver.solve({
      columns: 2,
      rows: 1,
      cost: Float64Array.of(1, 2),
      lower: Float64Array.of(0, 0),
      upper: Float64Array.of(1, 1),
      rowLower: Float64Array.of(1),
      rowUpper: Float64Array.of(Infinity),
      rowStart: Int32Array.of(0, 2),
      index: Int32Array.of(0, 1),
      value: Float64Array.of(1, 1),
    });
    return solver;
  }

  get aborted(): string | undefined {
    return this.#aborted;
  }

  solve(problem: LpProblem, start?: LpBasis): LpResult {
    if (this.#aborted !== undefined) return failed(problem);
    try {
      return this.#solved(problem, start);
    } catch (error) {
      this.#aborted = String(error);
      return failed(problem);
    }
  }

  #solved(problem: LpProblem, start: LpBasis | undefined): LpResult {
    const model = this.#model;
    model.clearSolver();
    model.passModel({
      numCols: problem.columns,
      numRows: problem.rows,
      colCost: problem.cost,
      colLower: this.#bounded(problem.lower),
      colUpper: this.#bounded(problem.upper),
      rowLower: this.#bounded(problem.rowLower),
      rowUpper: this.#bounded(problem.rowUpper),
      matrix: {
        format: 'csr',
        numRows: problem.rows,
        numCols: problem.columns,
        starts: problem.rowStart,
        indices: problem.index,
        values: problem.value,
      },
    });
    const basis = start === undefined ? undefined : fitting(start, problem);
    if (basis !== undefined) model.setBasis({ colStatus: basis.columnStatus, rowStatus: basis.rowStatus });
    // A basis can leave the simplex singular, which ends in an error; one retry starts without a basis.
    if (!this.#ran() && (basis === undefined || !this.#ranFromNothing())) return failed(problem);
    const status = statusOf(model.getModelStatus());
    const solution = model.getSolution();
    const found = model.getBasis();
    return {
      status,
      objective: model.getObjectiveValue(),
      x: solution.colValue,
      rowDual: solution.rowDual,
      columnDual: solution.colDual,
      basis: { columnStatus: found.colStatus, rowStatus: found.rowStatus },
      iterations: Number(model.info.get('simplex_iteration_count')),
    };
  }

  /** Whether HiGHS returned a status; the package throws its errors. Rethrows an abort, after which the memory is void. */
  #ran(): boolean {
    try {
      this.#model.run();
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'RuntimeError') throw error;
      return false;
    }
  }

  #ranFromNothing(): boolean {
    this.#model.clearSolver();
    return this.#ran();
  }

  close(): void {
    this.#model.dispose();
  }

  #bounded(values: Float64Array): Float64Array {
    return values.map((value) => (Math.abs(value) === Infinity ? Math.sign(value) * this.#infinity : value));
  }
}

function failed({ columns, rows }: LpProblem): LpResult {
  return {
    status: 'failed',
    objective: Infinity,
    x: new Float64Array(columns),
    rowDual: new Float64Array(rows),
    columnDual: new Float64Array(columns),
    basis: { columnStatus: new Int32Array(columns), rowStatus: new Int32Array(rows).fill(BASIC) },
    iterations: 0,
  };
}

/** The basis for a problem that may have more rows, whose slacks are then basic; undefined if it cannot fit. */
function fitting(start: LpBasis, problem: LpProblem): LpBasis | undefined {
  if (start.columnStatus.length !== problem.columns || start.rowStatus.length > problem.rows) return undefined;
  const rowStatus = new Int32Array(problem.rows).fill(BASIC);
  rowStatus.set(start.rowStatus);
  return { columnStatus: start.columnStatus, rowStatus };
}

function statusOf(code: ModelStatusCode): LpStatus {
  switch (code) {
    case 7:
      return 'optimal';
    case 8:
    case 9:
      return 'infeasible';
    case 10:
      return 'unbounded';
    case 14:
      return 'iteration-limit';
    default:
      return 'failed';
  }
}
