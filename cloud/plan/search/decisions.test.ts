import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { decisionsOf, onSteps } from './decisions.ts';
import { levelsOf, valuesOf } from '../problem/device-cost.ts';
import { HighsSolver } from './highs-solver.ts';
import { buildLayout } from './build-layout.ts';
import { optimise } from './optimise.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const loadKw = [500, 800, 1100, 1200, 900, 300, 200, 150];
const sunKw = [0, 0, 200, 900, 2400, 2600, 1500, 300];
const problem = (socStart: number, loads = loadKw) =>
  smallProblem({
    loadKw: loads,
    devices: [pvPlant('b5', sunKw, 400), batteryAt('b5', { socStart, maxReactiveKvar: 200 })],
    spread: 0.2,
    importKw: 4200,
    options: { maxRounds: 30, tolerance: 1e-6 },
  });

test('earlier decisions are mapped to new steps by time, held past their end and clamped', () => {
  const layout = buildLayout(problem(0.5));
  const battery = layout.controls.findIndex(({ role }) => role === 'charge');
  const values = new Map([['battery-b5 charge', Float64Array.of(0.1, 0.2, 9)]]);
  // Three steps of 2 h, the first half of which is over when the new horizon of 1 h steps begins.
  const x = onSteps(layout, { horizon: { start: -3_600_000, stepsS: [7200, 7200, 7200] }, values });
  const charge = Array.from(layout.hours, (_, step) => x[step * layout.controls.length + battery]!);
  assert.deepEqual(charge, [0.1, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5, 0.5]);
  const reactive = layout.controls.findIndex(({ role }) => role === 'reactive');
  assert.equal(x[reactive], layout.start[reactive]);
});

test('a warm start reaches the same cost with less search', () => {
  const cold = optimise(problem(0.5), solver);
  const warm = optimise(problem(0.5), solver, decisionsOf(cold.layout, cold.best.x));
  assert.ok(Math.abs(warm.merit - cold.merit) < 3e-3 * cold.merit, `${warm.merit} after ${cold.merit}`);
  assert.ok(warm.iterations < cold.iterations, `${warm.iterations} iterations after ${cold.iterations}`);
});

test('an outdated earlier plan is adapted and never worse than doing nothing', () => {
  const before = optimise(problem(0.9), solver);
  const empty = optimise(problem(0.1, loadKw.toReversed()), solver, decisionsOf(before.layout, before.best.x));
  assert.ok(empty.merit <= empty.nothingMerit);
  const device = 1;
  for (const level of levelsOf(empty.layout, device, valuesOf(empty.layout, empty.best.x)[device]!))
    assert.ok(level >= 0.1 * 2000 - 1e-3 && level <= 0.9 * 2000 + 1e-3, `${level} kWh`);
});
