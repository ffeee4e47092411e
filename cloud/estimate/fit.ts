import { solveRadial, type RadialSolution } from '../../shared/grid/radial.ts';
import { cholesky, dot, forward, logDeterminant, solve } from './gain.ts';
import type { Measurement } from './measurements.ts';
import type { EstimateModel } from './model.ts';
import { answersOf, dropOf, rowFor, rowOf, shown, type Answers, type Output, type Present } from './rows.ts';
import type { Unknowns } from './unknowns.ts';

/** The most likely state and its remaining error. */
export interface Fit {
  readonly converged: boolean;
  /** Arrays belong to the model's workspace: the next fit on it overwrites them. */
  readonly solution: RadialSolution;
  readonly unknowns: Unknowns;
  /** Best value of each unknown, in its standard deviations. */
  readonly deviates: Float64Array;
  readonly measurements: readonly Measurement[];
  /** Measured value minus prior expectation, to first order. */
  readonly innovations: Float64Array;
  /** Cholesky factor of the covariance of the innovations. */
  readonly factor: readonly Float64Array[];
  /** Logarithm of the density of the measurements under this model. */
  readonly logLikelihood: number;
  /** Spread of single loads around their share that these measurements support best. */
  readonly spread: number;
  /** First-order response of an output to each unknown. */
  row(output: Output): Float64Array;
  /** Standard error of a row, given the measurements. */
  errorOf(row: Float64Array): number;
  /** Variance of each unknown before anything is measured. */
  readonly variances: Float64Array;
  /** What the measurements explain of a row: the square of the result is the variance that they take from it. */
  explained(row: Float64Array): Float64Array;
  /** Correction of a bus's voltage by the stretched line drops. */
  dropAt(bus: number): number;
}

/** Candidate spreads of single loads, and the prior over them: about 0.45, within a factor of 1.5. */
const SPREADS = [0.12, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1];
const BELIEVED = { spread: 0.45, logError: 0.4 };
const ROUNDS = 8;
const CLOSE_DEVIATE = 1e-5;
/** While a round moves an unknown by more than this, the next one linearises again. */
const NEAR_DEVIATE = 0.2;

export interface FitOptions {
  /** Maximum number of linearisations. */
  readonly rounds?: number;
  readonly tapPosition: number;
  /** Fixed spread of single loads; absent: learnt. */
  readonly spread?: number;
  /** Start values, for instance of another fit with as many unknowns. */
  readonly from?: Float64Array;
}

/**
 * Weighted least squares (Schweppe, IEEE Trans. PAS-89, 1970; Abur and Gómez-Expósito, Power System State Estimation, 2004) over
 * measurements and pseudo-measurements by Gauss-Newton: each round solves the AC power flow at the present state, linearises it exactly,
 * and takes the full step. Solved in the space of the measurements, which are few, not of the unknowns, which are many. The spread of
 * single loads is the one that makes the innovations most likely.
 */
