import type { RadialGrid } from './compile.ts';
import { branchFlows } from './flows.ts';
import { createWorkspace, type RadialSolution, type RadialWorkspace } from './workspace.ts';

export { compileRadial, type RadialGrid } from './compile.ts';
export { createWorkspace, type RadialSolution, type RadialWorkspace } from './workspace.ts';

/** Powers per bus index, load convention: positive is consumption. */
export interface RadialInput {
  readonly activePowerKw: Float64Array;
  readonly reactivePowerKvar: Float64Array;
  /** For all sources, or one value per source. Absent: as in the network. */
  readonly sourceVoltagePu?: number | Float64Array | undefined;
  /** Per transformer in document order; fractions are allowed. Absent: as in the network. */
  readonly tapPositions?: Float64Array | undefined;
  /**
   * Reactive power that switched capacitors feed in at 1 pu, kvar per bus, in addition to the document's shunts. It is proportional to the
   * square of the voltage.
   */
  readonly capacitorKvar?: Float64Array | undefined;
  /** Consumption of constant impedance at 1 pu, kW per bus, in addition to the document's shunts. Reactive: a negative `capacitorKvar`. */
  readonly conductanceKw?: Float64Array | undefined;
}

export interface RadialOptions {
  /** Largest change of a voltage in the last iteration, per unit. Default 1e-11. */
  readonly tolerancePu?: number;
  /** Default 200. */
  readonly maxIterations?: number;
  /** Start from the voltages in the workspace. */
  readonly warmStart?: boolean;
  /** Compute only the node state in the workspace. The solution's values for buses, branches and losses are then invalid. */
  readonly stateOnly?: boolean;
}

/** The document's loads, generators and storages as input. */
export const nominalInput = (grid: RadialGrid): RadialInput => ({
  activePowerKw: Float64Array.from(grid.nominalKw),
  reactivePowerKvar: Float64Array.from(grid.nominalKvar),
});

/**
 * Backward/forward sweep (Shirmohammadi et al., IEEE Trans. Power Syst. 3(2), 1988) with loads of constant power and of constant impedance.
 * Does not allocate if a workspace is given. Does not throw if it does not converge: see `converged` and `worstBus`.
 */
export function solveRadial(
  grid: RadialGrid,
  input: RadialInput,
  workspace: RadialWorkspace = createWorkspace(grid),
  options: RadialOptions = {},
): RadialSolution {
  const { tolerancePu = 1e-11, maxIterations = 200, warmStart = false, stateOnly = false } = options;
  const { solution } = workspace;
  load(grid, input, workspace);
  setRatios(grid, workspace, input.tapPositions);
  setSources(grid, workspace, input.sourceVoltagePu);
  if (!(warmStart && solution.converged)) flatStart(grid, workspace);

  let worst = -1;
  let iterations = 0;
  let converged = false;
  const limit = tolerancePu * tolerancePu;
  while (!converged && iterations < maxIterations) {
    iterations++;
    backward(grid, workspace);
    worst = forward(grid, workspace, limit);
    converged = worst === -1;
    if (worst >= 0 && !Number.isFinite(workspace.vRe[worst]! + workspace.vIm[worst]!)) break;
  }
  backward(grid, workspace);
  solution.iterations = iterations;
  solution.converged = converged;
  solution.worstBus = converged ? undefined : grid.busIds[grid.nodeBus[worst]!];
  if (stateOnly) return solution;
  voltages(grid, workspace);
  branchFlows(grid, workspace);
  return solution;
}

function load(grid: RadialGrid, input: RadialInput, { p, q, g, b }: RadialWorkspace): void {
  const { nodeBus, baseKva } = grid;
  const { activePowerKw, reactivePowerKvar, capacitorKvar, conductanceKw } = input;
  if (activePowerKw.length !== grid.busIds.length || reactivePowerKvar.length !== grid.busIds.length)
    throw new RangeError(`powers must hold one value for each of the ${grid.busIds.length} buses`);
  for (let node = 0; node < nodeBus.length; node++) {
    p[node] = activePowerKw[nodeBus[node]!]! / baseKva;
    q[node] = reactivePowerKvar[nodeBus[node]!]! / baseKva;
  }
  g.set(grid.gPu);
  b.set(grid.bPu);
  if (conductanceKw !== undefined)
    for (let node = 0; node < nodeBus.length; node++) g[node]! += conductanceKw[nodeBus[node]!]! / baseKva;
  if (capacitorKvar !== undefined)
    for (let node = 0; node < nodeBus.length; node++) b[node]! += capacitorKvar[nodeBus[node]!]! / baseKva;
}

