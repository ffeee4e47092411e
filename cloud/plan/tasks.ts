import { good, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import { collapseInWords, conflictInWords } from './reasons/conflict-words.ts';
import { conflictOf } from './reasons/conflict.ts';
import type { SaidConflict } from './search/said-parts.ts';
import { decisionsOf, type Decisions } from './search/decisions.ts';
import { keptRoom } from './search/kept-room.ts';
import type { LpSolver } from './problem/lp.ts';
import { optimise } from './search/optimise.ts';
import type { Optimised } from './search/optimised.ts';
import { planContent, type PlanContent, type PlanOptions } from './plan.ts';
import type { DispatchProblem } from './problem/problem.ts';

export interface DispatchTask {
  readonly problem: DispatchProblem;
  readonly plan: PlanOptions;
  /** What the plan before decided: the search starts there. */
  readonly earlier?: Decisions | undefined;
}

export interface DispatchAnswer {
  readonly content: PlanContent;
  readonly decisions: Decisions;
  readonly rounds: number;
  readonly programmes: number;
  /** LS-OPT-006 where the solver aborted: the plan is the best until then. */
  readonly fault?: Fault | undefined;
}

/**
 * What cannot hold together, in words; undefined where the plan breaks nothing, where it only lacks room for the forecast's errors, and
 * where the model knows of no conflict.
 */
export function conflictFor(optimised: Optimised, solver: LpSolver): SaidConflict | undefined {
  if (optimised.collapse !== undefined) return collapseInWords(optimised.layout, optimised.collapse);
  if (keptRoom(optimised) !== undefined) return undefined;
  const members = conflictOf(optimised, solver);
  return members === undefined ? undefined : conflictInWords(optimised, members);
}

/** The work of the optimiser by name, for a thread pool or the caller's own thread. */
export const dispatchTasks = (solver: () => Promise<LpSolver>) => ({
  /** LS-OPT-002 where no state of the network has a power flow: then the default envelopes stand. */
  dispatch: async ({ problem, plan, earlier }: DispatchTask): Promise<Outcome<DispatchAnswer>> => {
    const lp = await solver();
    const optimised = optimise(problem, lp, earlier);
    const { rounds, programmes } = optimised;
    const conflict = conflictFor(optimised, lp);
    const fault: Fault | undefined =
      lp.aborted === undefined
        ? undefined
        : { code: 'LS-OPT-006', detail: `the solver of ${problem.id}: ${lp.aborted}` };
    const decisions = decisionsOf(optimised.layout, optimised.best.x);
    return good({ content: planContent(optimised, plan, conflict), decisions, rounds, programmes, fault });
  },
});
export type DispatchTasks = ReturnType<typeof dispatchTasks>;
