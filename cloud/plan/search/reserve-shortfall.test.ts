import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { solveRadial } from '../../../shared/grid/radial.ts';
import { HighsSolver } from './highs-solver.ts';
import { reserveShortfall } from './reserve-shortfall.ts';
import { optimise } from './optimise.ts';
import { planContent } from '../plan.ts';
import type { DispatchProblem } from '../problem/problem.ts';
import { infeasibilityOf } from '../tasks.ts';
import { batteryAt, evenLoad, pvPlant, smallNetwork, smallProblem } from '../testing/small-feeder.ts';
import { verify } from './verify.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const options = { substation: 'small', substitutions: [], bandKw: 100 };
const z95 = 1.644_853_627;
/** Lines that carry the loads of these tests, so that only voltages fall short. */
const strong = { ...smallNetwork(), lines: smallNetwork().lines.map((line) => ({ ...line, ratedKva: 9000 })) };

test('a plan that holds only at the median states the probability of exceeding a limit', () => {
  const [load, spread] = [500, 1.1];
  const found = optimise(smallProblem({ loadKw: [load], devices: [], network: strong, spread }), solver);
  const content = planContent(found, options, infeasibilityOf(found, solver));
  assert.equal(content.status, 'holds-at-median');
  assert.equal(content.conflict, undefined, 'the width of a forecast is no conflict of limits');
  assert.equal(content.room!.element, 'b5');
  const { text, breachProbability } = content.room!;
  const stated = `b5, voltage minimum at 00:00Z, has a breach probability of ${(100 * breachProbability).toFixed(1)} % before the guard.`;
  assert.equal(text, `Holds at the median of the forecast, not at 0.95: ${stated}`);
  // Counts how many of a thousand loads, at even steps of probability, break the limit by a power flow.
  let passed = 0;
  for (let at = 0; at < 1000; at++) {
    const kw = load * (1 + (spread * normalQuantile((at + 0.5) / 1000)) / z95);
    const volts = solveRadial(found.layout.grid, evenLoad(strong, [kw])).vmPu[4]!;
    passed += volts < 0.95 ? 1 : 0;
  }
  assert.ok(passed > 60 && passed < 450, `${passed} of 1000: the case proves nothing`);
  assert.ok(
    Math.abs(breachProbability - passed / 1000) < 0.02,
    `${breachProbability} stated, ${passed} of 1000 passed`,
  );
});

/** By bisection of the distribution function, which is integrated by Simpson's rule. */
function normalQuantile(p: number): number {
  let [low, high] = [-6, 6];
  while (high - low > 1e-6) {
    const mid = (low + high) / 2;
    if (normalBelow(mid) < p) low = mid;
    else high = mid;
  }
  return low;
}

function normalBelow(z: number): number {
  const steps = 200;
  const width = z / steps;
  let sum = 0;
  for (let at = 0; at <= steps; at++) {
    const weight = at === 0 || at === steps ? 1 : at % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((at * width) ** 2) / 2);
  }
  return 0.5 + (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}

test('a plan whose median breaks a limit is one of least violation, with a conflict at the median', () => {
  const problem = smallProblem({ loadKw: [1000], devices: [], network: strong, spread: 0.3 });
  const found = optimise(problem, solver);
  const content = planContent(found, options, infeasibilityOf(found, solver));
  assert.equal(content.status, 'least-violation');
  assert.equal(content.room, undefined);
  assert.match(content.conflict!.text, /^bus b5 cannot stay above 0\.95 pu at 00:00Z, because/);
});

test('full reserve is not reported, and a device that can act keeps as much reserve as it can', () => {
  const narrow = optimise(smallProblem({ loadKw: [300], devices: [], network: strong, spread: 0.2 }), solver);
  assert.equal(reserveShortfall(narrow), undefined);
  assert.equal(planContent(narrow, options).status, 'optimal');
  const wide = { loadKw: [500], network: strong, spread: 1.1 };
  const without = reserveShortfall(optimise(smallProblem({ ...wide, devices: [] }), solver))!;
  const battery = batteryAt('b5', { dischargeKw: 300, socStart: 0.8 });
  const beside = reserveShortfall(optimise(smallProblem({ ...wide, devices: [battery] }), solver))!;
  assert.ok(beside.breachProbability < without.breachProbability - 0.02, 'it discharges to keep more reserve');
});

test('property: a plan that fits at the median holds, whatever reserve errors require', () => {
  const seen = { whole: 0, median: 0, broken: 0 };
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 2, maxLength: 3 }),
      fc.double({ min: 0.05, max: 3, noNaN: true }),
      fc.boolean(),
      fc.integer({ min: 0, max: 2000 }),
      (loadKw, spread, hasBattery, sunKw) => {
        const devices = [
          ...(hasBattery ? [batteryAt('b4', { maxReactiveKvar: 200, apparentPowerKva: 550 })] : []),
          ...(sunKw < 100
            ? []
            : [
                pvPlant(
                  'b3',
                  loadKw.map(() => sunKw),
                  100,
                ),
              ]),
        ];
        const problem: DispatchProblem = smallProblem({ loadKw, devices, spread });
        const median = optimise({ ...problem, loads: { mid: problem.loads.mid } }, solver);
        const found = optimise(problem, solver);
        const { status } = planContent(found, options);
        const fits = planContent(median, options).status === 'optimal';
        if (!fits) seen.broken++;
        else if (status === 'optimal') seen.whole++;
        else seen.median++;
        if (!fits) return;
        assert.notEqual(status, 'least-violation');
        const { maxVoltageViolationPu, maxBranchViolationPct } = verify(found.layout, found.best);
        assert.ok(maxVoltageViolationPu <= 1e-4 && maxBranchViolationPct <= 0.1);
        const room = reserveShortfall(found);
        assert.equal(room === undefined, status === 'optimal');
        assert.ok(room === undefined || (room.breachProbability >= 0.045 && room.breachProbability <= 0.5));
      },
    ),
    { numRuns: 150, seed: 20261126 },
  );
  assert.ok(seen.whole > 10 && seen.median > 10, JSON.stringify(seen));
});

test('relief by the guard counts for the plan, not for the probability before the guard', () => {
  // About 1,020 kW at the middle and 1,220 at the corner; the battery could give 100 kW of the 120 beyond the limit.
  const small = batteryAt('b3', { dischargeKw: 100, capacityKwh: 400, wearEurPerKwh: 100 });
  const posed = { loadKw: [250], spread: 0.2, devices: [small], importKw: 1100 };
  const found = optimise({ ...smallProblem({ ...posed, network: strong }) }, solver);
  const without = optimise({ ...smallProblem({ ...posed, network: strong, devices: [] }) }, solver);
  const [room, alone] = [reserveShortfall(found), reserveShortfall(without)];
  assert.equal(room?.element, 'transformer');
  assert.ok(
    Math.abs(room.breachProbability - alone!.breachProbability) < 0.01,
    `${room.breachProbability} and ${alone!.breachProbability}`,
  );
  const enough = batteryAt('b3', { dischargeKw: 200, capacityKwh: 800, wearEurPerKwh: 100 });
  assert.equal(
    reserveShortfall(optimise(smallProblem({ ...posed, network: strong, devices: [enough] }), solver)),
    undefined,
  );
});
