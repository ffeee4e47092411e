import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../shared/sentences/said.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { buildProblem } from './build-problem.ts';
import { tariffs } from './prices.ts';
import { testDevices, testEstimate, testForecast, testSubstation, usualReadings } from '../testing/fixture.ts';

const NOW = Date.UTC(2021, 5, 21, 10);

function built(change: (substation: RegionSubstation) => RegionSubstation, lost: readonly string[] = []) {
  const substation = change(testSubstation('owd'));
  const devices = testDevices(usualReadings, () => NOW);
  return unwrap(
    buildProblem({
      substation,
      tariff: tariffs.dso,
      now: NOW,
      speed: 1,
      start: NOW,
      stepsS: [900, 900, 900],
      estimate: testEstimate(substation, NOW),
      forecast: (target) => testForecast(target, NOW, target.startsWith('feeder:') ? 1200 : 2400),
      live: (device, metric) => devices.latest('owd-01', device, metric),
      link: (device) => (lost.includes(device) ? 'stale' : 'up'),
      sky: () => ({ now: 0.1, best: 1 }),
      sessions: () => undefined,
      movesToday: new Map(),
      share: undefined,
      options: {},
    }),
  );
}

/** Battery and sun behind one meter at bus 4 of feeder 1, with the load there. */
const farm = (substation: RegionSubstation): RegionSubstation => ({
  ...substation,
  devices: substation.devices.map((device) =>
    device.id === 'battery-1' ? { ...device, bus: 'owd-1-b4', connectionPoint: 'cp-pv-1' } : device,
  ),
  connectionPoints: [{ id: 'cp-pv-1', exportKw: 900, loads: ['load-1-4'] }],
});

test('devices with one connection point share its contract, with the load behind its meter at the forecast corners', () => {
  const { problem } = built(farm);
  const points = new Map(problem.connectionPoints!.map((point) => [point.id, point]));
  assert.deepEqual([...points.keys()].sort(), ['cp-ev-1', 'cp-pv-1']);
  const point = points.get('cp-pv-1')!;
  assert.deepEqual([...point.devices].sort(), ['battery-1', 'pv-1']);
  assert.deepEqual([point.exportKw[0], point.importKw[0]], [900, Infinity]);
  const bus = problem.network.buses.findIndex(({ id }) => id === 'owd-1-b4');
  for (const corner of ['mid', 'lowSun', 'highSun'] as const)
    assert.deepEqual(
      point.loadKw[corner],
      [0, 1, 2].map((step) => problem.loads[corner]!.activePowerKw[step * problem.network.buses.length + bus]!),
    );
  assert.ok(point.loadKw.lowSun![2]! > point.loadKw.highSun![2]!, 'the load is high where the corner is low');
  assert.ok(
    points.get('cp-ev-1')!.loadKw.mid.every((kw) => kw === 0),
    'no load is assigned to it',
  );
});

test('an unplanned device counts as load behind its meter at its fallback power', () => {
  const known = built(farm).problem.connectionPoints!.find(({ id }) => id === 'cp-pv-1')!;
  const lost = built(farm, ['pv-1']).problem.connectionPoints!.find(({ id }) => id === 'cp-pv-1')!;
  assert.deepEqual(lost.devices, ['battery-1']);
  assert.ok(lost.loadKw.mid[0]! < known.loadKw.mid[0]! - 100, `${lost.loadKw.mid[0]} of ${known.loadKw.mid[0]} kW`);
});

test('a corner combines feeder errors jointly at the busbar, not summed, and each feeder keeps its own', () => {
  const { problem } = built((substation) => substation, ['pv-1']);
  const { buses } = problem.network;
  const riseKw = (of: (id: string) => boolean): number =>
    buses.reduce(
      (kw, { id }, at) =>
        of(id) ? kw + problem.loads.lowSun!.activePowerKw[at]! - problem.loads.mid.activePowerKw[at]! : kw,
      0,
    );
  const alone = ['owd-1-', 'owd-2-'].map((feeder) => riseKw((id) => id.startsWith(feeder)));
  for (const kw of alone) assert.ok(kw > 100 && kw < 200, `${kw} kW: as in its own forecast, less the error seen now`);
  const joint = Math.hypot(...alone);
  assert.ok(
    Math.abs(riseKw(() => true) - joint) < 0.01 * joint,
    `${riseKw(() => true)} of ${joint} kW where both meet`,
  );
});

test('a connection point spread over several buses is dropped, and the plan says so', () => {
  const { problem, substitutions } = built((substation) => ({
    ...substation,
    devices: substation.devices.map((device) => ({ ...device, connectionPoint: 'cp-all' })),
  }));
  assert.deepEqual(problem.connectionPoints, []);
  assert.match(
    substitutions.map(textOf).join('\n'),
    /connection point cp-all stands at owd-1-b4, owd-1-b3 and owd-2-b4: its devices are planned one by one/,
  );
});
