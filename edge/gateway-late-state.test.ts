import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardFinding } from './control/safety-memory.ts';
import type { ControlState } from './control/state.ts';
import { commandDocument } from './cycle/testing/documents.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { makeRig, RIG_YAML, type Rig } from './cycle/testing/rig.ts';

/** A gateway whose disk has not given the state for five seconds. */
async function lateRig(): Promise<Rig> {
  const uplink = new FakeUplink();
  uplink.late = true;
  return makeRig({ uplink });
}

/** The state of a gateway where a person works at the battery. */
async function taggedState(): Promise<string> {
  const rig = await makeRig();
  rig.gateway.local({ op: 'tag', device: 'battery-1', reason: 'work at the terminals' });
  await rig.run(3);
  return rig.uplink.of('state').at(-1)!.json;
}

const commandedOf = (rig: Rig): (number | undefined)[] =>
  ['b/set', 'pv/set', 'ev/set'].map((topic) => rig.commanded(topic));

test('before its state is restored the gateway commands only relief, and never a device at rest', async () => {
  const rig = await lateRig();
  await rig.run(10);
  assert.deepEqual(commandedOf(rig), [undefined, undefined, undefined]);
  assert.ok(rig.uplink.eventCodes().includes('LS-JOURNAL-001'));
  assert.match(rig.gateway.status().lacks.join(), /only the guard acts/);
  rig.world['t/p'] = 620;
  await rig.run(3);
  const [battery, pv, charger] = commandedOf(rig);
  assert.deepEqual([battery, pv], [undefined, undefined], 'somebody may be working at a device at rest');
  assert.ok(charger! < 40 && charger! >= 17, `the charger is held to ${charger} kW`);
  rig.world['b/p'] = 60;
  rig.world['ev/p'] = charger!;
  rig.world['t/p'] = 700;
  await rig.run(3);
  assert.ok(rig.commanded('b/set')! >= 0 && rig.commanded('b/set')! < 60, 'a charging battery charges less');
  rig.world['b/p'] = 0;
  await rig.run(10);
  const sent = rig.link.published.filter(({ topic }) => topic === 'b/set').map(({ text }) => Number(text));
  assert.ok(sent.length > 0 && Math.min(...sent) >= 0, 'it is not made to discharge');
  await rig.gateway.stop();
  assert.deepEqual(rig.uplink.of('state'), [], 'the state on the disk is not replaced');
});

test('a state restored late is merged with the commands given meanwhile', async () => {
  const stateJson = await taggedState();
  const rig = await lateRig();
  await rig.run(2);
  rig.gateway.local({ op: 'stop', device: 'pv-1', reason: 'smoke' });
  rig.gateway.local({ op: 'tag', device: 'ev-1', reason: 'a new cable' });
  await rig.run(2);
  rig.uplink.give({ stateJson, documents: [], model: null });
  await rig.run(3);
  const { tagged, stopped } = (JSON.parse(rig.uplink.of('state').at(-1)!.json) as { control: ControlState }).control;
  assert.deepEqual([tagged, stopped.devices], [['battery-1', 'ev-1'], ['pv-1']]);
  assert.deepEqual(commandedOf(rig), [undefined, 100, undefined]);
  assert.deepEqual(rig.gateway.status().lacks, []);
});

test('a state restored late keeps what the guard has commanded meanwhile, and what it found before', async () => {
  const yaml = RIG_YAML.replace('capacityKwh: 200', 'capacityKwh: 200, rampKwPerS: 4');
  const first = await makeRig({ yaml });
  const charge = { device: 'battery-1', setpoint: { activePowerKw: 80 } };
  first.uplink.down({ kind: 'document', document: commandDocument(first.clock.plant.now(), charge) });
  await first.run(30);
  await first.gateway.stop();
  const state = JSON.parse(first.uplink.of('state').at(-1)!.json) as { control: ControlState };
  assert.equal(state.control.told['battery-1'], 80);
  const finding: GuardFinding = { element: 'transformer', lever: 'pv-1:p', verdict: 'against', leftS: 3600 };
  state.control.guard.findings = [finding];
  const uplink = new FakeUplink();
  uplink.late = true;
  const rig = await makeRig({ yaml, uplink, start: first.clock.plant.now() });
  Object.assign(rig.world, { 'b/p': 80, 't/p': 700 });
  await rig.run(1);
  const relievedKw = rig.commanded('b/set')!;
  assert.ok(relievedKw < 20, `the guard leaves ${relievedKw} kW`);
  Object.assign(rig.world, { 'b/p': relievedKw, 't/p': 300 });
  uplink.give({ stateJson: JSON.stringify(state), documents: [], model: null });
  await rig.run(2);
  const kw = rig.commanded('b/set')!;
  assert.ok(kw > relievedKw && kw <= relievedKw + 8, `it ramps up from ${relievedKw} kW and is at ${kw} kW`);
  const { guard } = (JSON.parse(uplink.of('state').at(-1)!.json) as { control: ControlState }).control;
  assert.deepEqual(
    guard.findings?.map(({ lever, verdict }) => [lever, verdict]),
    [['pv-1:p', 'against']],
  );
});

test('a state restored late frees no device that the guard holds', async () => {
  const rig = await lateRig();
  rig.world['t/p'] = 620;
  await rig.run(3);
  const held = rig.commanded('ev/set')!;
  assert.ok(held < 40, `the charger is held to ${held} kW`);
  Object.assign(rig.world, { 'ev/p': held, 't/p': 598 });
  await rig.run(5);
  rig.uplink.give({ stateJson: null, documents: [], model: null });
  await rig.run(1);
  const kw = rig.commanded('ev/set')!;
  assert.ok(kw <= held, `it is freed to ${kw} kW`);
});

test('a lost state is reported and ends the wait', async () => {
  const rig = await lateRig();
  const stateLost = { code: 'LS-JOURNAL-001' as const, detail: 'EIO: state.json' };
  rig.uplink.give({ stateJson: null, stateLost, documents: [], model: null });
  await rig.run(3);
  assert.deepEqual(commandedOf(rig), [0, 100, 88]);
  assert.match(JSON.stringify(rig.uplink.of('events')), /EIO: state.json; it starts anew/);
});
