import { createBlockMatrix, factorise, solveFactorised, type BlockMatrix } from './block-lu.ts';
import type { Drawn, NewtonGrid } from './newton-grid.ts';
import { startsOf, type Start, type StartName } from './newton-start.ts';

export { compileNewton, drawnOf, type Drawn, type NewtonGrid } from './newton-grid.ts';

export interface NewtonOptions {
  /** Largest change of a voltage in the last iteration, per unit. Default 1e-9; the next step would be below rounding. */
  readonly tolerancePu?: number | undefined;
  /** Default 40. */
  readonly maxIterations?: number | undefined;
  /** Keep generators within their reactive limits at the expense of the held voltage. Default: the voltage has priority. */
  readonly reactiveLimits?: boolean | undefined;
}

export interface NewtonSolution {
  readonly converged: boolean;
  /** The start from which it converged; the first start if none did. */
  readonly start: StartName;
  readonly iterations: number;
  /** The bus with the largest power mismatch, if the solve did not converge. */
  readonly worstBus: string | undefined;
  readonly vRe: Float64Array;
  readonly vIm: Float64Array;
  /** Power into the network at each bus in addition to what is drawn there, per unit: from sources and from held voltages. */
  readonly surplusP: Float64Array;
  readonly surplusQ: Float64Array;
  /** Buses that lost their held voltage to a reactive limit. */
  readonly atLimit: readonly string[];
}

const free = 0;
const held = 1;
const source = 2;

interface State {
  readonly grid: NewtonGrid;
  /** By place. */
  readonly kind: Uint8Array;
  readonly magnitude: Float64Array;
  readonly angle: Float64Array;
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly matrix: BlockMatrix;
  readonly step: Float64Array;
  /** Mismatch: power into the branches plus power drawn; zero in the solution. */
  readonly mismatchP: Float64Array;
  readonly mismatchQ: Float64Array;
  /** Drawn power by place. `fixedQ` adds the reactive power of a generator at its limit. */
  readonly drawn: Drawn;
  readonly fixedQ: Float64Array;
}

/**
 * Newton-Raphson in polar coordinates (Tinney and Hart, IEEE Trans. PAS 86(11), 1967) with a sparse block factorisation, from one start
 * after the other until it converges. A step that increases the mismatch is halved. Does not throw if it does not converge.
 */
export function solveNewton(grid: NewtonGrid, drawn: Drawn, options: NewtonOptions = {}): NewtonSolution {
  let first: NewtonSolution | undefined;
  for (const start of startsOf(grid, drawn)) {
    const solution = solveFrom(prepare(grid, drawn, start), start.name, options);
    if (solution.converged) return solution;
    first ??= solution;
  }
  return first!;
}

function solveFrom(state: State, start: StartName, options: NewtonOptions): NewtonSolution {
  const { tolerancePu = 1e-9, maxIterations = 40, reactiveLimits = false } = options;
  let result = iterate(state, tolerancePu, maxIterations);
  let iterations = result.iterations;
  for (let round = 0; round < 20; round++) {
    if (!reactiveLimits || !result.converged || !switchLimits(state)) break;
    result = iterate(state, tolerancePu, maxIterations);
    iterations += result.iterations;
  }
  return solutionOf(state, start, { ...result, iterations });
}

function prepare(grid: NewtonGrid, drawn: Drawn, start: Start): State {
  const { pattern, sourceAt, heldPu } = grid;
  const { size, order } = pattern;
  const array = (): Float64Array => new Float64Array(size);
  const byPlace = (values: Float64Array): Float64Array => Float64Array.from(order, (bus) => values[bus]!);
  return {
    grid,
    kind: Uint8Array.from(order, (bus) => (sourceAt[bus]! >= 0 ? source : heldPu[bus]! > 0 ? held : free)),
    magnitude: byPlace(start.magnitude),
    angle: byPlace(start.angle),
    re: array(),
    im: array(),
    matrix: createBlockMatrix(pattern),
    step: new Float64Array(2 * size),
    mismatchP: array(),
    mismatchQ: array(),
    drawn: {
      p: byPlace(drawn.p),
      pCurrent: byPlace(drawn.pCurrent),
      pImpedance: byPlace(drawn.pImpedance),
      q: byPlace(drawn.q),
      qCurrent: byPlace(drawn.qCurrent),
      qImpedance: byPlace(drawn.qImpedance),
    },
    fixedQ: array(),
  };
}

interface Progress {
  readonly converged: boolean;
  readonly iterations: number;
  /** Place of the worst mismatch or of the singular pivot. */
  readonly worst: number;
}

