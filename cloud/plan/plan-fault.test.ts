import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Compile } from 'typebox/compile';
import { PlanBody } from '../../shared/contracts/plan.ts';
import type { LpSolver } from './problem/lp.ts';
import { optimise } from './search/optimise.ts';
import { planContent } from './plan.ts';
import { conflictFor } from './tasks.ts';
import { smallNetwork, smallProblem } from './testing/small-feeder.ts';
import { loadSolver } from './compose-solver.ts';
import { planFault } from './plan-fault.ts';

let solver: LpSolver;
before(async () => {
  solver = await loadSolver();
});

const strong = { ...smallNetwork(), lines: smallNetwork().lines.map((line) => ({ ...line, ratedKva: 9000 })) };

function planned(loadKw: number, spread: number): PlanBody {
  const found = optimise(smallProblem({ loadKw: [loadKw], devices: [], network: strong, spread }), solver);
  const options = { substation: 'small', substitutions: [], bandKw: 100 };
  const content = planContent(found, options, conflictFor(found, solver));
  return { id: 'pl-small', trigger: 'schedule', solveMs: 1, ...content };
}

test('a plan that lacks room alone is no fault; one that breaks a limit is one, with its conflict', () => {
  const tight = planned(500, 1.1);
  assert.ok(Compile(PlanBody).Check(tight));
  assert.equal(planFault(tight), undefined);
  assert.match(
    tight.room!.text,
    /^Holds at the median of the forecast, not at 0\.95: b5, .* breach probability of \d+\.\d % /,
  );
  const broken = planned(1000, 0.3);
  assert.ok(Compile(PlanBody).Check(broken));
  assert.match(planFault(broken)!.detail, /bus b5 cannot stay above 0\.95 pu/);
  assert.equal(planFault(planned(300, 0.2)), undefined);
});
