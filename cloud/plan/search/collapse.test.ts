import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import { valuesOf } from '../problem/device-cost.ts';
import type { DispatchDevice } from '../problem/problem.ts';
import { dispatchTasks } from '../tasks.ts';
import { batteryAt, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const plan = { substation: 'small', substitutions: [], bandKw: 20 };

test('a load without a power flow is planned for the solvable part of it, and the bus is named', async () => {
  const problem = smallProblem({ loadKw: [200, 60_000, 200], devices: [batteryAt('b5')] });
  const found = optimise(problem, solver);
  assert.ok(!found.nothing.converged && found.best.converged);
  assert.equal(found.collapse!.step, 1);
  assert.ok(found.collapse!.share > 0 && found.collapse!.share < 0.5, `${found.collapse!.share}`);
  assert.ok(valuesOf(found.layout, found.best.x)[0]![1]!.discharge > 0.49, 'all devices that can relieve do');
  const { content } = unwrap(await dispatchTasks(() => Promise.resolve(solver)).dispatch({ problem, plan }));
  assert.equal(content.status, 'least-violation');
  assert.match(content.conflict!.text, /^bus b\d has no power flow at 01:00Z at more than \d+ % of the load/);
  assert.equal(content.doNothing, undefined);
  assert.equal(content.cost.doNothingEur, Number.MAX_SAFE_INTEGER);
  assert.ok(content.assumptions.substitutions[0]!.includes('planned for less than the load'));
});

test('where devices restore the power flow, the plan covers the whole load', () => {
  const strong = batteryAt('b5', { chargeKw: 9000, dischargeKw: 9000, capacityKwh: 40_000, maxReactiveKvar: 9000 });
  const alone = optimise(smallProblem({ loadKw: [200, 6000], devices: [] }), solver);
  assert.ok(alone.collapse !== undefined, 'without a device the load has no power flow');
  const found = optimise(smallProblem({ loadKw: [200, 6000], devices: [strong] }), solver);
  assert.ok(!found.nothing.converged && found.best.converged);
  assert.equal(found.collapse, undefined);
});

test('a network without a power flow even at no load is refused with its code', () => {
  const greedy: DispatchDevice = {
    kind: 'ev',
    id: 'ev',
    bus: 'b5',
    wishedKw: [90_000],
    minKw: [90_000],
    maxKw: [90_000],
    floorKw: 90_000,
    sessions: [],
    unservedEurPerKwh: 1,
    delayEurPerKwh: 0.01,
  };
  assert.throws(
    () => optimise(smallProblem({ loadKw: [100], devices: [greedy] }), solver),
    (error) => error instanceof LoadstoneError && error.code === 'LS-OPT-002',
  );
});
