import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlState } from './control/state.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { makeRig, type Rig } from './cycle/testing/rig.ts';

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

test('a lost state is reported and ends the wait', async () => {
  const rig = await lateRig();
  const stateLost = { code: 'LS-JOURNAL-001' as const, detail: 'EIO: state.json' };
  rig.uplink.give({ stateJson: null, stateLost, documents: [], model: null });
  await rig.run(3);
  assert.deepEqual(commandedOf(rig), [0, 100, 88]);
  assert.match(JSON.stringify(rig.uplink.of('events')), /EIO: state.json; it starts anew/);
});
