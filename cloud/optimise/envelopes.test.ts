import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { SeededRandom } from '../../shared/ports/random.ts';
import { envelopes } from './envelopes.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import type { DispatchDevice } from './problem.ts';
import { passedAtRandom } from './testing/random-corners.ts';
import { randomProblem } from './testing/random-problem.ts';
import { batteryAt, pvPlant, smallProblem } from './testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const sunny = (spread: number, importKw = 2400): ReturnType<typeof optimise> => {
  const devices: DispatchDevice[] = [
    {
      ...(pvPlant('b5', [2600, 1000, 0], 400) as Extract<DispatchDevice, { kind: 'pv' }>),
      availableHighKw: [2600 * (1 + spread), 1000 * (1 + spread), 0],
      availableLowKw: [2600 * (1 - spread), 1000 * (1 - spread), 0],
    },
    pvPlant('b3', [800, 300, 0]),
    batteryAt('b4'),
    batteryAt('b2'),
  ];
  return optimise(smallProblem({ loadKw: [120, 200, 450], devices, spread, importKw }), solver);
};

test('no one of 10,000 random combinations within the envelopes passes a limit', () => {
  const planned = sunny(0.2);
  const found = envelopes(planned);
  const passed = passedAtRandom(planned, found, { random: new SeededRandom(20261124, 'corners'), count: 10_000 });
  assert.ok(passed.voltagePu < 1e-4 && passed.flowPct < 0.1 && passed.sourceKw < 2, JSON.stringify(passed));
  const width = found.gateway.map(({ minKw, maxKw }) => maxKw - minKw);
  assert.ok(
    width.every((kw) => kw > 100),
    `envelopes of no width would prove nothing: ${width.join(' ')}`,
  );
});

test('on random radial networks with random devices no combination passes a limit', () => {
  let free = 0;
  fc.assert(
    fc.property(randomProblem, fc.integer(), (problem, seed) => {
      const planned = optimise(problem, solver);
      if (!planned.best.converged) return;
      const found = envelopes(planned);
      const passed = passedAtRandom(planned, found, { random: new SeededRandom(seed, 'corners'), count: 250 });
      assert.ok(passed.voltagePu < 1e-4, `voltage ${passed.voltagePu} pu`);
      assert.ok(passed.flowPct < 0.5, `flow ${passed.flowPct} %`);
      assert.ok(passed.sourceKw < 2, `source ${passed.sourceKw} kW`);
      for (const { minKw, maxKw } of found.gateway) free += maxKw - minKw;
    }),
    { numRuns: 60, endOnFailure: true },
  );
  assert.ok(free > 60 * 100);
});

test("what devices are told lies within their envelopes, and all of it within the gateway's", () => {
  const planned = sunny(0, 2350);
  const found = envelopes(planned);
  const { best, layout } = planned;
  const width = layout.controls.length;
  for (let step = 0; step < layout.steps; step++) {
    const sums = new Map<number, number>();
    for (const [at, { device, role, sign }] of layout.controls.entries())
      // What a plant is told is its limit.
      if (role !== 'reactive' && role !== 'feed-in')
        sums.set(device, (sums.get(device) ?? 0) + sign * best.x[step * width + at]! * 1000);
    for (const [device, kw] of sums) {
      const { minKw, maxKw } = found.devices[device]![step]!;
      assert.ok(minKw <= kw + 1e-3 && maxKw >= kw - 1e-3, `device ${device} at ${kw} in step ${step}`);
    }
    const whole = [...sums.values()].reduce((sum, kw) => sum + kw, 0);
    const { minKw, maxKw } = found.gateway[step]!;
    assert.ok(minKw <= whole + 0.1 && maxKw >= whole - 0.1);
  }
});

test('an envelope is no wider than the forecast allows: the wider its corners, the narrower it is', () => {
  const widths = [0, 0.15, 0.3, 0.45].map((spread) => {
    const devices = [batteryAt('b5', { chargeKw: 2500, dischargeKw: 2500 })];
    const { devices: found } = envelopes(optimise(smallProblem({ loadKw: [300], devices, spread }), solver));
    return found[0]![0]!.maxKw - found[0]![0]!.minKw;
  });
  for (const [at, width] of widths.entries())
    if (at > 0) assert.ok(width < widths[at - 1]! - 10, `widths ${widths.join(' ')}`);
});

test('what a limit at the source leaves is a bound on all together, not on each', () => {
  const devices = [batteryAt('b2'), batteryAt('b3')];
  const planned = optimise(smallProblem({ loadKw: [200], devices, importKw: 1200 }), solver);
  const { devices: boxes, gateway } = envelopes(planned);
  assert.ok(
    boxes.every((box) => box![0]!.maxKw > 499),
    'each may charge in full',
  );
  assert.ok(gateway[0]!.maxKw < 420 && gateway[0]!.maxKw > 300, `both may take ${gateway[0]!.maxKw} kW`);
});
