import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { valuesOf } from '../problem/device-cost.ts';
import { envelopes } from '../envelopes/envelopes.ts';
import { evaluate, newBench, violationEur } from './evaluate.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import type { Optimised } from './optimised.ts';
import { planContent } from '../plan.ts';
import { movesOf } from '../problem/positions.ts';
import { isStepped, type MoveBudget, type SteppedDevice } from '../problem/problem.ts';
import { passedAtRandom } from '../testing/random-corners.ts';
import { pvPlant, smallProblem } from '../testing/small-feeder.ts';
import { bankAt, steppedProblem, tapAt } from '../testing/stepped.ts';
import { bestCourse } from './whole-positions.ts';
import { verify } from './verify.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const positionsOf = ({ layout, best }: Optimised, device: number): number[] =>
  valuesOf(layout, best.x)[device]!.map(({ position }) => position);

/** Moves in the span of a budget, from the position before it. */
function movesWithin(device: SteppedDevice, positions: readonly number[], { fromStep, toStep }: MoveBudget): number {
  const start = fromStep === 0 ? device.start : positions[fromStep - 1]!;
  return movesOf({ ...device, start }, positions.slice(fromStep, toStep + 1));
}

/** All courses of a few steps over a few positions. */
function* courses(steps: number, count: number): Generator<number[]> {
  for (let code = 0; code < count ** steps; code++)
    yield Array.from({ length: steps }, (_, step) => Math.floor(code / count ** step) % count);
}

test('property: finds the cheapest sequence of positions within all budgets', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 }), {
        minLength: 4,
        maxLength: 4,
      }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 12 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 2 }),
      (worth, start, moveEur, [today, tomorrow]) => {
        const device = tapAt('b', {
          start,
          moveEur,
          budgets: [
            { fromStep: 0, toStep: 1, moves: today! },
            { fromStep: 2, toStep: 3, moves: tomorrow! },
          ],
        });
        const eur = (course: readonly number[]): number =>
          moveEur * movesOf(device, course) + course.reduce((sum, at, step) => sum + worth[step]![at]!, 0);
        const fits = (course: readonly number[]): boolean =>
          device.budgets.every((budget) => movesWithin(device, course, budget) <= budget.moves);
        const found = bestCourse(
          worth.map((row) => Float64Array.from(row)),
          0,
          device,
        );
        assert.ok(fits(found));
        const least = Math.min(...[...courses(4, 3)].filter(fits).map(eur));
        assert.ok(eur(found) <= least + 1e-4, `${eur(found)} EUR, but ${least} is possible`);
      },
    ),
    { numRuns: 200, seed: 20261125 },
  );
});

test('a bank is switched in only if its reactive power saves more than its moves cost', () => {
  const dear = (moveEur: number): Optimised =>
    optimise(smallProblem({ loadKw: [350, 350, 350, 350], devices: [bankAt('b5', { moveEur })] }), solver);
  const used = dear(0.4);
  assert.ok(positionsOf(used, 0).every((position) => position > 0));
  assert.ok(used.best.costEur < used.nothing.costEur);
  assert.deepEqual(positionsOf(dear(400), 0), [0, 0, 0, 0]);
});

test('a bank raises the voltage as in the power flow, and the plan gives its steps and reason', () => {
  const found = optimise(smallProblem({ loadKw: [900, 900], devices: [bankAt('b5')] }), solver);
  const { layout, best, nothing } = found;
  assert.ok(verify(layout, nothing).maxVoltageViolationPu > 1e-3);
  const volts = (of: typeof best): number => of.solved[0]![0]!.workspace.solution.vmPu[4]!;
  assert.ok(volts(best) > volts(nothing));
  const plan = planContent(found, { substation: 'small', substitutions: [], bandKw: 100 });
  const [bank] = plan.devices;
  assert.deepEqual(bank!.capacitorStep, positionsOf(found, 0));
  const [reason] = bank!.reasons;
  assert.match(reason!.text, /^\d moves? for \d\.\d\d EUR, from position 0 to \d: to the end of the horizon /);
  assert.match(
    reason!.counterfactual!,
    /^without this: \S+ (0\.\d{4} pu beyond its band|at \d+ % of its rating) at 0\d:00Z$/,
  );
  assert.ok(reason!.shadowPrice > 0.4, `${reason!.shadowPrice} EUR saved by a move that costs 0.4`);
  assert.equal(bank!.envelope, undefined, 'a bank has no active power to bound by an envelope');
});

