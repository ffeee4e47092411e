import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadSolver } from '../compose-solver.ts';
import type { LpSolver } from '../problem/lp.ts';
import { endShortfall } from '../reasons/stated-answer.ts';
import { feasibleProblem, type FeasibleSize } from '../testing/feasible-problem.ts';
import { violationEur } from './evaluate.ts';
import { optimise } from './optimise.ts';
import { verify } from './verify.ts';

let solver: LpSolver;
before(async () => {
  solver = await loadSolver();
});

function check(size: FeasibleSize): void {
  const found = optimise(feasibleProblem(size), solver);
  const { maxVoltageViolationPu, maxBranchViolationPct, worstElement } = verify(found.layout, found.best);
  const what = `${JSON.stringify(size)} at ${worstElement}`;
  assert.ok(maxVoltageViolationPu <= 1e-4, `${maxVoltageViolationPu} pu, ${what}`);
  assert.ok(maxBranchViolationPct <= 0.1, `${maxBranchViolationPct} %, ${what}`);
  assert.equal(violationEur(found.layout, found.best, found.prices), 0, what);
  assert.ok(endShortfall(found) < 1e-6, what);
}

test('property: a problem that is known to be feasible gets a plan that keeps all limits', () => {
  for (let seed = 1; seed <= 6; seed++)
    for (const known of ['zero', 'drawn'] as const)
      check({ buses: 100, pv: 12 + 4 * (seed % 3), batteries: 6, steps: 4 + 4 * (seed % 2), seed, known });
});

test('plants without number against a tight voltage are curtailed, not called infeasible', () => {
  check({ buses: 150, pv: 60, batteries: 10, steps: 6, seed: 9, known: 'zero', pvKw: 1200 });
});

test('where feed-in leaves the network without a power flow, the plan starts from curtailment', () => {
  const problem = feasibleProblem({ buses: 100, pv: 80, batteries: 4, steps: 4, seed: 3, known: 'zero', pvKw: 30_000 });
  const found = optimise(problem, solver);
  assert.equal(found.nothing.converged, false);
  assert.equal(found.collapse, undefined);
  assert.equal(violationEur(found.layout, found.best, found.prices), 0);
});
