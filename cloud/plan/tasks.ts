import { bad, good, LoadstoneError, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import { collapseInWords, conflictInWords } from './reasons/conflict-words.ts';
import { conflictOf } from './reasons/conflict.ts';
import type { Infeasibility } from './search/said-parts.ts';
import { decisionsOf, type Decisions } from './search/decisions.ts';
import { reserveShortfall } from './search/reserve-shortfall.ts';
import type { LpSolver } from './problem/lp.ts';
import { optimise } from './search/optimise.ts';
import type { Optimised } from './search/optimised.ts';
import { planContent, type PlanContent, type PlanOptions } from './plan.ts';
import type { DispatchProblem } from './problem/problem.ts';

export interface DispatchTask {
  readonly problem: DispatchProblem;
  readonly plan: PlanOptions;
  /** Decisions of the previous plan; the search starts there. */
  readonly earlier?: Decisions | undefined;
}

export interface DispatchAnswer {
  readonly content: PlanContent;
  readonly decisions: Decisions;
  readonly rounds: number;
  readonly programmes: number;
  /** LS-OPT-006 if the solver aborted; the plan is then the best found so far. */
  readonly fault?: Fault | undefined;
}

/**
 * What a plan cannot keep, in words: room for forecast errors alone, or limits that cannot hold together. Neither if it breaks nothing, and
 * if the model knows of no conflict.
 */
export function infeasibilityOf(optimised: Optimised, solver: LpSolver): Infeasibility {
  if (optimised.collapse !== undefined) return { conflict: collapseInWords(optimised.layout, optimised.collapse) };
  const room = reserveShortfall(optimised);
  if (room !== undefined) return { room };
  const conflict = conflictOf(optimised, solver);
  return conflict === undefined ? {} : { conflict: conflictInWords(optimised, conflict) };
}

function caught<T>(work: () => T): Outcome<T> {
  try {
    return good(work());
  } catch (error) {
    if (error instanceof LoadstoneError) return bad('LS-OPT-002', error.message);
    throw error;
  }
}

/** The optimiser's work by name, for a thread pool or the caller's own thread. */
export const dispatchTasks = (solver: () => Promise<LpSolver>) => ({
  /**
   * Fails with LS-OPT-002 if no state of the network has a power flow, or if the network as switched is meshed or leaves a device without
   * supply; then the default envelopes apply.
   */
  dispatch: async ({ problem, plan, earlier }: DispatchTask): Promise<Outcome<DispatchAnswer>> => {
    const lp = await solver();
    const search = caught(() => optimise(problem, lp, earlier));
    if (!search.ok) return search;
    const optimised = search.value;
    const { rounds, programmes } = optimised;
    const found = infeasibilityOf(optimised, lp);
    const fault: Fault | undefined =
      lp.aborted === undefined
        ? undefined
        : { code: 'LS-OPT-006', detail: `the solver of ${problem.id}: ${lp.aborted}` };
    const decisions = decisionsOf(optimised.layout, optimised.best.x);
    return good({ content: planContent(optimised, plan, found), decisions, rounds, programmes, fault });
  },
});
export type DispatchTasks = ReturnType<typeof dispatchTasks>;
