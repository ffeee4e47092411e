import assert from 'node:assert/strict';
import type { LpSolver } from '../problem/lp.ts';
import { endShortfall } from '../reasons/stated-answer.ts';
import type { DispatchOptions } from '../problem/problem.ts';
import { evaluate, newBench, violationEur } from '../search/evaluate.ts';
import { optimise } from '../search/optimise.ts';
import { curtailed } from '../search/restore.ts';
import { verify } from '../search/verify.ts';
import { feasibleProblem, type FeasibleSize } from './feasible-problem.ts';

/** Asserts that a plan of a problem known to be feasible keeps all limits, and costs no more than curtailment if that keeps them too. */
export function assertFeasible(size: FeasibleSize, solver: LpSolver, options: Partial<DispatchOptions> = {}): void {
  const found = optimise({ ...feasibleProblem(size), options }, solver);
  const { layout, prices } = found;
  const known = evaluate(layout, curtailed(layout), newBench(layout));
  const { maxVoltageViolationPu, maxBranchViolationPct, worstElement } = verify(found.layout, found.best);
  const what = `${JSON.stringify(size)} at ${worstElement}`;
  assert.ok(maxVoltageViolationPu <= 1e-4, `${maxVoltageViolationPu} pu, ${what}`);
  assert.ok(maxBranchViolationPct <= 0.1, `${maxBranchViolationPct} %, ${what}`);
  assert.equal(violationEur(found.layout, found.best, found.prices), 0, what);
  assert.ok(endShortfall(found) < 1e-6, what);
  if (known.converged && violationEur(layout, known, prices) === 0)
    assert.ok(
      found.best.objectiveEur <= known.objectiveEur,
      `${found.best.objectiveEur} EUR, ${known.objectiveEur} curtailed, ${what}`,
    );
}
