import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import { conflictInWords } from './conflict-words.ts';
import { conflictOf } from './conflict.ts';
import type { LpSolver } from './lp.ts';
import { optimise } from './optimise.ts';
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

/** The work of the optimiser by name, for a thread pool or the caller's own thread. */
export const dispatchTasks = (solver: () => Promise<LpSolver>) => ({
  /** LS-OPT-002 where no state of the network has a power flow: then the default envelopes stand. */
  dispatch: async ({ problem, plan }: DispatchTask): Promise<Outcome<DispatchAnswer>> => {
    const lp = await solver();
    const optimised = optimise(problem, lp);
    if (!optimised.best.converged)
      return bad('LS-OPT-002', `no power flow converges for ${problem.id}, neither planned nor with nothing done`);
    const { rounds, programmes } = optimised;
    const members = conflictOf(optimised, lp);
    const conflict = members === undefined ? undefined : conflictInWords(optimised, members);
    return good({ content: planContent(optimised, plan, conflict), rounds, programmes });
  },
});
export type DispatchTasks = ReturnType<typeof dispatchTasks>;
