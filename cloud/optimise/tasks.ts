import type { Conflict } from '../../shared/contracts/plan.ts';
import { good, type Outcome } from '../../shared/outcome/outcome.ts';
import { collapseInWords, conflictInWords } from './conflict-words.ts';
import { conflictOf } from './conflict.ts';
import type { LpSolver } from './lp.ts';
import { optimise, type Optimised } from './optimise.ts';
import { planContent, type PlanContent, type PlanOptions } from './plan.ts';
import type { DispatchProblem } from './problem.ts';

export interface DispatchTask {
  readonly problem: DispatchProblem;
  readonly plan: PlanOptions;
}

export interface DispatchAnswer {
  readonly content: PlanContent;
  readonly rounds: number;
  readonly programmes: number;
}

function conflictFor(optimised: Optimised, solver: LpSolver): Conflict | undefined {
  if (optimised.collapse !== undefined) return collapseInWords(optimised.layout, optimised.collapse);
  const members = conflictOf(optimised, solver);
  return members === undefined ? undefined : conflictInWords(optimised, members);
}

/** The work of the optimiser by name, for a thread pool or the caller's own thread. */
export const dispatchTasks = (solver: () => Promise<LpSolver>) => ({
  /** LS-OPT-002 where no state of the network has a power flow: then the default envelopes stand. */
  dispatch: async ({ problem, plan }: DispatchTask): Promise<Outcome<DispatchAnswer>> => {
    const lp = await solver();
    const optimised = optimise(problem, lp);
    const { rounds, programmes } = optimised;
    const conflict = conflictFor(optimised, lp);
    return good({ content: planContent(optimised, plan, conflict), rounds, programmes });
  },
});
export type DispatchTasks = ReturnType<typeof dispatchTasks>;
