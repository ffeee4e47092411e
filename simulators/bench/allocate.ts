import { solveRadial, type RadialSolution } from '../../shared/grid/radial.ts';
import type { EstimateInputs } from '../../cloud/estimate/inputs.ts';
import type { EstimateModel, ModelFeeder } from '../../cloud/estimate/model.ts';

const ROUNDS = 12;
const CLOSE_KW = 0.01;
const CLOSE_PU = 1e-7;

/** Power that flows from the busbar into a feeder. */
function headFlow({ headBranch, outward }: ModelFeeder, solution: RadialSolution): { kw: number; kvar: number } {
  return outward
    ? { kw: solution.fromKw[headBranch]!, kvar: solution.fromKvar[headBranch]! }
    : { kw: solution.toKw[headBranch]!, kvar: solution.toKvar[headBranch]! };
}

/**
 * Load allocation: a feeder head's reading minus its metered devices and losses, shared by nominal load. Each round solves the power flow,
 * then corrects the shared sums, the rest at the busbar and the source voltage by the remaining mismatch at the meters. Returns the last
 * power flow.
 */
export function allocate(model: EstimateModel, inputs: EstimateInputs): RadialSolution {
  const { grid, workspace, feeders, busbar, transformerBranch } = model;
  const buses = grid.busIds.length;
  const loadKw = new Float64Array(buses);
  const loadKvar = new Float64Array(buses);
  const activePowerKw = new Float64Array(buses);
  const reactivePowerKvar = new Float64Array(buses);
  const tapPositions = Float64Array.from(grid.transformers, (each, at) =>
    at === 0 ? inputs.tap.value : each.tapPosition,
  );
  const sharedKw = feeders.map((_, at) => inputs.heads[at]!.kw.value - sumOf(inputs.devices[at]!, 'kw'));
  const sharedKvar = feeders.map((_, at) => inputs.heads[at]!.kvar.value - sumOf(inputs.devices[at]!, 'kvar'));
  const rest = { kw: 0, kvar: 0 };
  const measured = inputs.transformer;
  if (measured !== undefined) {
    rest.kw = measured.kw.value - sumOf(inputs.heads, 'kw');
    rest.kvar = measured.kvar.value - sumOf(inputs.heads, 'kvar');
  }
  let sourceVoltagePu = grid.sourceVoltagePu[0]!;
  let solution = workspace.solution as RadialSolution;
  for (let round = 0; round < ROUNDS; round++) {
    share(model, loadKw, sharedKw, 'nominalKw');
    share(model, loadKvar, sharedKvar, 'nominalKvar');
    loadKw[busbar] = rest.kw;
    loadKvar[busbar] = rest.kvar;
    activePowerKw.set(loadKw);
    reactivePowerKvar.set(loadKvar);
    for (const [at, feeder] of feeders.entries())
      for (const [position, { bus }] of feeder.devices.entries()) {
        activePowerKw[bus]! += inputs.devices[at]![position]!.kw.value;
        reactivePowerKvar[bus]! += inputs.devices[at]![position]!.kvar.value;
      }
    solution = solveRadial(grid, { activePowerKw, reactivePowerKvar, sourceVoltagePu, tapPositions }, workspace, {
      tolerancePu: 1e-9,
      warmStart: round > 0,
    });
    if (!solution.converged) break;
    let off = 0;
    for (const [at, feeder] of feeders.entries()) {
      if (feeder.buses.length === 0) continue;
      const flow = headFlow(feeder, solution);
      const moreKw = inputs.heads[at]!.kw.value - flow.kw;
      const moreKvar = inputs.heads[at]!.kvar.value - flow.kvar;
      sharedKw[at]! += moreKw;
      sharedKvar[at]! += moreKvar;
      off = Math.max(off, Math.abs(moreKw), Math.abs(moreKvar));
    }
    if (measured !== undefined) {
      const moreKw = measured.kw.value + solution.toKw[transformerBranch]!;
      const moreKvar = measured.kvar.value + solution.toKvar[transformerBranch]!;
      rest.kw += moreKw;
      rest.kvar += moreKvar;
      off = Math.max(off, Math.abs(moreKw), Math.abs(moreKvar));
    }
    const wanted = inputs.busbarPu?.value;
    const apart = wanted === undefined ? 0 : wanted - solution.vmPu[busbar]!;
    if (off < CLOSE_KW && Math.abs(apart) < CLOSE_PU) break;
    if (wanted !== undefined) sourceVoltagePu *= wanted / solution.vmPu[busbar]!;
  }
  return solution;
}

function share(
  model: EstimateModel,
  into: Float64Array,
  sums: readonly number[],
  by: 'nominalKw' | 'nominalKvar',
): void {
  for (const [at, feeder] of model.feeders.entries()) {
    const total = feeder[by];
    for (const bus of feeder.buses)
      into[bus] = total === 0 ? sums[at]! / feeder.buses.length : (sums[at]! * model.grid[by][bus]!) / total;
  }
}

type Power = { readonly [Key in 'kw' | 'kvar']: { readonly value: number } };
const sumOf = (powers: readonly Power[], key: 'kw' | 'kvar'): number =>
  powers.reduce((total, power) => total + power[key].value, 0);
