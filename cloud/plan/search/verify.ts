import { flowOf } from '../problem/ac.ts';
import { ratingMva, voltageBand, type Evaluation } from './evaluate.ts';
import type { Layout } from '../problem/layout.ts';

/** What the AC power flow says of the limits of the network, over all steps of one scenario. */
export interface Verification {
  readonly maxVoltageViolationPu: number;
  readonly maxBranchViolationPct: number;
  /** Highest apparent power over its rating, %; 0 where nothing is rated. */
  readonly maxLoadingPct: number;
  /** Bus or branch that stands worst against its limit. */
  readonly worstElement: string;
  readonly worstStep: number;
}

/** Room that the plan keeps in a band counts as part of the limit only where `withRoom` is set. */
export function verify(
  layout: Layout,
  evaluation: Pick<Evaluation, 'solved'>,
  options: { readonly scenario?: number; readonly withRoom?: boolean; readonly steps?: number } = {},
): Verification {
  const { grid, problem } = layout;
  const { scenario = 0, withRoom = false, steps = layout.steps } = options;
  const room = withRoom ? 0 : problem.limits.voltageMarginPu;
  let voltage = 0;
  let loading = 0;
  let worst = -Infinity;
  let worstElement = '';
  let worstStep = 0;
  const look = (measure: number, element: string, step: number): void => {
    if (measure <= worst) return;
    worst = measure;
    worstElement = element;
    worstStep = step;
  };
  for (let step = 0; step < steps; step++) {
    const solved = evaluation.solved[scenario]![step]!;
    for (let node = grid.sourceCount; node < grid.parent.length; node++) {
      const [least, most] = voltageBand(layout, node);
      const vm = Math.hypot(solved.workspace.vRe[node]!, solved.workspace.vIm[node]!);
      const over = Math.max(least - room - vm, vm - most - room);
      voltage = Math.max(voltage, over);
      // Voltage in percent of nominal and loading in percent of its rating are set side by side.
      look(100 * over, grid.busIds[grid.nodeBus[node]!]!, step);
      const rated = ratingMva(layout, node);
      if (rated === Infinity) continue;
      for (const end of ['near', 'far'] as const) {
        const flow = flowOf(solved, node, end);
        const pct = (100 * Math.hypot(flow.mw, flow.mvar)) / rated;
        loading = Math.max(loading, pct);
        look(pct - 100, grid.branchIds[grid.nodeBranch[node]!]!, step);
      }
    }
  }
  return {
    maxVoltageViolationPu: voltage,
    maxBranchViolationPct: Math.max(0, loading - 100),
    maxLoadingPct: loading,
    worstElement,
    worstStep,
  };
}
