import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { pointMw, pointsOf } from './connection-point.ts';
import { conflictOf } from '../reasons/conflict.ts';
import { conflictInWords } from '../reasons/conflict-words.ts';
import { valuesOf } from './device-cost.ts';
import { violationEur } from '../search/evaluate.ts';
import { HighsSolver } from '../search/highs-solver.ts';
import { optimise } from '../search/optimise.ts';
import { planContent } from '../plan.ts';
import type { ConnectionPoint, DispatchDevice } from './problem.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

/** A farm: sun and a battery behind one meter at b3, 80 kW of load of its own. */
const farm = (over: Partial<ConnectionPoint> = {}): ConnectionPoint => ({
  id: 'cp-farm',
  devices: ['pv-b3', 'battery-b3'],
  importKw: [300, 300],
  exportKw: [400, 400],
  loadKw: { mid: [80, 80], lowSun: [100, 100], highSun: [60, 60] },
  ...over,
});
const sunny: DispatchDevice = {
  ...(pvPlant('b3', [700, 0]) as Extract<DispatchDevice, { kind: 'pv' }>),
  availableHighKw: [800, 0],
  availableLowKw: [600, 0],
};
const devices = [sunny, batteryAt('b3', { wearEurPerKwh: 0.001 }), batteryAt('b5')];

test('devices behind one meter share its export limit with the load, also at high sun and low load', () => {
  const planned = optimise(
    smallProblem({ loadKw: [200, 200], devices, spread: 0.2, connectionPoints: [farm()] }),
    solver,
  );
  const { layout, best, nothing, prices, binding } = planned;
  assert.ok(violationEur(layout, nothing, prices) > 0, 'doing nothing exceeds it');
  assert.equal(violationEur(layout, best, prices), 0);
  for (const scenario of layout.scenarios)
    assert.ok(pointMw(layout, best.x, { scenario, step: 0, point: 0 }) >= -0.4 - 2e-5);
  assert.ok(Math.abs(pointMw(layout, best.x, { scenario: 'highSun', step: 0, point: 0 }) + 0.4) < 1e-4, 'it binds');
  const [pv, battery] = valuesOf(layout, best.x);
  assert.ok(battery![0]!.charge > 0.2, `the cheaper device yields first: ${battery![0]!.charge} MW`);
  assert.ok(Math.abs(pv![0]!.feedIn - 0.7) < 1e-6);
  assert.ok(
    binding.some(({ row }) => row.kind === 'point' && row.step === 0 && 'side' in row && row.side === 'exported'),
  );
});

test('a limit at the meter is the reason only for the devices behind it', () => {
  const problem = smallProblem({ loadKw: [200, 200], devices, spread: 0.2, connectionPoints: [farm()] });
  const content = planContent(optimise(problem, solver), { substation: 's', substitutions: [], bandKw: 100 });
  const reason = content.devices[1]!.reasons.find(({ element }) => element === 'cp-farm');
  assert.match(reason?.constraint ?? '', /^exported power at the meter/);
  assert.match(reason?.counterfactual ?? '', /^without this: cp-farm at -\d+ kW/);
  assert.ok(content.devices[2]!.reasons.every(({ element }) => element !== 'cp-farm'));
  assert.ok(content.binding.some(({ element, limit }) => element === 'cp-farm' && limit === -400));
});

test('load beyond the contract gives a plan of least violation that names the connection point', () => {
  const problem = smallProblem({
    loadKw: [500, 200],
    devices: [sunny, batteryAt('b3', { socStart: 0.1 })],
    connectionPoints: [farm({ importKw: [2000, 150], loadKw: { mid: [400, 400] } })],
  });
  const planned = optimise(problem, solver);
  assert.ok(
    violationEur(planned.layout, planned.best, planned.prices) <
      violationEur(planned.layout, planned.nothing, planned.prices),
  );
  const without = optimise(
    { ...problem, connectionPoints: [farm({ importKw: [2000, 0], loadKw: { mid: [900, 900] } })] },
    solver,
  );
  const conflict = conflictInWords(without, conflictOf(without, solver)!);
  assert.match(conflict.text.text, /^connection point cp-farm cannot stay within 0 kW of import at 01:00Z, because /);
});

test('a contract that cannot be kept does not excuse violating another', () => {
  const problem = smallProblem({
    loadKw: [400, 400],
    devices: [sunny, batteryAt('b5', { socStart: 0.1 })],
    connectionPoints: [
      farm({ devices: ['pv-b3'], loadKw: { mid: [80, 80] } }),
      farm({ id: 'cp-mill', devices: ['battery-b5'], importKw: [50, 50], loadKw: { mid: [350, 350] } }),
    ],
  });
  const { layout, best } = optimise(problem, solver);
  const at = (point: number): number => pointMw(layout, best.x, { scenario: 'mid', step: 0, point });
  assert.ok(at(1) > 0.05 + 0.1, `the mill takes ${at(1)} MW whatever its battery does`);
  assert.ok(at(0) > -0.4 - 2e-5, `the farm feeds in ${-at(0)} MW, more than its 0.4`);
});

test('a plant above its contract even at low sun is limited to the contract', () => {
  const found = optimise(
    smallProblem({
      loadKw: [200, 200],
      devices: [{ ...sunny, availableKw: [700, 650], availableLowKw: [600, 500], availableHighKw: [800, 800] }],
      spread: 0.2,
      connectionPoints: [farm({ devices: ['pv-b3'], loadKw: { mid: [0, 0] } })],
    }),
    solver,
  );
  assert.equal(violationEur(found.layout, found.best, found.prices), 0);
});

test('no contract is violated to relieve another limit', () => {
  const problem = smallProblem({
    loadKw: [400, 400],
    devices: [batteryAt('b3', { wearEurPerKwh: 0.001 })],
    importKw: 1000,
    connectionPoints: [farm({ devices: ['battery-b3'], exportKw: [100, 100] })],
  });
  const { layout, best } = optimise(problem, solver);
  for (const step of [0, 1]) {
    const mw = pointMw(layout, best.x, { scenario: 'mid', step, point: 0 });
    assert.ok(best.importMw[step]! > 1.2, 'the source is beyond its limit whatever the battery does');
    assert.ok(Math.abs(mw + 0.1) < 2e-5, `the battery gives all that its contract allows: ${-mw} MW`);
  }
});

test('refuses a connection point at two buses, with an unknown device, or sharing a device with another', () => {
  const problem = smallProblem({ loadKw: [200, 200], devices });
  const refused = (connectionPoints: readonly ConnectionPoint[], text: RegExp): void =>
    assert.throws(() => pointsOf({ ...problem, connectionPoints }, []), text);
  refused([farm({ devices: ['pv-b3', 'battery-b5'] })], /cp-farm is at bus b3, its device battery-b5 at bus b5/);
  refused([farm({ devices: ['pv-b3', 'gone'] })], /cp-farm lists device gone/);
  refused([farm(), farm({ id: 'cp-other' })], /pv-b3 is behind both cp-farm and cp-other/);
});