function iterate(state: State, tolerancePu: number, maxIterations: number): Progress {
  const { grid, matrix, step, magnitude, angle } = state;
  const { pattern } = grid;
  let mismatch = evaluate(state);
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    jacobian(state);
    const singular = factorise(pattern, matrix);
    if (singular >= 0) return { converged: false, iterations, worst: singular };
    for (let k = 0; k < pattern.size; k++) {
      step[2 * k] = state.kind[k] === source ? 0 : -state.mismatchP[k]!;
      step[2 * k + 1] = state.kind[k] === free ? -state.mismatchQ[k]! : 0;
    }
    solveFactorised(pattern, matrix, step);
    const moved = largestMove(step, magnitude);
    const oldMagnitude = Float64Array.from(magnitude);
    const oldAngle = Float64Array.from(angle);
    let next = mismatch;
    for (let part = 1; part >= 1 / 64; part /= 2) {
      for (let k = 0; k < pattern.size; k++) {
        angle[k] = oldAngle[k]! + part * step[2 * k]!;
        magnitude[k] = oldMagnitude[k]! * Math.max(0.2, 1 + part * step[2 * k + 1]!);
      }
      next = evaluate(state);
      if (next.most <= mismatch.most || moved <= 1e-3) break;
    }
    mismatch = next;
    if (!Number.isFinite(mismatch.most)) return { converged: false, iterations, worst: mismatch.place };
    if (moved <= tolerancePu) return { converged: true, iterations, worst: -1 };
  }
  return { converged: false, iterations: maxIterations, worst: mismatch.place };
}

function largestMove(step: Float64Array, magnitude: Float64Array): number {
  let most = 0;
  for (let k = 0; k < magnitude.length; k++) {
    const moved = Math.hypot(step[2 * k]!, step[2 * k + 1]!) * magnitude[k]!;
    if (!(moved <= most)) most = moved;
  }
  return most;
}

/** Computes the mismatches at the present voltages. Returns the largest and its place. */
function evaluate(state: State): { most: number; place: number } {
  const { grid, kind, magnitude, angle, re, im, mismatchP, mismatchQ, drawn, fixedQ } = state;
  const { pattern, ownG, ownB, upperG, upperB, lowerG, lowerB } = grid;
  const { size, start, neighbour } = pattern;
  for (let k = 0; k < size; k++) {
    re[k] = magnitude[k]! * Math.cos(angle[k]!);
    im[k] = magnitude[k]! * Math.sin(angle[k]!);
    const v = magnitude[k]!;
    mismatchP[k] = ownG[k]! * v * v + drawn.p[k]! + v * (drawn.pCurrent[k]! + v * drawn.pImpedance[k]!);
    mismatchQ[k] = -ownB[k]! * v * v + drawn.q[k]! + fixedQ[k]! + v * (drawn.qCurrent[k]! + v * drawn.qImpedance[k]!);
  }
  for (let k = 0; k < size; k++)
    for (let slot = start[k]!; slot < start[k + 1]!; slot++) {
      const j = neighbour[slot]!;
      // V_k conj(V_j) = c + j s
      const c = re[k]! * re[j]! + im[k]! * im[j]!;
      const s = im[k]! * re[j]! - re[k]! * im[j]!;
      mismatchP[k]! += upperG[slot]! * c + upperB[slot]! * s;
      mismatchQ[k]! += upperG[slot]! * s - upperB[slot]! * c;
      mismatchP[j]! += lowerG[slot]! * c - lowerB[slot]! * s;
      mismatchQ[j]! -= lowerG[slot]! * s + lowerB[slot]! * c;
    }
  let most = 0;
  let place = 0;
  for (let k = 0; k < size; k++) {
    const p = kind[k] === source ? 0 : Math.abs(mismatchP[k]!);
    const q = kind[k] === free ? Math.abs(mismatchQ[k]!) : 0;
    const larger = p > q ? p : q;
    if (larger <= most) continue;
    most = larger;
    place = k;
    if (Number.isNaN(larger)) break;
  }
  return { most, place };
}

