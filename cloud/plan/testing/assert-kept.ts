import assert from 'node:assert/strict';
import type { LpSolver } from '../problem/lp.ts';
import { endShortfall } from '../reasons/stated-answer.ts';
import { violationEur } from '../search/evaluate.ts';
import { optimise } from '../search/optimise.ts';
import { verify } from '../search/verify.ts';
import { feasibleProblem, type FeasibleSize } from './feasible-problem.ts';

/** A plan of a problem that is known to be feasible keeps all limits. */
export function assertKept(size: FeasibleSize, solver: LpSolver): void {
  const found = optimise(feasibleProblem(size), solver);
  const { maxVoltageViolationPu, maxBranchViolationPct, worstElement } = verify(found.layout, found.best);
  const what = `${JSON.stringify(size)} at ${worstElement}`;
  assert.ok(maxVoltageViolationPu <= 1e-4, `${maxVoltageViolationPu} pu, ${what}`);
  assert.ok(maxBranchViolationPct <= 0.1, `${maxBranchViolationPct} %, ${what}`);
  assert.equal(violationEur(found.layout, found.best, found.prices), 0, what);
  assert.ok(endShortfall(found) < 1e-6, what);
}
