import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandDocument } from './cycle/testing/documents.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { makeRig, RIG_YAML, START } from './cycle/testing/rig.ts';

test('a silent device and its return are named, counted and reported', async () => {
  const rig = await makeRig();
  await rig.run(5);
  Object.assign(rig.world, { 'b/p': null, 'b/soc': null });
  await rig.run(8);
  assert.deepEqual(
    rig.uplink.of('device-link').map(({ device, alive }) => `${device} ${String(alive)}`),
    ['battery-1 false'],
  );
  assert.ok(rig.uplink.eventCodes().includes('LS-CONTROL-003'));
  assert.equal(rig.commanded('b/set'), 0);
  Object.assign(rig.world, { 'b/p': 0, 'b/soc': 50 });
  await rig.run(15);
  assert.ok(rig.uplink.eventCodes().includes('-LS-CONTROL-003'));
});

test('frames are reported by exception, births name every metric, health and state are sent on time', async () => {
  const rig = await makeRig();
  await rig.run(61);
  const frames = rig.uplink.of('frames').flatMap(({ frames }) => frames);
  const of = (device: string) => frames.filter((frame) => frame.device === device);
  assert.equal(of('pv-1').length, 2, 'once at the start, once after maxIntervalS');
  rig.world['pv/p'] = -60;
  await rig.run(2);
  const later = rig.uplink
    .of('frames')
    .flatMap(({ frames }) => frames)
    .filter(({ device }) => device === 'pv-1');
  assert.deepEqual(later.at(-1)?.values, [
    { metric: 'activePowerKw', value: -60, quality: 'good', origin: 'measured' },
  ]);
  const births = rig.uplink.of('births')[0]?.devices;
  assert.deepEqual(births?.[0], {
    device: 'transformer',
    type: 'meter',
    metrics: ['activePowerKw', 'reactivePowerKvar', 'voltagePu'],
  });
  assert.equal(births?.length, 5);
  assert.ok(rig.uplink.of('health').length >= 12 && rig.uplink.of('state').length >= 60);
});

test('a gateway killed at any moment resumes stop, override, guard and timers', async () => {
  const first = await makeRig();
  await first.run(3);
  first.uplink.down({ kind: 'document', document: commandDocument(START, { kind: 'stop', device: 'pv-1' }, 1) });
  first.uplink.down({
    kind: 'document',
    document: commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: 50 } }, 2),
  });
  await first.run(3);
  first.world['b/set-read'] = 50;
  await first.run(2);
  first.world['t/p'] = 640;
  await first.run(3);
  const setpointKw = first.commanded('b/set') ?? 0;
  assert.ok(setpointKw < 0);
  const uplink = new FakeUplink();
  uplink.restored = { stateJson: first.uplink.of('state').at(-1)!.json, documents: [], model: null };
  const second = await makeRig({ uplink, start: START + 15_000 });
  Object.assign(second.world, { 't/p': 592, 'b/p': setpointKw });
  await second.run(3);
  assert.equal(second.commanded('b/set'), setpointKw, 'the guard keeps its bounds');
  assert.equal(second.commanded('pv/set'), 100);
  const status = second.gateway.status();
  assert.equal(status.devices.find(({ device }) => device === 'battery-1')?.source, 'override');
  second.uplink.down({
    kind: 'document',
    document: commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: 1 } }, 2),
  });
  await second.run(2);
  assert.deepEqual(uplink.stages('command-2'), ['clamped LS-CONTROL-002', 'clamped LS-CONTROL-002']);
  assert.equal(
    second.commanded('b/set'),
    setpointKw,
    'a repeated id is answered from the stored outcome and acts once',
  );
  await second.gateway.stop();
  assert.equal(uplink.stopped, true);
  const broken = new FakeUplink();
  broken.restored = { stateJson: '{"version":1', documents: [], model: null };
  const third = await makeRig({ uplink: broken });
  await third.run(2);
  assert.ok(broken.eventCodes().includes('LS-JOURNAL-001'));
});

test('a blocked uplink does not stop control', async () => {
  const rig = await makeRig();
  rig.uplink.full = true;
  await rig.run(3);
  rig.world['t/p'] = 700;
  await rig.run(2);
  assert.ok((rig.commanded('b/set') ?? 0) < 0);
});

test('a device heard for the first time is reported at once, however rare the reports are', async () => {
  const rig = await makeRig({ yaml: `${RIG_YAML}uplink: { report: { healthS: 600 } }\n` });
  Object.assign(rig.world, { 'b/p': null, 'b/soc': null });
  await rig.run(8);
  const reports = (): number => rig.uplink.of('health').length;
  const link = (): unknown =>
    rig.uplink
      .of('health')
      .at(-1)
      ?.health.devices.find(({ device }) => device === 'battery-1')?.link;
  const before = reports();
  assert.equal(link(), 'never');
  Object.assign(rig.world, { 'b/p': 0, 'b/soc': 50 });
  await rig.run(8);
  assert.equal(link(), 'up');
  Object.assign(rig.world, { 'b/p': null, 'b/soc': null });
  await rig.run(8);
  Object.assign(rig.world, { 'b/p': 0, 'b/soc': 50 });
  await rig.run(8);
  assert.equal(reports(), before + 1, 'its later returns wait for the report');
});
