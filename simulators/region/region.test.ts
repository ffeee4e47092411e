import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { parseConfig } from '../../edge/config/load.ts';
import { connectionPointFaults } from '../../cloud/region/connection-points.ts';
import { pointsOf } from '../../edge/cycle/specs.ts';
import { Region } from '../../shared/contracts/region.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { compileRadial, solveRadial } from '../../shared/grid/radial.ts';
import { gatewayConfig } from './gateway-config.ts';
import { substationIds, type SubstationId } from '../data/names.ts';
import { buildRegion } from './region.ts';

const options = { uplinkUrl: 'mqtt://127.0.0.1:1883', localListen: '127.0.0.1:18830', journalPath: '/tmp/journal' };

test('the region is valid, every network radial and complete, every device and meter placed', () => {
  const region = buildRegion();
  const checked = checker(Region, 'LS-GRID-003')(region);
  assert.equal(checked.ok, true);
  assert.equal(region.substations.length, 10);
  for (const { network, devices, meters } of region.substations) {
    const grid = compileRadial(network);
    assert.deepEqual(grid.deEnergised, []);
    assert.equal(grid.busIds.length, 66);
    for (const { bus } of devices) assert.ok(grid.busIndex.has(bus), bus);
    for (const { element } of meters) assert.ok(grid.busIndex.has(element) || grid.branchIndex.has(element), element);
    assert.equal(network.lines.filter(({ closed }) => closed === false).length, 10);
    assert.equal(
      network.loads.filter(({ id }) => id.includes('-2-')).reduce((sum, load) => sum + load.activePowerKw, 0),
      3715,
    );
  }
});

test('every generated configuration loads in a gateway with the devices of the model', () => {
  for (const id of substationIds) {
    const config = parseConfig(stringify(gatewayConfig(id, options)), `${id}.yaml`);
    const model = buildRegion().substations.find((each) => each.id === id)!;
    const known = [...config.guarded.map((each) => each.id), ...config.devices.map((each) => each.id)];
    for (const { device } of model.meters) assert.ok(known.includes(device), device);
    for (const device of model.devices) assert.ok(known.includes(device.id), device.id);
    assert.equal(config.gateway.id, model.gateway);
    assert.equal(config.mode, 'automatic');
  }
});

test('a cold store with lorry charging has one contract in model and gateway, and fallbacks fit it', () => {
  const region = buildRegion();
  assert.deepEqual(connectionPointFaults(region), []);
  const shared = region.substations.flatMap(({ id, devices, connectionPoints }) =>
    (connectionPoints ?? []).map((point) => ({
      id,
      point,
      behind: devices.filter((one) => one.connectionPoint === point.id),
    })),
  );
  assert.deepEqual(
    shared.map(({ behind }) => behind.map(({ id }) => id)),
    [['ev-1', 'flex-1']],
  );
  const [{ id, point, behind }] = shared as [(typeof shared)[number]];
  const sum = (of: (device: (typeof behind)[number]) => number | undefined): number =>
    behind.reduce((total, device) => total + (of(device) ?? 0), 0);
  assert.ok(sum(({ activePowerKw }) => activePowerKw) > point.importKw!, 'together they could draw more');
  assert.ok(sum(({ safeDefaultKw }) => safeDefaultKw) <= point.importKw!);
  const config = parseConfig(stringify(gatewayConfig(id as SubstationId, options)), `${id}.yaml`);
  const known = pointsOf(config).find((one) => one.id === point.id)!;
  assert.deepEqual([...known.commanded].sort(), ['ev-1', 'flex-1']);
  assert.deepEqual([known.contract.maxKw, Math.abs(known.contract.minKw)], [point.importKw, 0]);
});

test('with all fallbacks no voltage is too high at minimum load or too low at 0.65 of nominal load', () => {
  const { network, devices, limits } = buildRegion().substations[0]!;
  const grid = compileRadial(network);
  /** Voltage extremes of the feeders with the busbar held at `busbarPu`. */
  const span = (load: number, busbarPu: number, feed: number): { lowest: number; highest: number } => {
    const p = grid.nominalKw.map((kw) => kw * load);
    const q = grid.nominalKvar.map((kvar) => kvar * load);
    for (const device of devices) {
      const kw =
        device.type === 'pv-inverter' ? -feed * device.safeDefaultKw! : (1 - feed) * (device.safeDefaultKw ?? 0);
      if (device.type !== 'tap-changer') p[grid.busIndex.get(device.bus)!]! += kw;
    }
    let source = busbarPu;
    const solve = () => solveRadial(grid, { activePowerKw: p, reactivePowerKvar: q, sourceVoltagePu: source });
    const busbar = grid.busIndex.get(`${network.id}-bb`)!;
    for (let round = 0; round < 20; round++) source += busbarPu - solve().vmPu[busbar]!;
    const { vmPu } = solve();
    return { lowest: Math.min(...vmPu.slice(1)), highest: Math.max(...vmPu.slice(1)) };
  };
  // High: at the top of the tap controller's band. Low: at its target; at the bottom of the band it would be 0.93 pu.
  assert.ok(span(0.2, 1.0275, 1).highest <= limits.vMaxPu);
  assert.ok(span(0.65, 1.015, 0).lowest >= limits.vMinPu);
});
