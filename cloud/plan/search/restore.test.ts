import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadSolver } from '../compose-solver.ts';
import type { LpSolver } from '../problem/lp.ts';
import type { DispatchOptions } from '../problem/problem.ts';
import { assertFeasible } from '../testing/assert-feasible.ts';
import { feasibleProblem } from '../testing/feasible-problem.ts';
import { violationEur } from './evaluate.ts';
import { optimise } from './optimise.ts';

let solver: LpSolver;
before(async () => {
  solver = await loadSolver();
});

test('property: a feasible problem gets a plan that keeps all limits', () => {
  for (let seed = 1; seed <= 3; seed++)
    for (const known of ['zero', 'drawn'] as const)
      assertFeasible(
        { buses: 60, pv: 8 + 4 * (seed % 3), batteries: 4, steps: 4 + 4 * (seed % 2), seed, known },
        solver,
      );
});

test('property: the search for large problems keeps all limits too, with cars and negative prices', () => {
  const size = { buses: 60, pv: 12, batteries: 4, sites: 3, steps: 6 };
  // Each seed with each start and each price, and each start with each price.
  for (const [seed, known, cheaperEur] of [
    [1, 'zero', 0],
    [1, 'drawn', 100],
    [2, 'zero', 100],
    [2, 'drawn', 0],
  ] as const)
    assertFeasible({ ...size, seed, known, cheaperEur }, solver, { large: 0 });
});

test('the programme of a large problem has few rows that do not bind', () => {
  const problem = feasibleProblem({ buses: 100, pv: 40, batteries: 10, steps: 6, seed: 1, known: 'zero' });
  const mostRows = (options: Partial<DispatchOptions>): number => {
    let most = 0;
    const counting: LpSolver = {
      solve(posed, start) {
        most = Math.max(most, posed.rows);
        return solver.solve(posed, start);
      },
    };
    optimise({ ...problem, options }, counting);
    return most;
  };
  const [all, few] = [mostRows({ maxInner: 10 }), mostRows({ maxInner: 10, large: 0 })];
  assert.ok(few < 0.7 * all, `${few} rows, ${all} where all stay`);
});

test('the plan of a large network costs as much as that of a long search', () => {
  const size = { buses: 300, pv: 60, batteries: 20, steps: 6, seed: 2, known: 'zero' } as const;
  const { best } = optimise(feasibleProblem(size), solver);
  // Reached with 40 solves a round, which takes five times as long.
  const reachedEur = 1537.63;
  assert.ok(Math.abs(best.costEur / reachedEur - 1) < 1e-3, `${best.costEur} EUR`);
});

test('many plants against a tight voltage limit are curtailed, not reported as infeasible', () => {
  assertFeasible({ buses: 150, pv: 60, batteries: 10, steps: 6, seed: 9, known: 'zero', pvKw: 1200 }, solver);
});

test('a plan starts from curtailment if feed-in leaves the network without a power flow', () => {
  const problem = feasibleProblem({ buses: 60, pv: 48, batteries: 4, steps: 4, seed: 3, known: 'zero', pvKw: 30_000 });
  const found = optimise(problem, solver);
  assert.equal(found.nothing.converged, false);
  assert.equal(found.collapse, undefined);
  assert.equal(violationEur(found.layout, found.best, found.prices), 0);
});
