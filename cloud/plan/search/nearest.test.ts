import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { violationEur } from './evaluate.ts';
import { decisionsOf, onSteps, type Decisions } from './decisions.ts';
import { HighsSolver } from './highs-solver.ts';
import { nearestOfEqual } from './nearest.ts';
import { optimise } from './optimise.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const TOLERANCE = 1e-3;
/** Two identical batteries at one bus: what one does the other could do as well. */
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

/** Swaps the parts of the two batteries. */
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

test('of two equally cheap plans the one in force stays', () => {
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

test('a plan in force that has become more expensive is replaced', () => {
  const loads = [2000, 1500, 300, 200, 400, 900, 1400, 1900].map((kw) => kw / 2);
  const before = optimise(problem(), solver);
  const cold = optimise(problem(loads), solver);
  const warm = optimise(problem(loads), solver, decisionsOf(before.layout, before.best.x));
  assert.ok(warm.merit <= cold.merit * (1 + 3 * TOLERANCE), `${warm.merit}, cold ${cold.merit}`);
});

test('a plan that keeps every limit is not replaced by an equally cheap one that breaks a limit', () => {
  const before = [500, 800, 1100, 1200, 900, 300, 200, 150].map((kw) => kw * 0.6077011823654175);
  // With loads changed by a few tenths of a percent, the plan in force exceeds the limit of import.
  const changes = [
    1.0019834508299827, 0.9985939102172852, 1.0029354667663575, 1.0018663024902343, 0.9997551307678223,
    0.9992604598999023, 0.9992534446716309, 0.9979087066650391,
  ];
  const priced = (loadKw: number[]) => {
    const { prices, ...rest } = smallProblem({
      loadKw,
      devices: problem().devices,
      spread: 0.05,
      importKw: 2008.121714155041,
      options: problem().options,
    });
    const flat = (eur: number): number[] => loadKw.map(() => eur);
    return { ...rest, prices: { ...prices, importEurPerMwh: flat(100), exportEurPerMwh: flat(60) } };
  };
  const first = optimise(priced(before), solver);
  const next = priced(before.map((kw, at) => kw * changes[at]!));
  const cold = optimise(next, solver);
  assert.equal(violationEur(cold.layout, cold.best, cold.prices), 0);
  const inForce = onSteps(cold.layout, decisionsOf(first.layout, first.best.x));
  const near = nearestOfEqual(cold, inForce, solver) ?? cold;
  assert.equal(violationEur(cold.layout, near.best, cold.prices), 0);
});
