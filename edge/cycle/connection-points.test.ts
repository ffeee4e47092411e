import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlanDocument } from '../../shared/contracts/document.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { parseConfig } from '../config/load.ts';
import { pointsOf } from './specs.ts';
import { commandDocument, planDocument } from './testing/documents.ts';
import { makeRig, RIG_YAML, START } from './testing/rig.ts';

/** Battery and PV behind one metered connection point, with a contract of 120 kW in each direction. */
const FARM_YAML = `${RIG_YAML.replace(
  'connectionPoint: { id: cp-1, authority: direct }',
  'connectionPoint: { id: cp-farm, authority: direct, contract: { importKw: 120, exportKw: 120 } }',
).replace(
  'connectionPoint: { id: cp-2, authority: limit }',
  'connectionPoint: { id: cp-farm, authority: limit, contract: { importKw: 150, exportKw: 150 } }',
)}  - id: farm-meter
    type: meter
    driver: mqtt
    connectionPoint: { id: cp-farm }
    read: { activePowerKw: { topic: farm/p }, staleAfterS: 5 }
`;

const steps = <T>(value: T): T[] => [value, value, value, value];
const wide = { minKw: -400, maxKw: 400 };
const devices = [
  { device: 'battery-1', activePowerKw: steps(-100), envelope: steps({ minKw: -100, maxKw: 100 }), reasons: [] },
  { device: 'pv-1', activePowerLimitKw: steps(250), envelope: steps({ minKw: -250, maxKw: 0 }), reasons: [] },
];
const assumptions = { topologyVersion: 3, devices: ['battery-1', 'pv-1'], heads: [], substitutions: [] };

test('devices of one connection point share its contract; the narrower wins where they differ', () => {
  const [farm, ev] = pointsOf(parseConfig(FARM_YAML, 'farm.yaml'));
  assert.deepEqual(farm, {
    id: 'cp-farm',
    commanded: ['battery-1', 'pv-1'],
    read: [],
    meter: 'farm-meter',
    contract: { minKw: -120, maxKw: 120 },
  });
  assert.deepEqual([ev!.id, ev!.commanded, ev!.contract.maxKw], ['cp-3', ['ev-1'], Infinity]);
});

test("a plan's value for a connection point limits its devices together, besides their own envelopes", async () => {
  const rig = await makeRig();
  await rig.run(3);
  const point = {
    id: 'cp-farm',
    devices: ['battery-1', 'pv-1'],
    envelope: steps({ minKw: -140, maxKw: 100 }),
    meter: steps(wide),
  };
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { devices, assumptions, connectionPoints: [point] }),
  });
  await rig.run(3);
  assert.equal(rig.commanded('b/set')! - rig.commanded('pv/set')!, -140, 'all of it, in proportion to the wishes');
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { id: 'plan-2', devices, assumptions }, { sequence: 2 }),
  });
  await rig.run(60);
  assert.deepEqual(
    [rig.commanded('b/set'), rig.commanded('pv/set')],
    [-100, 250],
    'a plan without connection points is as before',
  );
});

test('under a plan a tagged device counts at its rating; others go to zero but do not compensate for it', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const tag = { kind: 'tag', device: 'pv-1', reason: 'works' } as const;
  rig.uplink.down({ kind: 'document', document: commandDocument(START, tag) });
  const sun = { device: 'pv-1', activePowerLimitKw: steps(60), envelope: steps({ minKw: -60, maxKw: 0 }), reasons: [] };
  const point = { id: 'cp-farm', devices: ['battery-1', 'pv-1'], envelope: steps({ minKw: -140, maxKw: 100 }) };
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, {
      devices: [devices[0]!, sun],
      assumptions,
      connectionPoints: [{ ...point, meter: steps(wide) }],
    }),
  });
  await rig.run(30);
  assert.equal(rig.commanded('b/set'), 0);
});

test('a plan that lacks a value of a connection point is rejected with its name', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const point = { id: 'cp-farm', devices: ['battery-1'], envelope: [wide], meter: steps(wide) };
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { devices, assumptions, connectionPoints: [point] }),
  });
  await rig.run(2);
  assert.match(JSON.stringify(rig.uplink.stages('plan-1')), /rejected LS-DOC-005/);
});

test('the contract limits everything behind the meter, whatever the targets', async () => {
  const rig = await makeRig({
    yaml: FARM_YAML.replace('{ importKw: 200, exportKw: 200 }', '{ importKw: 600, exportKw: 600 }'),
  });
  rig.world['farm/p'] = -50;
  await rig.run(3);
  const share = (device: string) => rig.gateway.status().devices.find((one) => one.device === device);
  assert.equal(rig.commanded('pv/set'), 100, 'its safe default');
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, {
      devices: devices.map((device) => ({ ...device, envelope: steps(wide) })),
      assumptions,
    }),
  });
  await rig.run(30);
  assert.ok(
    rig.commanded('pv/set')! - rig.commanded('b/set')! <= 120 + 1e-6,
    `${rig.commanded('pv/set')} and ${rig.commanded('b/set')} kW`,
  );
  assert.equal(share('battery-1')?.limitedBy, 'contract');
});

test('a plan stored before connection points existed is still valid', () => {
  const check = checker(PlanDocument, 'LS-DOC-005');
  assert.ok(check(planDocument(START, { devices })).ok);
  const point = { id: 'cp-farm', devices: ['battery-1'], envelope: steps(wide), meter: steps(wide) };
  assert.ok(check(planDocument(START, { devices, connectionPoints: [point] })).ok);
  assert.equal(check(planDocument(START, { devices, connectionPoints: [{ ...point, id: 'no id' }] })).ok, false);
});
