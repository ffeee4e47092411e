import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandDocument, planDocument, settingsDocument } from './cycle/testing/documents.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { makeRig, RIG_YAML, START } from './cycle/testing/rig.ts';
import { SettingsDocument } from '../shared/contracts/document.ts';
import type { DevicePlan } from '../shared/contracts/plan.ts';
import { checker } from '../shared/contracts/validate.ts';

const batteryPlan = (kw: number[]): DevicePlan => ({
  device: 'battery-1',
  activePowerKw: kw,
  reasons: [
    {
      fromStep: 0,
      toStep: 3,
      constraint: 'peak',
      element: 'transformer',
      shadowPrice: 1,
      shadowPriceUnit: 'EUR/kW',
      text: 'shaves the evening peak',
    },
  ],
});

test('follows a plan step by step, tells each stage once, and lets it go at its end', async () => {
  const rig = await makeRig();
  await rig.run(3);
  rig.uplink.down({ kind: 'document', document: planDocument(START, { devices: [batteryPlan([30, -20, 10, 0])] }) });
  await rig.run(2);
  assert.equal(rig.told('b/set'), 30);
  rig.world['b/set-read'] = 30;
  await rig.run(900);
  assert.equal(rig.told('b/set'), -20);
  const status = rig.gateway.status();
  const battery = status.devices.find(({ device }) => device === 'battery-1');
  assert.deepEqual([status.rung, battery?.source, battery?.reason], ['plan', 'cloud-plan', 'shaves the evening peak']);
  rig.world['b/set-read'] = null;
  await rig.run(2800);
  assert.equal(rig.told('b/set'), 0);
  assert.deepEqual(rig.uplink.stages('plan-1'), ['applied', 'verified', 'expired']);
  assert.equal(rig.gateway.status().rung, 'autonomous');
});

test('a spike with a plan in force: the guard answers in the next cycle, the plan stays, what adds stress is let go slowly', async () => {
  const rig = await makeRig();
  const map = { id: 'transformer-p', element: 'owd-t1', quantity: 'activePowerKw' as const, min: -400, max: 600 };
  const watched = [{ ...map, perKw: { 'battery-1': 1.05, 'ev-1': 1.02, 'pv-1': 1.01 }, perKvar: {} }];
  await rig.run(3);
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { devices: [batteryPlan([30, 30, 30, 30])], watched }),
  });
  rig.world['b/p'] = 30;
  await rig.run(3);
  await rig.link.deliver('t/p', '690');
  await rig.clock.advance(500);
  const told = rig.told('b/set') ?? 0;
  assert.ok(told <= 30 - 90 / 1.05 && told >= 30 - 100, `battery is told ${told}`);
  assert.equal(rig.gateway.status().rung, 'plan');
  assert.ok(rig.uplink.eventCodes().includes('guard.relief'));
  Object.assign(rig.world, { 't/p': 595, 'b/p': told });
  await rig.run(10);
  assert.equal(rig.told('b/set'), told, 'near the limit it rests');
  rig.world['t/p'] = 500;
  await rig.run(2);
  const after = rig.told('b/set') ?? 0;
  assert.ok(after > told && after <= told + 15, `released slowly to ${after}`);
  rig.world['t/p'] = 300;
  await rig.run(2);
  assert.equal(rig.told('b/set'), 30, 'what the relief was for has gone: the plan is followed again at once');
  assert.deepEqual(rig.uplink.stages('plan-1'), ['applied', 'clamped LS-CONTROL-002']);
});