export function fit(
  model: EstimateModel,
  { unknowns, measurements }: { unknowns: Unknowns; measurements: readonly Measurement[] },
  { rounds = ROUNDS, tapPosition, spread: given, from }: FitOptions,
): Fit {
  const deviates = Float64Array.from(unknowns.list, (_, at) => from?.[at] ?? 0);
  const present = {
    unknowns,
    deviates,
    kw: new Float64Array(model.grid.busIds.length),
    kvar: new Float64Array(model.grid.busIds.length),
  };
  const errors = Float64Array.from(measurements, ({ error }) => error ** 2);
  let linear: Linear | undefined;
  let innovations = new Float64Array(0);
  let moved = Infinity;
  for (let round = 0; moved > CLOSE_DEVIATE && round < rounds; round++) {
    if (!solveAt(model, present, { tapPosition, warmStart: round > 0 })) return failed(model, unknowns, measurements);
    const relinearises = moved > NEAR_DEVIATE;
    if (linear === undefined || relinearises) {
      const answers = answersOf(model, unknowns);
      linear = { answers, rows: measurements.map((each) => rowFor(model, each, { unknowns, answers })) };
    }
    const { rows } = linear;
    innovations = Float64Array.from(
      measurements,
      (each, at) => each.value - shown(model, each, present) + dot(rows[at]!, deviates),
    );
    if (relinearises) linear = { ...linear, likely: likeliest(unknowns, rows, { errors, innovations, given }) };
    moved = step(linear.likely!, innovations, deviates);
  }
  if (linear?.likely === undefined || !Number.isFinite(moved)) return failed(model, unknowns, measurements);
  if (!solveAt(model, present, { tapPosition, warmStart: true })) return failed(model, unknowns, measurements);
  const { answers, likely } = linear;
  return {
    converged: true,
    solution: model.workspace.solution,
    unknowns,
    deviates,
    measurements,
    innovations,
    factor: likely.factor,
    logLikelihood: likely.logLikelihood(innovations),
    spread: likely.spread,
    row: (output) => rowOf(model, unknowns, { output, answers }),
    errorOf: (row) => errorOf(likely, row),
    variances: likely.variances,
    explained: (row) => explained(likely, row),
    dropAt: (bus) => dropOf(model, unknowns, { bus, deviates }),
  };
}

interface Linear {
  readonly answers: Answers;
  readonly rows: readonly Float64Array[];
  readonly likely?: Likely;
}

/** The covariance of the innovations at the most likely spread of loads. */
interface Likely {
  readonly spread: number;
  readonly factor: readonly Float64Array[];
  readonly variances: Float64Array;
  /** Rows times the variances of the unknowns. */
  readonly weighted: readonly Float64Array[];
  logLikelihood(innovations: Float64Array): number;
}

function failed(model: EstimateModel, unknowns: Unknowns, measurements: readonly Measurement[]): Fit {
  return {
    converged: false,
    solution: model.workspace.solution,
    unknowns,
    deviates: new Float64Array(unknowns.list.length),
    measurements,
    innovations: new Float64Array(0),
    factor: [],
    logLikelihood: -Infinity,
    spread: BELIEVED.spread,
    row: () => new Float64Array(unknowns.list.length),
    errorOf: () => NaN,
    variances: new Float64Array(unknowns.list.length),
    explained: () => new Float64Array(0),
    dropAt: () => 0,
  };
}

/** Returns false if the power flow does not converge. */
function solveAt(
  model: EstimateModel,
  { unknowns, deviates, kw, kvar }: Present,
  { tapPosition, warmStart }: { tapPosition: number; warmStart: boolean },
): boolean {
  const { grid, workspace } = model;
  kw.set(unknowns.baseKw);
  kvar.set(unknowns.baseKvar);
  let sourceVoltagePu = unknowns.sourcePu;
  for (const [at, { moves, sourcePu }] of unknowns.list.entries()) {
    const size = deviates[at]!;
    sourceVoltagePu += sourcePu * size;
    for (const move of moves) {
      kw[move.bus]! += move.kw * size;
      kvar[move.bus]! += move.kvar * size;
    }
  }
  const tapPositions = Float64Array.from(grid.transformers, (each, at) => (at === 0 ? tapPosition : each.tapPosition));
  const flow = { activePowerKw: kw, reactivePowerKvar: kvar, sourceVoltagePu, tapPositions };
  return solveRadial(grid, flow, workspace, { tolerancePu: 1e-10, warmStart }).converged;
}

/** Moves the deviates to their best values; returns the largest move. */
function step({ factor, weighted }: Likely, innovations: Float64Array, deviates: Float64Array): number {
  const gain = solve(factor, innovations);
  let moved = 0;
  for (let at = 0; at < deviates.length; at++) {
    let next = 0;
    for (let each = 0; each < weighted.length; each++) next += weighted[each]![at]! * gain[each]!;
    moved = Math.max(moved, Math.abs(next - deviates[at]!));
    deviates[at] = next;
  }
  return moved;
}

