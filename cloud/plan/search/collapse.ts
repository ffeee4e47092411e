import { evaluate, newBench, type Evaluation } from './evaluate.ts';
import { buildLayout } from './build-layout.ts';
import type { DispatchProblem, LoadProfile } from '../problem/problem.ts';

/** Bisections of the interval that holds the largest share. */
const HALVINGS = 6;

/** The bus whose voltage collapses, the step, and the share of the loads above which it does. */
export interface Collapse {
  readonly bus: string;
  readonly step: number;
  readonly share: number;
}

/** Whether each step has a power flow in every scenario. */
const solvedSteps = ({ solved }: Evaluation): boolean[] =>
  solved[0]!.map((_, step) => solved.every((steps) => steps[step]!.workspace.solution.converged));

/** The problem with each step's loads scaled by its share, in all scenarios. */
export function withShares(problem: DispatchProblem, shares: readonly number[]): DispatchProblem {
  const buses = problem.network.buses.length;
  const times = (values: Float64Array): Float64Array =>
    values.map((value, at) => value * shares[Math.floor(at / buses)]!);
  const scaled = ({ activePowerKw, reactivePowerKvar }: LoadProfile): LoadProfile => ({
    activePowerKw: times(activePowerKw),
    reactivePowerKvar: times(reactivePowerKvar),
  });
  const { mid, lowSun, highSun } = problem.loads;
  return {
    ...problem,
    loads: { mid: scaled(mid), lowSun: lowSun && scaled(lowSun), highSun: highSun && scaled(highSun) },
  };
}

export interface Shares {
  /** Largest share of each step's loads that has a power flow under the decisions, to the accuracy of the bisection; 0: none has. */
  readonly shares: readonly number[];
  /** Where the lowest of them ends; undefined if all loads have a power flow. */
  readonly collapse: Collapse | undefined;
}

/** How much of the loads has a power flow, for each step by itself. */
export function sharesThatSolve(problem: DispatchProblem, x: Float64Array): Shares {
  const steps = problem.horizon.stepsS.length;
  const low = Array.from({ length: steps }, () => 0);
  const high = Array.from({ length: steps }, () => 1);
  const bus: (string | undefined)[] = [];
  for (let turn = 0; turn <= HALVINGS; turn++) {
    const tried = low.map((least, step) => (turn === 0 ? 1 : (least + high[step]!) / 2));
    const layout = buildLayout(withShares(problem, tried));
    const evaluation = evaluate(layout, x, newBench(layout));
    for (const [step, solves] of solvedSteps(evaluation).entries())
      if (solves) low[step] = tried[step]!;
      else {
        high[step] = tried[step]!;
        bus[step] = evaluation.solved.find((one) => !one[step]!.workspace.solution.converged)![
          step
        ]!.workspace.solution.worstBus;
      }
  }
  const step = low.indexOf(Math.min(...low));
  const share = low[step]!;
  return { shares: low, collapse: share === 1 ? undefined : { bus: bus[step] ?? '', step, share } };
}