test('a head out of its band for a minute: the targets go, default envelopes stand, a new plan is asked for', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const heads = [{ element: 'owd-1', lowKw: [150, 150, 150, 150], highKw: [250, 250, 250, 250] }];
  const assumptions = { topologyVersion: 3, devices: ['battery-1'], heads, substitutions: [] };
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { devices: [batteryPlan([30, 30, 30, 30])], assumptions }),
  });
  await rig.run(5);
  rig.world['f/p'] = 300;
  await rig.run(58);
  assert.equal(rig.told('b/set'), 30, 'not yet');
  await rig.run(4);
  assert.equal(rig.told('b/set'), 0);
  assert.deepEqual(rig.uplink.stages('plan-1'), ['applied', 'assumption-failed LS-CONTROL-001']);
  rig.uplink.down({
    kind: 'document',
    document: planDocument(START, { id: 'plan-2', devices: [batteryPlan([40, 40, 40, 40])] }, { sequence: 2 }),
  });
  await rig.run(3);
  assert.equal(rig.told('b/set'), 40);
});

test('plans that rest on another topology or a lost device are let go; one for another substation is refused', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const on = (more: object) => ({ topologyVersion: 3, devices: [], heads: [], substitutions: [], ...more });
  const send = (id: string, more: object, sequence: number) =>
    rig.uplink.down({ kind: 'document', document: planDocument(START, { id, ...more }, { sequence }) });
  send('plan-a', { assumptions: on({ topologyVersion: 4 }) }, 1);
  await rig.run(2);
  send('plan-b', { assumptions: on({ devices: ['battery-9'] }) }, 2);
  await rig.run(32);
  send('plan-c', { substation: 'wls' }, 3);
  send('plan-d', { devices: [{ ...batteryPlan([1]), activePowerKw: [1] }] }, 4);
  await rig.run(2);
  assert.deepEqual(rig.uplink.stages('plan-a'), ['assumption-failed LS-CONTROL-001', 'superseded']);
  assert.deepEqual(rig.uplink.stages('plan-b'), ['applied', 'assumption-failed LS-CONTROL-001']);
  assert.deepEqual(rig.uplink.stages('plan-c'), ['rejected LS-DOC-004']);
  assert.deepEqual(rig.uplink.stages('plan-d'), ['rejected LS-DOC-005']);
});

test('each command acts once and has one outcome; the same id again gets the stored one', async () => {
  const rig = await makeRig();
  await rig.run(3);
  const command = (body: object, sequence: number) =>
    rig.uplink.down({ kind: 'document', document: commandDocument(rig.clock.plant.now(), body, sequence) });
  command({ device: 'battery-1', setpoint: { activePowerKw: -90 }, expiresAt: START + 20_000 }, 1);
  await rig.run(2);
  assert.equal(Math.round(rig.told('b/set') ?? 0), -57, 'the default envelope leaves so much');
  command({ id: 'command-1', device: 'battery-1', setpoint: { activePowerKw: 99 } }, 2);
  await rig.run(2);
  assert.equal(Math.round(rig.told('b/set') ?? 0), -57, 'the id has acted already');
  await rig.run(20);
  assert.equal(rig.told('b/set'), 0, 'it has run out');
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
  assert.deepEqual([rig.told('b/set'), rig.told('pv/set'), rig.told('ev/set')], [0, 100, 17]);
});

