import type { Solved } from '../problem/ac.ts';
import type { Layout, Scenario } from '../problem/layout.ts';
import { gradientOf, noWeights, type Linearisation } from './linearise.ts';

/** Loads per bus: what is of constant power, and what is of constant impedance, at 1 pu. */
interface Loads {
  readonly activePowerKw: Float64Array;
  readonly reactivePowerKvar: Float64Array;
  readonly conductanceKw: Float64Array | undefined;
  /** Positive feeds in, as a capacitor does. */
  readonly susceptanceKvar: Float64Array | undefined;
}

/** Loads of one scenario and step; the arrays belong to the caller. */
export function loadsOf({ problem, grid }: Layout, scenario: Scenario, step: number): Loads {
  const { [scenario]: loads = problem.loads.mid } = problem.loads;
  const buses = grid.busIds.length;
  const activePowerKw = loads.activePowerKw.slice(step * buses, (step + 1) * buses);
  const reactivePowerKvar = loads.reactivePowerKvar.slice(step * buses, (step + 1) * buses);
  const { loadModel } = problem;
  if (loadModel === undefined)
    return { activePowerKw, reactivePowerKvar, conductanceKw: undefined, susceptanceKvar: undefined };
  const { active, reactive, voltagePu } = loadModel;
  const conductanceKw = activePowerKw.map((kw, bus) => (active * kw) / voltagePu[bus]! ** 2);
  const susceptanceKvar = reactivePowerKvar.map((kvar, bus) => (-reactive * kvar) / voltagePu[bus]! ** 2);
  for (let bus = 0; bus < buses; bus++) {
    activePowerKw[bus]! *= 1 - active;
    reactivePowerKvar[bus]! *= 1 - reactive;
  }
  return { activePowerKw, reactivePowerKvar, conductanceKw, susceptanceKvar };
}

/** Consumption of the loads of constant impedance in a solved power flow, MW. */
export function impedanceMw(
  { grid, workspace: { vRe, vIm } }: Solved,
  conductanceKw: Float64Array | undefined,
): number {
  if (conductanceKw === undefined) return 0;
  let kw = 0;
  for (const [node, bus] of grid.nodeBus.entries()) kw += conductanceKw[bus]! * (vRe[node]! ** 2 + vIm[node]! ** 2);
  return kw / 1000;
}

/** Derivative of `impedanceMw` with respect to each input of the linearisation; undefined if no load is of constant impedance. */
export function impedanceGradient(
  { grid, workspace: { vRe, vIm } }: Solved,
  lin: Linearisation,
  conductanceKw: Float64Array | undefined,
): Float64Array | undefined {
  if (conductanceKw === undefined) return undefined;
  const weights = noWeights(lin.nodes);
  for (const [node, bus] of grid.nodeBus.entries()) {
    weights.dvRe[node] = (2 * conductanceKw[bus]! * vRe[node]!) / 1000;
    weights.dvIm[node] = (2 * conductanceKw[bus]! * vIm[node]!) / 1000;
  }
  return gradientOf(lin, weights);
}
