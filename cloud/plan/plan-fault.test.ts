import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Compile } from 'typebox/compile';
import { PlanBody } from '../../shared/contracts/plan.ts';
import type { LpSolver } from './problem/lp.ts';
import { optimise } from './search/optimise.ts';
import { planContent } from './plan.ts';
import { infeasibilityOf } from './tasks.ts';
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
  const content = planContent(found, options, infeasibilityOf(found, solver));
  return { id: 'pl-small', trigger: 'schedule', solveMs: 1, ...content };
}

test('a plan that only lacks reserve is no fault; one that breaks a limit is, with its conflict', () => {
  const tight = planned(500, 1.1);
  assert.ok(Compile(PlanBody).Check(tight));
  assert.equal(planFault(tight, 'Small'), undefined);
  assert.match(
    tight.room!.text,
    /^Holds at the median of the forecast, not at 0\.95: b5, .* breach probability of \d+\.\d % /,
  );
  const broken = planned(1000, 0.3);
  assert.ok(Compile(PlanBody).Check(broken));
  const { code, text, parameters } = planFault(broken, 'Small')!;
  assert.equal(code, 'LS-OPT-001');
  assert.match(
    text,
    /^Small: found no plan that keeps b5 within its voltage minimum( with load high)? of 0\.950 pu at \S+ \d\d:\d\dZ: no planned device acts on it$/,
  );
  const { element, limit, unit, devices, time } = parameters!;
  assert.deepEqual([element, limit, unit, devices], ['b5', 0.95, 'pu', []]);
  assert.ok(Date.parse(String(time)) >= broken.horizon.start);
  const { conflict: _, ...rest } = broken;
  const figures = (verified: object) =>
    planFault({ ...rest, verified: { ...broken.verified, ...verified } }, 'Small')!.text;
  assert.match(figures({ maxVoltageViolationPu: 0.0123, maxLoadingPct: 90 }), /is 0\.012 pu beyond its voltage band$/);
  assert.match(figures({ maxVoltageViolationPu: 0, maxLoadingPct: 112.4 }), /is at 112 % of its rating$/);
  assert.match(
    figures({ maxVoltageViolationPu: 0, maxLoadingPct: 90 }),
    /found no plan that keeps all limits of power/,
  );
  assert.equal(planFault(planned(300, 0.2), 'Small'), undefined);
});
