import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { valuesOf } from '../../problem/device-cost.ts';
import type { DispatchDevice } from '../../problem/problem.ts';
import { batteryAt, pvPlant, smallProblem } from '../../testing/small-feeder.ts';
import { buildLayout } from '../build-layout.ts';
import { HighsSolver } from '../highs-solver.ts';
import { evaluate, newBench } from '../evaluate.ts';
import { optimise } from '../optimise.ts';
import { guardRelief } from './relief.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

/** Four buses with load; the import at the middle of the forecast is about 1,020 kW, at its corner 1,220 kW. */
const posed = (devices: readonly DispatchDevice[], importKw: number) =>
  smallProblem({ loadKw: [250, 250, 250], stepS: 900, spread: 0.2, devices, importKw });

/** By step, kW. */
function discharged(devices: readonly DispatchDevice[], importKw: number): number[] {
  const { layout, best } = optimise(posed(devices, importKw), solver);
  return valuesOf(layout, best.x)[0]!.map(({ discharge }) => 1000 * discharge);
}

test('a battery keeps its energy for a corner of the forecast that the guard can relieve when it comes', () => {
  const [first, second, third] = discharged([batteryAt('b3')], 1100) as [number, number, number];
  assert.ok(first < 1 && second < 1, 'the middle holds');
  assert.ok(third > 100, 'a later step is kept at its corner, so that the energy is there');
  assert.ok(
    discharged([batteryAt('b3')], 900).every((kw) => kw > 100),
    'the middle does not hold',
  );
});

test('where the batteries with energy cannot relieve the corner, the plan uses what else there is beforehand', () => {
  const small = batteryAt('b3', { dischargeKw: 60, capacityKwh: 240 });
  const almostEmpty = { ...batteryAt('b4', { socStart: 0.15, capacityKwh: 1000 }), id: 'almost-empty' };
  const [first] = discharged([almostEmpty, small], 1100) as [number];
  assert.ok(first > 50 && first < 100, `what the other leaves of 120 kW and losses: ${first} kW`);
});

test('no sun is given up for a corner of the forecast, in any step; at its middle the limit holds', () => {
  const sun = [900, 900, 900];
  const plant = { ...pvPlant('b3', sun), availableHighKw: [1300, 1300, 1300] };
  const fedIn = (exportKw: number): number[] => {
    const problem = smallProblem({ loadKw: [50, 50, 50], stepS: 900, spread: 0.2, devices: [plant] });
    const limits = { ...problem.limits, exportKw: sun.map(() => exportKw) };
    const { layout, best } = optimise({ ...problem, limits }, solver);
    return valuesOf(layout, best.x)[0]!.map(({ feedIn }) => 1000 * feedIn);
  };
  assert.ok(
    fedIn(720).every((kw) => kw > 899),
    'the guard would curtail 400 kW if the sun were at its corner',
  );
  assert.ok(
    fedIn(500).every((kw) => kw > 680 && kw < 720),
    'at the middle 200 kW of load and 500 kW of export take the sun',
  );
});

test('relief is what is left to the rating, of batteries that nobody holds and that have the energy', () => {
  const mw = (over: Parameters<typeof batteryAt>[1], side: 'imported' | 'exported'): number => {
    const layout = buildLayout(posed([batteryAt('b3', { dischargeKw: 500, chargeKw: 400, ...over })], 1000));
    const x = layout.start.slice();
    const at = layout.controls.findIndex(({ role }) => role === 'discharge');
    x[layout.controls.length + at] = 0.2;
    const solved = evaluate(layout, x, newBench(layout)).solved[0]![1]!;
    return guardRelief(layout, { x, solved }, { scenario: 0, step: 1, side, spareMw: 0 }).mw;
  };
  assert.ok(Math.abs(mw({}, 'imported') - 0.3) < 0.02, 'it discharges 200 of 500 kW');
  assert.ok(Math.abs(mw({}, 'exported') - 0.6) < 0.02, 'it stops, then charges 400 kW');
  assert.equal(mw({ socStart: 0.12 }, 'imported'), 0, 'too little energy for a quarter of an hour');
  assert.equal(mw({ socStart: 0.88 }, 'exported'), 0);
  assert.equal(mw({ heldKw: [null, -200, null] }, 'imported'), 0, 'a person holds it');
});
