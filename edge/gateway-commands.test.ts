import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandBody } from '../shared/contracts/document.ts';
import { batteryPlan, commandDocument, planDocument, settingsDocument } from './cycle/testing/documents.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { makeRig, RIG_YAML, START } from './cycle/testing/rig.ts';

test('each command acts once; a repeated id gets the stored outcome', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const command = (body: object, sequence: number) =>
    rig.uplink.down({ kind: 'document', document: commandDocument(rig.clock.plant.now(), body, sequence) });
  command({ device: 'battery-1', setpoint: { activePowerKw: -90 }, expiresAt: START + 20_000 }, 1);
  await rig.run(2);
  assert.equal(Math.round(rig.commanded('b/set') ?? 0), -57, 'what the default envelope leaves');
  command({ id: 'command-1', device: 'battery-1', setpoint: { activePowerKw: 99 } }, 2);
  await rig.run(2);
  assert.equal(Math.round(rig.commanded('b/set') ?? 0), -57, 'the id has acted already');
  await rig.run(20);
  assert.equal(rig.commanded('b/set'), 0, 'it has expired');
  assert.deepEqual(rig.uplink.stages('command-1'), [
    'applied',
    'clamped LS-CONTROL-002',
    'clamped LS-CONTROL-002',
    'completed',
  ]);
  command({ device: 'ev-1', setpoint: { activePowerLimitKw: 20 } }, 3);
  command({ device: 'nobody', setpoint: { activePowerKw: 20 } }, 4);
  command({ device: 'pv-1', setpoint: { activePowerKw: -20 } }, 5);
  command({ device: 'battery-1', setpoint: { activePowerKw: 5 }, expiresAt: START }, 6);
  command({ kind: 'stop' }, 7);
  await rig.run(2);
  command({ device: 'battery-1', setpoint: { activePowerKw: 5 } }, 8);
  await rig.run(2);
  assert.deepEqual(
    [3, 4, 5, 6, 7, 8].map((n) => rig.uplink.stages(`command-${n}`)),
    [
      ['rejected LS-CONTROL-007'],
      ['rejected LS-DOC-005'],
      ['rejected LS-DOC-005'],
      ['rejected LS-DOC-003'],
      ['applied'],
      ['rejected LS-CONTROL-007'],
    ],
  );
  assert.deepEqual([rig.commanded('b/set'), rig.commanded('pv/set'), rig.commanded('ev/set')], [0, 100, 17]);
});

test('an override and its end reach the cloud in the cycle they take effect', async () => {
  const rig = await makeRig();
  await rig.run(6);
  const shown = (): unknown[] => {
    const battery = rig.uplink
      .of('health')
      .at(-1)
      ?.health.devices.find(({ device }) => device === 'battery-1');
    return [battery?.source, battery?.setpointKw];
  };
  const kept = rig.uplink.of('health').length;
  rig.uplink.down({
    kind: 'document',
    document: commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: -10 } }),
  });
  await rig.run(1);
  assert.deepEqual([rig.uplink.of('health').length, ...shown()], [kept + 1, 'override', -10]);
  const release = { kind: 'release', device: 'battery-1' } as const;
  rig.uplink.down({ kind: 'document', document: commandDocument(START, release, 2) });
  await rig.run(1);
  assert.notEqual(shown()[0], 'override');
});

test('the cloud learns in the same cycle when the guard starts or stops acting', async () => {
  const rig = await makeRig();
  await rig.run(6);
  const told = (): boolean[] => rig.uplink.of('health').map(({ health }) => health.guard.active);
  const before = told().length;
  rig.world['t/p'] = 700;
  await rig.run(1);
  assert.deepEqual(told().slice(before), [true]);
  // An early report comes at most every ten seconds.
  await rig.run(12);
  rig.world['t/p'] = 300;
  for (let s = 0; rig.gateway.status().guard.active && s < 60; s++) await rig.run(1);
  assert.deepEqual([rig.gateway.status().guard.active, told().at(-1)], [false, false]);
});

test('a guard that starts and stops repeatedly triggers an early report at most every ten seconds', async () => {
  const rig = await makeRig({ yaml: RIG_YAML.replace('releaseKwPerS: 5', 'releaseKwPerS: 500') });
  await rig.run(6);
  const reports = (): number => rig.uplink.of('health').length;
  const calm = reports();
  await rig.run(60);
  const [before, each] = [reports(), reports() - calm];
  const active: boolean[] = [];
  for (let s = 0; s < 60; s++) {
    rig.world['t/p'] = s % 8 === 0 ? 700 : 300;
    await rig.run(1);
    active.push(rig.gateway.status().guard.active);
  }
  assert.match(active.map(Number).join(''), /^1+0+1+$/);
  assert.equal(reports() - before, each + 1, 'only the first start was early');
});

