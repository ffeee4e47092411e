import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { parseConfig } from '../../edge/config/load.ts';
import { Region } from '../../shared/contracts/region.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { compileRadial } from '../../shared/grid/radial.ts';
import { gatewayConfig } from './gateway-config.ts';
import { substationIds } from './names.ts';
import { buildRegion } from './region.ts';

const options = { uplinkUrl: 'mqtt://127.0.0.1:1883', localListen: '127.0.0.1:18830', journalPath: '/tmp/journal' };

test('the region fits its contract; every network is radial and whole; every device and meter has its place', () => {
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

test('every gateway configuration is one that a gateway takes, with the same devices as the model', () => {
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
