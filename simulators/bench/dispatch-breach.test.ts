import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadSolver } from '../../cloud/plan/compose-solver.ts';
import { horizonAt, RUNNING } from '../../cloud/plan/planner.ts';
import type { LpSolver } from '../../cloud/plan/problem/lp.ts';
import { optimise } from '../../cloud/plan/search/optimise.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { bandKw, substationTask } from '../region/substation-problem.ts';
import { breaches, type Breaches } from './dispatch-breach.ts';

let solver: LpSolver;
before(async () => {
  solver = await loadSolver();
});

/** A day whose evening load uses up the whole voltage margin. */
const task = {
  start: Date.UTC(2021, 6, 5, 8),
  stepsS: horizonAt(60),
  clearness: 0.95,
  loadFactor: 0.6,
  options: RUNNING,
};

function passedOf(corners: boolean, draws: number): Breaches {
  const { problem } = substationTask(task);
  const plan = optimise(corners ? problem : { ...problem, loads: { mid: problem.loads.mid } }, solver);
  const band = (feeder: string, step: number): number => bandKw(task, `feeder:${feeder}`, step);
  return breaches([{ plan, bandKw: band }], { random: new SeededRandom(20261125, 'breaches'), draws });
}

test('a binding limit planned at 0.95 is exceeded in 3 to 7 % of joint error draws', () => {
  // Seeded. Limits of one step are exceeded together, so the sample is about ten steps of 300 draws: a standard error of 0.4 points.
  const { binding, passedPct } = passedOf(true, 300);
  assert.ok(binding >= 10, `only ${binding} limits bind: too few`);
  assert.ok(passedPct >= 3 && passedPct <= 7, `${passedPct.toFixed(2)} % of draws at ${binding} limits`);
});

test('a plan without reserve exceeds it far more often, so the measure discriminates', () => {
  const { binding, passedPct } = passedOf(false, 60);
  assert.ok(binding >= 10 && passedPct > 20, `${passedPct.toFixed(2)} % of draws at ${binding} limits`);
});
