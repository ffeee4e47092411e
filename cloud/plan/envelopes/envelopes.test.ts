import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { envelopes } from './envelopes.ts';
import { HighsSolver } from '../search/highs-solver.ts';
import { optimise } from '../search/optimise.ts';
import type { ConnectionPoint, DispatchDevice } from '../problem/problem.ts';
import { passedAtRandom } from '../testing/random-corners.ts';
import { randomProblem } from '../testing/random-problem.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';

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

test('10,000 random combinations within the envelopes keep all limits', () => {
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

/** Two customers: sun, battery and load behind one meter, two batteries behind another. */
const customers = (spread: number, exportKw: number): ReturnType<typeof optimise> => {
  const flat = (kw: number): number[] => [kw, kw, kw];
  const devices: DispatchDevice[] = [
    {
      ...(pvPlant('b5', [1800, 700, 0], 500) as Extract<DispatchDevice, { kind: 'pv' }>),
      apparentPowerKva: 1900,
      availableHighKw: [1800 * (1 + spread), 700 * (1 + spread), 0],
      availableLowKw: [1800 * (1 - spread), 700 * (1 - spread), 0],
    },
    batteryAt('b5', { chargeKw: 900, dischargeKw: 900, maxReactiveKvar: 400, apparentPowerKva: 950 }),
    batteryAt('b4', { id: 'first', chargeKw: 1200, dischargeKw: 1200 }),
    batteryAt('b4', { id: 'second', chargeKw: 1200, dischargeKw: 1200, maxReactiveKvar: 600, apparentPowerKva: 1250 }),
    batteryAt('b2'),
  ];
  const connectionPoints: ConnectionPoint[] = [
    {
      id: 'cp-farm',
      devices: ['pv-b5', 'battery-b5'],
      importKw: flat(800),
      exportKw: flat(exportKw),
      loadKw: { mid: flat(100), lowSun: flat(100 * (1 + spread)), highSun: flat(100 * (1 - spread)) },
    },
    {
      id: 'cp-store',
      devices: ['first', 'second'],
      importKw: flat(Infinity),
      exportKw: flat(Infinity),
      loadKw: { mid: flat(0) },
    },
  ];
  return optimise(smallProblem({ loadKw: [120, 200, 450], devices, spread, connectionPoints }), solver);
};

test('10,000 random combinations at shared connection points keep all limits and contracts', () => {
  const planned = customers(0.2, 1500);
  const found = envelopes(planned);
  const passed = passedAtRandom(planned, found, { random: new SeededRandom(20261125, 'corners'), count: 10_000 });
  assert.ok(passed.voltagePu < 1e-4 && passed.flowPct < 0.1 && passed.pointKw < 0.1, JSON.stringify(passed));
  const [farm, store] = found.points;
  assert.ok(Math.abs(farm!.meter[0]!.minKw + 1500) < 0.1, `the contract binds: ${farm!.meter[0]!.minKw} kW`);
  for (const { minKw, maxKw } of store!.devices) assert.ok(maxKw - minKw > 300, `${minKw} to ${maxKw} kW`);
});

test('each device behind a shared meter may use the envelope of the meter by itself', () => {
  const planned = customers(0.2, 1500);
  const { devices, points } = envelopes(planned);
  const sum = points[1]!.devices[2]!;
  const [first, second] = [devices[2]![2]!, devices[3]![2]!];
  assert.ok(sum.maxKw < first.maxKw + second.maxKw - 100, 'their sum is bounded');
  assert.ok(first.maxKw > sum.maxKw - 1 || first.maxKw > 1199, 'and either may use all of it');
  assert.ok(second.maxKw > sum.maxKw - 1 || second.maxKw > 1199);
});

test('wider forecast corners narrow the envelope of a connection point', () => {
  const widths = [0, 0.15, 0.3, 0.45].map((spread) => {
    const { points } = envelopes(customers(spread, 1500));
    return points[0]!.devices[2]!.maxKw - points[0]!.devices[2]!.minKw;
  });
  for (const [at, width] of widths.entries())
    if (at > 0) assert.ok(width < widths[at - 1]! - 10, `widths ${widths.join(' ')}`);
});

test('property: combinations within the envelopes keep all limits of random radial networks', () => {
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
      assert.ok(passed.headKw < 2, `head ${passed.headKw} kW`);
      const beyond = planned.best.violations.flat().some(({ point }) => point!.some((by) => by > 1e-4));
      assert.ok(beyond || passed.pointKw < 0.1, `meter ${passed.pointKw} kW`);
      for (const { minKw, maxKw } of found.gateway) free += maxKw - minKw;
    }),
    { numRuns: 60, endOnFailure: true },
  );
  assert.ok(free > 60 * 100);
});

test('setpoints lie within their envelopes, and their sum within that of the gateway', () => {
  const planned = sunny(0, 2350);
  const found = envelopes(planned);
  const { best, layout } = planned;
  const width = layout.controls.length;
  for (let step = 0; step < layout.steps; step++) {
    const sums = new Map<number, number>();
    for (const [at, { device, role, sign }] of layout.controls.entries())
      // A plant's setpoint is its limit.
      if (role !== 'reactive' && role !== 'feed-in')
        sums.set(device, (sums.get(device) ?? 0) + sign * best.x[step * width + at]! * 1000);
    for (const [device, kw] of sums) {
      const { minKw, maxKw } = found.devices[device]![step]!;
      assert.ok(minKw <= kw + 0.01 && maxKw >= kw - 0.01, `device ${device} at ${kw} in step ${step}`);
    }
    const whole = [...sums.values()].reduce((sum, kw) => sum + kw, 0);
    const { minKw, maxKw } = found.gateway[step]!;
    assert.ok(minKw <= whole + 0.1 && maxKw >= whole - 0.1);
  }
});

test('wider forecast corners narrow the envelope of a device', () => {
  const widths = [0, 0.15, 0.3, 0.45].map((spread) => {
    const devices = [batteryAt('b5', { chargeKw: 2500, dischargeKw: 2500 })];
    const { devices: found } = envelopes(optimise(smallProblem({ loadKw: [300], devices, spread }), solver));
    return found[0]![0]!.maxKw - found[0]![0]!.minKw;
  });
  for (const [at, width] of widths.entries())
    if (at > 0) assert.ok(width < widths[at - 1]! - 10, `widths ${widths.join(' ')}`);
});

test('a limit at the source bounds the sum of all devices, not each', () => {
  const devices = [batteryAt('b2'), batteryAt('b3')];
  const planned = optimise(smallProblem({ loadKw: [200], devices, importKw: 1200 }), solver);
  const { devices: boxes, gateway } = envelopes(planned);
  assert.ok(
    boxes.every((box) => box![0]!.maxKw > 499),
    'each may charge in full',
  );
  assert.ok(gateway[0]!.maxKw < 420 && gateway[0]!.maxKw > 300, `both may take ${gateway[0]!.maxKw} kW`);
});

test('the limit of a feeder head bounds the devices behind it alone', () => {
  const problem = smallProblem({ loadKw: [200], devices: [batteryAt('b3'), batteryAt('b1', { id: 'busbar' })] });
  const limits = { ...problem.limits, heads: [{ feeder: 'f', importKw: 1000, exportKw: 1000 }] };
  const [behind, beside] = envelopes(optimise({ ...problem, limits }, solver)).devices;
  assert.ok(behind![0]!.maxKw < 200 && behind![0]!.maxKw > 150, `${behind![0]!.maxKw} kW`);
  assert.ok(beside![0]!.maxKw > 499, `${beside![0]!.maxKw} kW`);
});