test('budgets cover the horizon, and moves made today count', () => {
  const budget = (moves: number): MoveBudget[] => [{ fromStep: 0, toStep: 2, moves }];
  const devices = (moves: number) => [
    tapAt('b1', { start: 7, budgets: budget(moves) }),
    pvPlant('b5', [1500, 1500, 0], 0),
  ];
  const steps = { loadKw: [50, 50, 50] };
  assert.deepEqual(positionsOf(optimise(smallProblem({ ...steps, devices: devices(0) }), solver), 0), [7, 7, 7]);
  const free = optimise(smallProblem({ ...steps, devices: devices(9) }), solver);
  assert.equal(movesOf(devices(9)[0] as SteppedDevice, positionsOf(free, 0)), 2);
  const one = positionsOf(optimise(smallProblem({ ...steps, devices: devices(1) }), solver), 0);
  assert.deepEqual(one, [6, 6, 6]);
});

test('a target moves the controller to the planned position and holds it there at any band width', () => {
  for (const bandPu of [0.004, 0.00625, 0.0125]) {
    const devices = [tapAt('b1', { start: 7, bandPu, dropPuPerMw: 0.002 }), pvPlant('b5', [1500, 1500, 0], 0)];
    const found = optimise(smallProblem({ loadKw: [50, 50, 50], devices }), solver);
    const { layout, best } = found;
    const { levels } = devices[0] as SteppedDevice;
    const planned = positionsOf(found, 0);
    const plan = planContent(found, { substation: 'small', substitutions: [], bandKw: 100 });
    let position = 7;
    for (const [step, target] of plan.devices[0]!.voltageTargetPu!.entries()) {
      for (let second = 0; second < 20; second++) {
        // The controlled bus is the source itself: its voltage is the level.
        const off = levels[position]! - target! - 0.002 * best.importMw[step]!;
        if (Math.abs(off) <= bandPu) break;
        position -= Math.sign(off);
      }
      assert.equal(position, planned[step], `band ${bandPu}, step ${step}, target ${target} of ${layout.problem.id}`);
    }
  }
});

test('property: positions are whole, budgets hold, and a plan is deterministic and never worse than nothing', () => {
  let moved = 0;
  fc.assert(
    fc.property(steppedProblem, (problem) => {
      const found = optimise(problem, solver);
      const { layout, best, merit, nothingMerit } = found;
      assert.ok(best.converged);
      assert.ok(!(merit > nothingMerit));
      for (const [at, device] of problem.devices.entries()) {
        if (!isStepped(device)) continue;
        const positions = positionsOf(found, at);
        for (const position of positions)
          assert.ok(Number.isInteger(position) && position >= 0 && position < device.levels.length);
        for (const budget of device.budgets) assert.ok(movesWithin(device, positions, budget) <= budget.moves);
        moved += movesOf(device, positions);
      }
      const again = evaluate(layout, best.x, newBench(layout));
      assert.ok(Math.abs(violationEur(layout, again, found.prices) - violationEur(layout, best, found.prices)) < 1e-3);
      assert.deepEqual(optimise(problem, solver).best.x, best.x);
    }),
    { numRuns: 100, seed: 20261125 },
  );
  assert.ok(moved > 10, `only ${moved} moves in all: the problems are too easy`);
});

test('property: envelopes around whole positions keep the limits at their corners', () => {
  const random = new SeededRandom(7, 'whole positions');
  fc.assert(
    fc.property(steppedProblem, (problem) => {
      const found = optimise(problem, solver);
      const passed = passedAtRandom(found, envelopes(found), { random, count: 200 });
      assert.ok(passed.voltagePu < 1e-4, `${passed.voltagePu} pu`);
      assert.ok(passed.flowPct < 0.1, `${passed.flowPct} %`);
      assert.ok(passed.sourceKw < 2, `${passed.sourceKw} kW`);
    }),
    { numRuns: 25, seed: 20261125 },
  );
});
