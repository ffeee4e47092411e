import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { batteryAt, pvPlant, smallProblem, type SmallProblem } from '../testing/small-feeder.ts';
import { buildLayout } from './build-layout.ts';
import { pricesAt } from './descend.ts';
import { evaluate, feasibleSteps, meritOf, newBench } from './evaluate.ts';
import { freed } from './freed.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import { SAME_EUR, type Found } from './stepwise.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

/** A plan that does nothing, except that each plant feeds in this share of its sun. */
function held(
  small: Omit<SmallProblem, 'devices'>,
  plants: readonly { bus: string; kw: number[]; share: number }[],
): Found {
  const devices = plants.map(({ bus, kw }, at) => ({ ...pvPlant(bus, kw), id: `pv-${at}` }));
  const layout = buildLayout(smallProblem({ ...small, devices: [...devices, batteryAt('b3')] }));
  const prices = pricesAt(layout, evaluate(layout, layout.start, newBench(layout)));
  const { controls, start } = layout;
  const x = start.map((value, at) => value * (plants[controls[at % controls.length]!.device]?.share ?? 1));
  return foundAt({ layout, prices }, x);
}

function foundAt({ layout, prices }: Pick<Found, 'layout' | 'prices'>, x: Float64Array): Found {
  const best = evaluate(layout, x, newBench(layout));
  return { layout, prices, best, merit: meritOf(layout, best, prices) };
}

/** Places in a plan where sun is held back, by step and plant. */
function heldBack({
  layout: { controls, upper },
  best: { x },
}: Found): { readonly step: number; readonly places: number[] }[] {
  const width = controls.length;
  const places = [...x.keys()].filter(
    (at) => ['feed-in', 'limit'].includes(controls[at % width]!.role) && x[at]! < upper[at]!,
  );
  const stepOf = (at: number): number => Math.floor(at / width);
  return [...Map.groupBy(places, (at) => `${stepOf(at)} ${controls[at % width]!.device}`).values()].map((own) => ({
    step: stepOf(own[0]!),
    places: own,
  }));
}

/** Sun that is held back although its release breaks no limit that its step keeps, and costs no more. */
const withoutCause = (found: Found): number[] =>
  heldBack(found).flatMap(({ step, places }) => {
    const { layout, prices, best, merit } = found;
    const x = best.x.slice();
    for (const at of places) x[at] = layout.upper[at]!;
    const other = foundAt(found, x);
    const breaks =
      feasibleSteps(layout, best, prices).has(step) && !feasibleSteps(layout, other.best, prices).has(step);
    return breaks || other.merit > merit - 1e-3 ? [] : [merit - other.merit];
  });

test('all curtailment is released where there is room', () => {
  const found = held({ loadKw: [600, 300, 100], spread: 0.2 }, [
    { bus: 'b3', kw: [700, 500, 900], share: 0.8 },
    { bus: 'b5', kw: [0, 300, 400], share: 0 },
  ]);
  const { layout } = found;
  const { best, merit } = freed(found) ?? assert.fail('nothing is released');
  assert.deepEqual(best.x, layout.start);
  assert.ok(merit < found.merit - 50, `${merit} EUR after ${found.merit}`);
});

test('beside a limit that is broken anyway, all curtailment that does not help it is released', () => {
  // Loads that bring the last bus far below its band: sun relieves it, at night nothing does.
  const found = held({ loadKw: [2400, 100, 1500] }, [{ bus: 'b5', kw: [0, 900, 300], share: 0.5 }]);
  const { layout, prices } = found;
  assert.deepEqual([...feasibleSteps(layout, found.best, prices)], [1]);
  const { best } = freed(found) ?? assert.fail('nothing is released');
  assert.deepEqual(best.x, layout.start);
});

test('if releasing all plants would break a limit, those that break none alone are released', () => {
  const found = held({ loadKw: [60] }, [
    { bus: 'b2', kw: [400], share: 0.5 },
    { bus: 'b5', kw: [2400], share: 0.5 },
  ]);
  const { layout, prices } = found;
  assert.equal(feasibleSteps(layout, evaluate(layout, layout.start, newBench(layout)), prices).size, 0);
  const { best } = freed(found) ?? assert.fail('nothing is released');
  assert.deepEqual([best.x[0], best.x[1]], [0.4, 1.2]);
  assert.equal(feasibleSteps(layout, best, prices).size, 1);
});

test('a search that ends within its tolerance on a broken limit leaves no needless curtailment', () => {
  const found = optimise(
    smallProblem({
      loadKw: [1322, 608, -197, 6],
      spread: 0.3,
      devices: [
        batteryAt('b4'),
        { ...pvPlant('b3', [638, 2499, 1996, 1669], 300), id: 'one' },
        { ...pvPlant('b3', [6, 2489, 1771, 341], 300), id: 'two' },
      ],
      options: { maxRounds: 8 },
    }),
    solver,
  );
  assert.deepEqual([...feasibleSteps(found.layout, found.best, found.prices)], [1, 2, 3]);
  assert.deepEqual(withoutCause(found), []);
});

const kwOf = (steps: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max }), { minLength: steps, maxLength: steps });
const STEPS = 2;
const plant = fc.record({
  bus: fc.constantFrom('b2', 'b3', 'b4', 'b5'),
  kw: kwOf(STEPS, 2500),
  share: fc.constantFrom(0, 0.3, 0.7, 0.9, 1),
});

test('property: no needless curtailment stays, other decisions stay, and no kept limit is broken', () => {
  fc.assert(
    fc.property(
      fc.array(plant, { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: -200, max: 1500 }), { minLength: STEPS, maxLength: STEPS }),
      fc.constantFrom(0, 0.3),
      (plants, loadKw, spread) => {
        const found = held({ loadKw, ...(spread === 0 ? {} : { spread }) }, plants);
        const after = { ...found, ...freed(found) };
        const { layout, prices } = found;
        for (const [at, value] of after.best.x.entries())
          assert.ok(value === found.best.x[at] || value === layout.upper[at]);
        assert.ok(after.merit <= found.merit + SAME_EUR);
        const feasible = feasibleSteps(layout, after.best, prices);
        for (const step of feasibleSteps(layout, found.best, prices)) assert.ok(feasible.has(step), `step ${step}`);
        assert.deepEqual(withoutCause(after), []);
      },
    ),
    { numRuns: 200 },
  );
});