/** Complex ratio and impedance of each transformer at its tap, as seen from the node that it feeds. */
export function setRatios(
  grid: RadialGrid,
  { aRe, aIm, r, x }: Pick<RadialWorkspace, 'aRe' | 'aIm' | 'r' | 'x'>,
  tapPositions: Float64Array | undefined,
): void {
  for (let index = 0; index < grid.transformers.length; index++) {
    const transformer = grid.transformers[index]!;
    const { node } = transformer;
    if (node < 0) continue;
    const tap = tapPositions === undefined ? transformer.tapPosition : tapPositions[index]!;
    const ratio = transformer.neutralRatio * (1 + tap * transformer.tapStep);
    const atTo = grid.nodeAtTo[node] === 1;
    const magnitude = atTo ? 1 / ratio : ratio;
    const scale = atTo ? 1 : ratio * ratio;
    aRe[node] = magnitude * transformer.cosShift;
    aIm[node] = (atTo ? -magnitude : magnitude) * transformer.sinShift;
    r[node] = transformer.rPu * scale;
    x[node] = transformer.xPu * scale;
  }
}

export function setSources(
  grid: RadialGrid,
  { vRe, vIm }: Pick<RadialWorkspace, 'vRe' | 'vIm'>,
  given: number | Float64Array | undefined,
): void {
  for (let node = 0; node < grid.sourceCount; node++) {
    const voltage =
      given === undefined ? grid.sourceVoltagePu[node]! : typeof given === 'number' ? given : given[node]!;
    vRe[node] = voltage * Math.cos(grid.sourceAngleRad[node]!);
    vIm[node] = voltage * Math.sin(grid.sourceAngleRad[node]!);
  }
}

/** Sets the no-load voltages. */
export function flatStart(
  grid: RadialGrid,
  { vRe, vIm, aRe, aIm }: Pick<RadialWorkspace, 'vRe' | 'vIm' | 'aRe' | 'aIm'>,
): void {
  const { parent, sourceCount } = grid;
  for (let node = sourceCount; node < parent.length; node++) {
    const up = parent[node]!;
    vRe[node] = aRe[node]! * vRe[up]! - aIm[node]! * vIm[up]!;
    vIm[node] = aRe[node]! * vIm[up]! + aIm[node]! * vRe[up]!;
  }
}

/** Sums currents from the leaves to the sources: I = conj(S/V) + Y V at each node, plus the currents of its children. */
function backward(grid: RadialGrid, workspace: RadialWorkspace): void {
  const { parent, sourceCount } = grid;
  const { vRe, vIm, jRe, jIm, p, q, g, b, aRe, aIm } = workspace;
  for (let node = 0; node < parent.length; node++) {
    const re = vRe[node]!;
    const im = vIm[node]!;
    const square = re * re + im * im;
    jRe[node] = (p[node]! * re + q[node]! * im) / square + g[node]! * re - b[node]! * im;
    jIm[node] = (p[node]! * im - q[node]! * re) / square + g[node]! * im + b[node]! * re;
  }
  for (let node = parent.length - 1; node >= sourceCount; node--) {
    const up = parent[node]!;
    jRe[up]! += aRe[node]! * jRe[node]! + aIm[node]! * jIm[node]!;
    jIm[up]! += aRe[node]! * jIm[node]! - aIm[node]! * jRe[node]!;
  }
}

/** Computes voltages from the sources to the leaves. Returns the node that moved most, or -1 if none moved by more than the limit. */
function forward(grid: RadialGrid, workspace: RadialWorkspace, limit: number): number {
  const { parent, sourceCount } = grid;
  const { vRe, vIm, jRe, jIm, aRe, aIm, r, x } = workspace;
  let worst = -1;
  let most = limit;
  for (let node = sourceCount; node < parent.length; node++) {
    const up = parent[node]!;
    const re = aRe[node]! * vRe[up]! - aIm[node]! * vIm[up]! - r[node]! * jRe[node]! + x[node]! * jIm[node]!;
    const im = aRe[node]! * vIm[up]! + aIm[node]! * vRe[up]! - r[node]! * jIm[node]! - x[node]! * jRe[node]!;
    const moved = (re - vRe[node]!) ** 2 + (im - vIm[node]!) ** 2;
    vRe[node] = re;
    vIm[node] = im;
    if (moved <= most) continue;
    worst = node;
    if (Number.isNaN(moved)) return worst;
    most = moved;
  }
  return worst;
}

function voltages(grid: RadialGrid, { vRe, vIm, solution }: RadialWorkspace): void {
  const { nodeBus } = grid;
  for (let node = 0; node < nodeBus.length; node++) {
    const bus = nodeBus[node]!;
    solution.vmPu[bus] = Math.sqrt(vRe[node]! * vRe[node]! + vIm[node]! * vIm[node]!);
    solution.vaDeg[bus] = (Math.atan2(vIm[node]!, vRe[node]!) * 180) / Math.PI;
  }
}
