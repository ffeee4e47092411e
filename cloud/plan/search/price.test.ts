import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { violationEur } from './evaluate.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import { priceParts } from './price.ts';
import type { DispatchProblem } from '../problem/problem.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const options = { maxRounds: 40, maxInner: 12, tolerance: 1e-9 };
const BUSES = 5;
const PLANT_BUS = 4;
const STEP_KW = 5;
/** Noise of the minimum cost, because rounds end early, EUR/MWh over a difference of 5 kW. */
const NOISE = 0.5;

const withLoad = (problem: DispatchProblem, step: number, kw: number): DispatchProblem => {
  const activePowerKw = problem.loads.mid.activePowerKw.slice();
  activePowerKw[step * BUSES + PLANT_BUS]! += kw;
  return { ...problem, loads: { mid: { ...problem.loads.mid, activePowerKw } } };
};

test('energy, losses, congestion and voltage sum to the marginal cost of load at the bus', () => {
  const seen = { congestion: false, voltage: false };
  fc.assert(
    fc.property(
      fc.record({
        loadKw: fc.array(fc.integer({ min: 100, max: 600 }), { minLength: 2, maxLength: 2 }),
        sunKw: fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 2, maxLength: 2 }),
        importKw: fc.integer({ min: 1200, max: 3200 }),
        price: fc.integer({ min: 40, max: 120 }),
        q: fc.constantFrom(0, 500),
        step: fc.constantFrom(0, 1),
      }),
      ({ loadKw, sunKw, importKw, price, q, step }) => {
        const devices = [pvPlant('b5', sunKw, q), batteryAt('b3')];
        const base = smallProblem({ loadKw, devices, importKw, peakEurPerKw: 0.02, options });
        const importEurPerMwh = [price, 60];
        const exportEurPerMwh = [0.6 * price, 36];
        const problem = { ...base, prices: { ...base.prices, importEurPerMwh, exportEurPerMwh, lossesEurPerMwh: 10 } };
        const found = optimise(problem, solver);
        // The price of a violation is made for each problem, so a difference between two of them says nothing.
        fc.pre(violationEur(found.layout, found.best, found.prices) === 0);
        const { energy, losses, congestion, voltage } = priceParts(found, step, 0);
        seen.congestion ||= Math.abs(congestion) > 1;
        seen.voltage ||= Math.abs(voltage) > 1;
        const more = optimise(withLoad(problem, step, STEP_KW), solver).merit;
        const less = optimise(withLoad(problem, step, -STEP_KW), solver).merit;
        const up = ((more - found.merit) / STEP_KW) * 1000;
        const down = ((found.merit - less) / STEP_KW) * 1000;
        const sum = energy + losses + congestion + voltage;
        assert.ok(sum > Math.min(up, down) - NOISE && sum < Math.max(up, down) + NOISE, `${sum}, not ${down} to ${up}`);
      },
    ),
    { numRuns: 25 },
  );
  assert.ok(seen.congestion && seen.voltage, 'each part is tried');
});