/** Derivatives of the mismatches by angle and by relative magnitude. Rows of held quantities are identity rows. */
function jacobian({ grid, kind, magnitude, re, im, matrix, mismatchP, mismatchQ, drawn, fixedQ }: State): void {
  const { pattern, ownG, ownB, upperG, upperB, lowerG, lowerB } = grid;
  const { size, start, neighbour } = pattern;
  const { diagonal, upper, lower } = matrix;
  for (let k = 0; k < size; k++) {
    const v = magnitude[k]!;
    const pVaries = v * (drawn.pCurrent[k]! + v * drawn.pImpedance[k]!);
    const qVaries = v * (drawn.qCurrent[k]! + v * drawn.qImpedance[k]!);
    const p = mismatchP[k]! - drawn.p[k]! - pVaries;
    const q = mismatchQ[k]! - drawn.q[k]! - fixedQ[k]! - qVaries;
    const ownP = ownG[k]! * v * v;
    const ownQ = -ownB[k]! * v * v;
    const isSource = kind[k] === source;
    const isFree = kind[k] === free;
    diagonal[4 * k] = isSource ? 1 : ownQ - q;
    diagonal[4 * k + 1] = isSource ? 0 : p + ownP + pVaries + v * v * drawn.pImpedance[k]!;
    diagonal[4 * k + 2] = isFree ? p - ownP : 0;
    diagonal[4 * k + 3] = isFree ? q + ownQ + qVaries + v * v * drawn.qImpedance[k]! : 1;
  }
  for (let k = 0; k < size; k++) {
    const upP = kind[k] === source ? 0 : 1;
    const upQ = kind[k] === free ? 1 : 0;
    for (let slot = start[k]!; slot < start[k + 1]!; slot++) {
      const j = neighbour[slot]!;
      const c = re[k]! * re[j]! + im[k]! * im[j]!;
      const s = im[k]! * re[j]! - re[k]! * im[j]!;
      const upReal = upperG[slot]! * c + upperB[slot]! * s;
      const upImaginary = upperG[slot]! * s - upperB[slot]! * c;
      upper[4 * slot] = upP * upImaginary;
      upper[4 * slot + 1] = upP * upReal;
      upper[4 * slot + 2] = -upQ * upReal;
      upper[4 * slot + 3] = upQ * upImaginary;
      const lowP = kind[j] === source ? 0 : 1;
      const lowQ = kind[j] === free ? 1 : 0;
      const lowReal = lowerG[slot]! * c - lowerB[slot]! * s;
      const lowImaginary = -(lowerG[slot]! * s + lowerB[slot]! * c);
      lower[4 * slot] = lowP * lowImaginary;
      lower[4 * slot + 1] = lowP * lowReal;
      lower[4 * slot + 2] = -lowQ * lowReal;
      lower[4 * slot + 3] = lowQ * lowImaginary;
    }
  }
}

/** Releases held voltages whose generators exceed a limit, and restores them once the limit no longer binds. */
function switchLimits({ grid, kind, magnitude, mismatchQ, fixedQ }: State): boolean {
  const { order } = grid.pattern;
  let changed = false;
  for (let k = 0; k < order.length; k++) {
    const bus = order[k]!;
    const target = grid.heldPu[bus]!;
    if (target === 0 || kind[k] === source) continue;
    const least = grid.heldMin[bus]!;
    const most = grid.heldMax[bus]!;
    if (kind[k] === held) {
      const draws = -mismatchQ[k]!;
      if (draws >= least - 1e-9 && draws <= most + 1e-9) continue;
      fixedQ[k] = draws < least ? least : most;
      kind[k] = free;
      changed = true;
    } else if (fixedQ[k] === least ? magnitude[k]! > target + 1e-9 : magnitude[k]! < target - 1e-9) {
      fixedQ[k] = 0;
      kind[k] = held;
      magnitude[k] = target;
      changed = true;
    }
  }
  return changed;
}

function solutionOf(state: State, start: StartName, { converged, iterations, worst }: Progress): NewtonSolution {
  const { grid, kind, re, im, mismatchP, mismatchQ, fixedQ } = state;
  const { size, order, place } = grid.pattern;
  const byBus = (value: (k: number) => number): Float64Array =>
    Float64Array.from({ length: size }, (_, bus) => value(place[bus]!));
  return {
    converged,
    start,
    iterations,
    worstBus: worst < 0 ? undefined : grid.busIds[order[worst]!],
    vRe: byBus((k) => re[k]!),
    vIm: byBus((k) => im[k]!),
    surplusP: byBus((k) => (kind[k] === source ? mismatchP[k]! : 0)),
    surplusQ: byBus((k) => (kind[k] === free ? -fixedQ[k]! : mismatchQ[k]!)),
    atLimit: grid.busIds.filter((_, bus) => grid.heldPu[bus]! > 0 && kind[place[bus]!] === free),
  };
}
