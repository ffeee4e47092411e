import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { decisionsOf, type Decisions } from './decisions.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const TOLERANCE = 1e-3;
/** Two batteries alike at one bus: what one does the other could do as well. */
const problem = (loadKw = [500, 800, 1100, 1200, 900, 300, 200, 150]) =>
  smallProblem({
    loadKw,
    devices: [
      pvPlant('b5', [0, 0, 200, 900, 2400, 2600, 1500, 300], 400),
      batteryAt('b5', { id: 'one', maxReactiveKvar: 200 }),
      batteryAt('b5', { id: 'two', maxReactiveKvar: 200 }),
    ],
    spread: 0.2,
    importKw: 4200,
    options: { maxRounds: 10, tolerance: TOLERANCE },
  });

/** Both batteries' parts changed over. */
const swapped = ({ horizon, values }: Decisions): Decisions => ({
  horizon,
  values: new Map(
    [...values].map(([name, series]) => [
      name.startsWith('one ') ? name.replace('one', 'two') : name.replace('two', 'one'),
      series,
    ]),
  ),
});

const farthest = (a: Decisions, b: Decisions): number =>
  Math.max(
    ...[...a.values].flatMap(([name, series]) => [...series].map((mw, at) => Math.abs(mw - b.values.get(name)![at]!))),
  );

test('solved again from either of two plans that cost the same, a plan stays where it was', () => {
  const cold = optimise(problem(), solver);
  const first = decisionsOf(cold.layout, cold.best.x);
  assert.ok(farthest(first, swapped(first)) > 0.05, 'the two share the work unevenly');
  for (const inForce of [first, swapped(first)]) {
    const again = optimise(problem(), solver, inForce);
    const moved = farthest(decisionsOf(again.layout, again.best.x), inForce);
    assert.ok(moved < 0.005, `${moved} MW of 0.5`);
    assert.ok(again.merit <= cold.merit * (1 + 2 * TOLERANCE), `${again.merit} after ${cold.merit}`);
  }
});

test('where the plan in force costs more now, it is left', () => {
  const loads = [2000, 1500, 300, 200, 400, 900, 1400, 1900].map((kw) => kw / 2);
  const before = optimise(problem(), solver);
  const cold = optimise(problem(loads), solver);
  const warm = optimise(problem(loads), solver, decisionsOf(before.layout, before.best.x));
  assert.ok(warm.merit <= cold.merit * (1 + 3 * TOLERANCE), `${warm.merit}, cold ${cold.merit}`);
});