test('local manual precedes override, override precedes plan; a tagged device gets no command', async () => {
  const rig = await makeRig();
  await rig.run(3);
  rig.uplink.down({ kind: 'document', document: planDocument(START, { devices: [batteryPlan([30, 30, 30, 30])] }) });
  rig.uplink.down({
    kind: 'document',
    document: commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: -10 } }),
  });
  await rig.run(2);
  assert.equal(rig.commanded('b/set'), -10);
  const manual = { op: 'manual', device: 'battery-1', reason: 'meter swap' };
  assert.equal(rig.gateway.local({ ...manual, on: true, setpoint: { activePowerKw: 7 }, forS: 60 }).ok, true);
  await rig.run(2);
  assert.equal(rig.commanded('b/set'), 7);
  const [battery] = rig.gateway.status().devices;
  assert.deepEqual([battery?.source, battery?.reason], ['local-manual', 'local manual: meter swap']);
  assert.equal(rig.gateway.local({ op: 'tag', device: 'battery-1', reason: 'work' }).ok, true);
  const before = rig.link.published.length;
  await rig.run(30);
  assert.ok(!rig.link.published.slice(before).some(({ topic }) => topic === 'b/set'));
  assert.equal(rig.gateway.local({ op: 'untag', device: 'battery-1', reason: 'done' }).ok, true);
  await rig.run(60);
  assert.equal(rig.commanded('b/set'), -10, 'manual has expired');
  assert.equal(rig.gateway.local({ op: 'stop', device: 'nobody', reason: 'x' }).ok, false);
  assert.equal(rig.gateway.local({ op: 'format', disk: 'c' }).ok, false);
});

test('monitor commands nothing, and in manual only the guard acts', async () => {
  const rig = await makeRig({ yaml: RIG_YAML.replace('mode: automatic', 'mode: monitor') });
  rig.world['t/p'] = 700;
  await rig.run(5);
  assert.deepEqual(rig.link.published, []);
  assert.ok((rig.gateway.status().devices[0]?.setpointKw ?? 0) < 0, 'it shows what it would do');
  rig.uplink.down({ kind: 'document', document: settingsDocument(START, { mode: 'manual' }) });
  rig.uplink.down({ kind: 'document', document: planDocument(START, { devices: [batteryPlan([30, 30, 30, 30])] }) });
  rig.world['t/p'] = 550;
  await rig.run(5);
  assert.equal(rig.commanded('b/set'), undefined, 'the plan is only recommended');
  rig.world['t/p'] = 700;
  await rig.run(3);
  assert.ok((rig.commanded('b/set') ?? 0) < 0, 'the guard acts');
  assert.deepEqual(rig.uplink.stages('plan-1'), []);
});

test('a command accepted before the start gets an outcome and never acts late', async () => {
  const first = await makeRig();
  await first.run(3);
  const override = commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: 40 } }, 1);
  first.uplink.down({ kind: 'document', document: override });
  const before = first.uplink.of('report').length;
  await first.clock.advance(1000);
  const sent = first.uplink.sent.map(({ kind }) => kind);
  assert.ok(sent.indexOf('state', sent.lastIndexOf('births')) < sent.indexOf('report'), 'stored before it is reported');
  assert.ok(first.uplink.of('report').length > before);
  const uplink = new FakeUplink();
  uplink.restored = { stateJson: first.uplink.of('state').at(-1)!.json, documents: [], model: null };
  const second = await makeRig({ uplink, start: START + 8000 });
  await second.run(2);
  const lost = commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: -90 } }, 2);
  for (const document of [override, lost]) uplink.down({ kind: 'document', document, again: true });
  await second.run(2);
  assert.deepEqual(uplink.stages('command-1').slice(0, 1), ['applied']);
  assert.deepEqual(uplink.stages('command-2'), ['rejected LS-DOC-010']);
  assert.equal(second.commanded('b/set'), 40);
});

test('a selection moves nothing, its override acts once, and a restart drops it', async () => {
  const first = await makeRig();
  await first.run(3);
  const wish = { device: 'battery-1', setpoint: { activePowerKw: 40 }, durationS: 60 };
  let sequence = 0;
  const give = async (rig: typeof first, body: Partial<CommandBody>): Promise<string[]> => {
    const now = rig.clock.plant.now();
    const document = commandDocument(now, { ...wish, expiresAt: now + 60_000, ...body }, ++sequence);
    rig.uplink.down({ kind: 'document', document });
    await rig.run(2);
    return rig.uplink.stages(document.body.id);
  };
  const { selects, cancels } = first.uplink.of('health').at(-1)!.health;
  assert.deepEqual([selects, cancels], [true, true], 'the cloud learns that it may select and cancel');
  assert.deepEqual(await give(first, { kind: 'select' }), ['applied']);
  assert.equal(first.commanded('b/set'), 0);
  assert.equal((await give(first, { selection: 'command-1' }))[0], 'applied');
  assert.equal(first.commanded('b/set'), 40);
  assert.deepEqual(first.uplink.stages('command-1'), ['applied', 'completed']);
  assert.deepEqual(await give(first, { kind: 'select', setpoint: { activePowerKw: -30 } }), ['applied']);
  const uplink = new FakeUplink();
  uplink.restored = { stateJson: first.uplink.of('state').at(-1)!.json, documents: [], model: null };
  const second = await makeRig({ uplink, start: first.clock.plant.now() + 1000 });
  await second.run(2);
  const late = await give(second, { setpoint: { activePowerKw: -30 }, selection: 'command-3' });
  assert.deepEqual(late, ['rejected LS-CONTROL-010']);
  assert.equal(second.commanded('b/set'), 40);
  assert.deepEqual(await give(second, { kind: 'select', user: 'bert' }), ['applied'], 'nobody holds the device');
  await second.run(30);
  assert.deepEqual(uplink.stages('command-5'), ['applied', 'expired']);
});