test('an override and its end are told in the cycle in which they count: the cloud shows no older word meanwhile', async () => {
  const rig = await makeRig();
  await rig.run(6);
  const told = (): unknown[] => {
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
  assert.deepEqual([rig.uplink.of('health').length, ...told()], [kept + 1, 'override', -10]);
  const release = { kind: 'release', device: 'battery-1' } as const;
  rig.uplink.down({ kind: 'document', document: commandDocument(START, release, 2) });
  await rig.run(1);
  assert.notEqual(told()[0], 'override');
});

test('who wins: local manual over override over plan; a tagged device gets no command', async () => {
  const rig = await makeRig();
  await rig.run(3);
  rig.uplink.down({ kind: 'document', document: planDocument(START, { devices: [batteryPlan([30, 30, 30, 30])] }) });
  rig.uplink.down({
    kind: 'document',
    document: commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: -10 } }),
  });
  await rig.run(2);
  assert.equal(rig.told('b/set'), -10);
  const manual = { op: 'manual', device: 'battery-1', reason: 'meter swap' };
  assert.equal(rig.gateway.local({ ...manual, on: true, setpoint: { activePowerKw: 7 }, forS: 60 }).ok, true);
  await rig.run(2);
  assert.equal(rig.told('b/set'), 7);
  const [battery] = rig.gateway.status().devices;
  assert.deepEqual([battery?.source, battery?.reason], ['local-manual', 'local manual: meter swap']);
  assert.equal(rig.gateway.local({ op: 'tag', device: 'battery-1', reason: 'work' }).ok, true);
  const before = rig.link.published.length;
  await rig.run(30);
  assert.ok(!rig.link.published.slice(before).some(({ topic }) => topic === 'b/set'));
  assert.equal(rig.gateway.local({ op: 'untag', device: 'battery-1', reason: 'done' }).ok, true);
  await rig.run(60);
  assert.equal(rig.told('b/set'), -10, 'manual has run out');
  assert.equal(rig.gateway.local({ op: 'stop', device: 'nobody', reason: 'x' }).ok, false);
  assert.equal(rig.gateway.local({ op: 'format', disk: 'c' }).ok, false);
});

test('monitor commands nothing, manual guards only', async () => {
  const rig = await makeRig({ yaml: RIG_YAML.replace('mode: automatic', 'mode: monitor') });
  rig.world['t/p'] = 700;
  await rig.run(5);
  assert.deepEqual(rig.link.published, []);
  assert.ok((rig.gateway.status().devices[0]?.setpointKw ?? 0) < 0, 'it shows what it would do');
  rig.uplink.down({ kind: 'document', document: settingsDocument(START, { mode: 'manual' }) });
  rig.uplink.down({ kind: 'document', document: planDocument(START, { devices: [batteryPlan([30, 30, 30, 30])] }) });
  rig.world['t/p'] = 550;
  await rig.run(5);
  assert.equal(rig.told('b/set'), undefined, 'the plan is only recommended');
  rig.world['t/p'] = 700;
  await rig.run(3);
  assert.ok((rig.told('b/set') ?? 0) < 0, 'the guard acts');
  assert.deepEqual(rig.uplink.stages('plan-1'), []);
});

test('fail-safe: from the start, and 120 s after the heartbeat; it ends with the heartbeat and a limit that follows it', async () => {
  const rig = await makeRig();
  const failsafe = () => rig.gateway.status().rung;
  await rig.run(5, false);
  assert.equal(failsafe(), 'fail-safe');
  await rig.run(5);
  assert.equal(failsafe(), 'autonomous');
  rig.world['t/p'] = 240;
  await rig.run(110, false);
  assert.equal(failsafe(), 'autonomous');
  await rig.run(10, false);
  assert.equal(failsafe(), 'fail-safe');
  rig.world['t/p'] = 300;
  await rig.run(3, false); // 50 over, in equal shares: the EV can give 23
  assert.ok((rig.told('b/set') ?? 0) <= -26, 'the fail-safe value of 250 kW is kept');
  await rig.run(60);
  assert.ok(rig.gateway.status().devices[0]?.limitedBy === 'grid-limit', 'the heartbeat alone does not end it');
  assert.equal(rig.uplink.of('health').at(-1)?.health.awaitsGridLimit, true, 'and the cloud is told what is missing');
  rig.uplink.down({
    kind: 'document',
    document: settingsDocument(START, { gridLimit: { importKw: 500, exportKw: 300 } }),
  });
  rig.world['t/p'] = 200;
  await rig.run(60);
  assert.equal(rig.told('b/set'), 0, 'the fresh limit has room');
  assert.ok(rig.uplink.eventCodes().includes('LS-CONTROL-006') && rig.uplink.eventCodes().includes('-LS-CONTROL-006'));
});