const explained = ({ factor, weighted }: Likely, row: Float64Array): Float64Array =>
  forward(
    factor,
    Float64Array.from(weighted, (each) => dot(each, row)),
  );

function errorOf(likely: Likely, row: Float64Array): number {
  const { variances } = likely;
  const shared = explained(likely, row);
  let own = 0;
  for (let at = 0; at < row.length; at++) own += row[at]! * row[at]! * variances[at]!;
  return Math.sqrt(Math.max(0, own - dot(shared, shared)));
}

interface Innovated {
  /** Variance of each measurement. */
  readonly errors: Float64Array;
  readonly innovations: Float64Array;
  readonly given: number | undefined;
}

/** The most likely of the candidate spreads, or the given one. */
function likeliest(
  unknowns: Unknowns,
  rows: readonly Float64Array[],
  { errors, innovations, given }: Innovated,
): Likely {
  const { fixed, loads } = covariances(unknowns, rows);
  let best: { spread: number; factor: readonly Float64Array[]; score: number } | undefined;
  for (const spread of given === undefined ? SPREADS : [given]) {
    const factor = cholesky(sumOf({ fixed, loads, errors, variance: spread ** 2 }));
    const score = logDensity(factor, innovations) - belief(spread);
    if (best === undefined || score > best.score) best = { spread, factor, score };
  }
  const { spread, factor } = best!;
  const variances = Float64Array.from(unknowns.list, (each) => (each.spread ? spread ** 2 : 1));
  return {
    spread,
    factor,
    variances,
    weighted: rows.map((row) => times(row, variances)),
    logLikelihood: (now) => logDensity(factor, now) - belief(spread),
  };
}

/** Lower triangle of the innovations' covariance for this variance of single loads. */
function sumOf({
  fixed,
  loads,
  errors,
  variance,
}: {
  fixed: readonly Float64Array[];
  loads: readonly Float64Array[];
  errors: Float64Array;
  variance: number;
}): Float64Array[] {
  return fixed.map((row, i) => {
    const sum = new Float64Array(row.length);
    const mine = loads[i]!;
    for (let j = 0; j <= i; j++) sum[j] = row[j]! + variance * mine[j]!;
    sum[i]! += errors[i]!;
    return sum;
  });
}

function times(a: Float64Array, b: Float64Array): Float64Array {
  const product = new Float64Array(a.length);
  for (let at = 0; at < a.length; at++) product[at] = a[at]! * b[at]!;
  return product;
}

const belief = (spread: number): number => 0.5 * (Math.log(spread / BELIEVED.spread) / BELIEVED.logError) ** 2;

function logDensity(factor: readonly Float64Array[], innovations: Float64Array): number {
  const whitened = forward(factor, innovations);
  return -0.5 * (dot(whitened, whitened) + logDeterminant(factor) + innovations.length * Math.log(2 * Math.PI));
}

/** Lower triangles of H H': one for the loads' own spread at 100 %, one for everything else. */
function covariances(
  unknowns: Unknowns,
  rows: readonly Float64Array[],
): { fixed: Float64Array[]; loads: Float64Array[] } {
  const where = (spread: boolean): number[] =>
    unknowns.list.flatMap((each, at) => (each.spread === spread ? [at] : []));
  return { fixed: squares(rows, where(false)), loads: squares(rows, where(true)) };
}

/** Lower triangle of H H' over some of the columns of H. */
function squares(rows: readonly Float64Array[], columns: readonly number[]): Float64Array[] {
  // A plain loop: Float64Array.from walks an iterator and would dominate the run time.
  const some = rows.map((row) => {
    const picked = new Float64Array(columns.length);
    for (let at = 0; at < picked.length; at++) picked[at] = row[columns[at]!]!;
    return picked;
  });
  return some.map((row, i) => {
    const mine = new Float64Array(rows.length);
    for (let j = 0; j <= i; j++) mine[j] = dot(row, some[j]!);
    return mine;
  });
}