test('a limit of the cloud has no duration: it stands beyond its document while the heart beats; a negative one is refused', async () => {
  const rig = await makeRig();
  await rig.run(60);
  const document = settingsDocument(START, { gridLimit: { importKw: 250, exportKw: 300 } });
  rig.uplink.down({ kind: 'document', document });
  for (let hour = 0; hour < 3; hour++) {
    await rig.run(3600);
    assert.equal(rig.gateway.status().devices[0]?.limitedBy, 'grid-limit', `after ${hour + 1} h`);
  }
  const check = checker(SettingsDocument, 'LS-DOC-005');
  const negative = { ...document, body: { gridLimit: { importKw: -5, exportKw: 300 } } };
  assert.deepEqual([check(document).ok, check(negative).ok], [true, false]);
});

test('a load under section 14a is moved by the guard alone, from measurements, and never below its floor', async () => {
  const rig = await makeRig({ yaml: RIG_YAML.replace('floorKw: 17, authority: guard', 'authority: guard') });
  rig.world['t/p'] = 100;
  await rig.run(20);
  assert.equal(rig.told('ev/set'), 88);
  const time = rig.clock.plant.now();
  const devices = [{ device: 'ev-1', activePowerLimitKw: [10, 10, 10, 10], reasons: [] }];
  rig.uplink.down({ kind: 'document', document: planDocument(time, { devices }) });
  rig.uplink.down({
    kind: 'document',
    document: commandDocument(time, { device: 'ev-1', setpoint: { activePowerLimitKw: 5 } }, 2),
  });
  await rig.run(5);
  assert.equal(rig.told('ev/set'), 88, 'a plan and an operator do not move it');
  rig.world['t/p'] = 2000;
  await rig.run(30);
  assert.equal(rig.told('ev/set'), 4.2, 'the guard does, down to the floor of the law');
});

test('a silent device is named, counted and told about; its return too', async () => {
  const rig = await makeRig();
  await rig.run(5);
  Object.assign(rig.world, { 'b/p': null, 'b/soc': null });
  await rig.run(8);
  assert.deepEqual(
    rig.uplink.of('device-link').map(({ device, alive }) => `${device} ${String(alive)}`),
    ['battery-1 false'],
  );
  assert.ok(rig.uplink.eventCodes().includes('LS-CONTROL-003'));
  assert.equal(rig.told('b/set'), 0);
  Object.assign(rig.world, { 'b/p': 0, 'b/soc': 50 });
  await rig.run(15);
  assert.ok(rig.uplink.eventCodes().includes('-LS-CONTROL-003'));
});

test('a dead busbar: nothing is commanded; when voltage is back, after a random delay', async () => {
  const rig = await makeRig();
  await rig.run(5);
  rig.world['t/v'] = 0;
  await rig.run(2);
  const before = rig.link.published.length;
  await rig.run(30);
  assert.equal(rig.link.published.length, before);
  rig.world['t/v'] = 1;
  await rig.run(9);
  assert.equal(rig.link.published.length, before, 'still in the delay');
  await rig.run(60);
  assert.ok(rig.link.published.length > before);
});

test('frames are reported by exception, births name every metric, health and state go out in time', async () => {
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

test('killed at any moment, the state that was persisted resumes: stop, override, guard and timers', async () => {
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
  const told = first.told('b/set') ?? 0;
  assert.ok(told < 0);
  const uplink = new FakeUplink();
  uplink.restored = { stateJson: first.uplink.of('state').at(-1)!.json, documents: [], model: null };
  const second = await makeRig({ uplink, start: START + 15_000 });
  Object.assign(second.world, { 't/p': 592, 'b/p': told });
  await second.run(3);
  assert.equal(second.told('b/set'), told, 'the guard holds what it held');
  assert.equal(second.told('pv/set'), 100);
  const status = second.gateway.status();
  assert.equal(status.devices.find(({ device }) => device === 'battery-1')?.source, 'override');
  second.uplink.down({
    kind: 'document',
    document: commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: 1 } }, 2),
  });
  await second.run(2);
  assert.deepEqual(uplink.stages('command-2'), ['clamped LS-CONTROL-002', 'clamped LS-CONTROL-002']);
  assert.equal(second.told('b/set'), told, 'the same id is answered from what was stored, and acts once');
  await second.gateway.stop();
  assert.equal(uplink.stopped, true);
  const broken = new FakeUplink();
  broken.restored = { stateJson: '{"version":1', documents: [], model: null };
  const third = await makeRig({ uplink: broken });
  await third.run(2);
  assert.ok(broken.eventCodes().includes('LS-JOURNAL-001'));
});

test('a heat pump is not started again before its time, and a restart of the gateway does not forget how long it has rested', async () => {
  const pump = `
  - id: pump-1
    type: flexible-load
    driver: mqtt
    connectionPoint: { id: cp-4, authority: direct }
    ratings: { activePowerKw: 10, minOnS: 300, minOffS: 600, minimumRunKw: 4 }
    read: { activePowerKw: { topic: hp/p }, staleAfterS: 5 }
    write: { activePowerKw: { topic: hp/set, template: '\${value}' } }
    safeDefault: { activePowerKw: 0 }
`;
  const yaml = `${RIG_YAML}${pump.slice(1)}`;
  const command = (at: number, kw: number, sequence: number) => ({
    kind: 'document' as const,
    document: commandDocument(
      at,
      { device: 'pump-1', setpoint: { activePowerKw: kw }, expiresAt: at + 3_600_000 },
      sequence,
    ),
  });
  const first = await makeRig({ yaml });
  first.world['hp/p'] = 10;
  await first.run(3);
  assert.equal(first.told('hp/set'), 4, 'it was found running');
  first.uplink.down(command(START, 0, 1));
  await first.run(290);
  assert.equal(first.told('hp/set'), 4);
  await first.run(20);
  assert.equal(first.told('hp/set'), 0);
  first.world['hp/p'] = 0;
  await first.run(100);
  first.uplink.down(command(first.clock.plant.now(), 8, 2));
  await first.run(100);
  assert.equal(first.told('hp/set'), 0);
  const status = first.gateway.status().devices.find(({ device }) => device === 'pump-1');
  assert.deepEqual([status?.limitedBy, /minimum off time: \d+ s left/.test(status?.reason ?? '')], ['run-time', true]);
  const uplink = new FakeUplink();
  uplink.restored = { stateJson: first.uplink.of('state').at(-1)!.json, documents: [], model: null };
  const second = await makeRig({ yaml, uplink, start: first.clock.plant.now() + 60_000 });
  second.world['hp/p'] = 0;
  await second.run(300);
  assert.equal(second.told('hp/set'), 0, 'about 560 s');
  await second.run(60);
  assert.equal(second.told('hp/set'), 8);
});

test('a command of before the start is answered with what became of it, and never acts late', async () => {
  const first = await makeRig();
  await first.run(3);
  const override = commandDocument(START, { device: 'battery-1', setpoint: { activePowerKw: 40 } }, 1);
  first.uplink.down({ kind: 'document', document: override });
  const before = first.uplink.of('report').length;
  await first.clock.advance(1000);
  const sent = first.uplink.sent.map(({ kind }) => kind);
  assert.ok(sent.indexOf('state', sent.lastIndexOf('births')) < sent.indexOf('report'), 'kept before it is told');
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
  assert.equal(second.told('b/set'), 40);
});

test('an uplink that takes nothing does not stop control', async () => {
  const rig = await makeRig();
  rig.uplink.full = true;
  await rig.run(3);
  rig.world['t/p'] = 700;
  await rig.run(2);
  assert.ok((rig.told('b/set') ?? 0) < 0);
});
