import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batteryPlan, commandDocument, planDocument } from './testing/documents.ts';
import { makeRig, RIG_YAML, type Rig } from './testing/rig.ts';

const WATCHING = RIG_YAML.replace('mode: automatic', 'mode: monitor');

const mode = (rig: Rig, wanted: 'monitor' | 'manual' | 'automatic', sequence = 1): void =>
  rig.uplink.down({
    kind: 'document',
    document: commandDocument(rig.clock.plant.now(), { kind: 'mode', feeder: 'owd-1', mode: wanted }, sequence),
  });

const charge = (rig: Rig, kw: number): void => {
  const devices = [batteryPlan([kw, kw, kw, kw])];
  rig.uplink.down({ kind: 'document', document: planDocument(rig.clock.plant.now(), { devices }) });
};

test('the guard keeps its bounds and settles on an automatic feeder of a gateway in monitor', async () => {
  const rig = await makeRig({ yaml: WATCHING });
  await rig.run(3);
  mode(rig, 'automatic');
  charge(rig, 80);
  const commands: number[] = [];
  for (let second = 0; second < 40; second++) {
    // The feeder carries 480 kW besides its battery, which follows its setpoint; 500 kW are allowed.
    const battery = rig.commanded('b/set') ?? 0;
    Object.assign(rig.world, { 'b/p': battery, 'f/p': 480 + battery, 't/p': 100 + battery });
    await rig.run(1);
    commands.push(rig.commanded('b/set') ?? 0);
  }
  assert.deepEqual(
    commands.slice(5).filter((kw) => kw > 20),
    [],
    'it does not return to the plan while the feeder has no room',
  );
  assert.equal(rig.commanded('pv/set'), undefined, 'devices elsewhere are only monitored');
  assert.deepEqual(rig.uplink.stages('plan-1').slice(0, 1), ['applied'], 'the automatic feeder follows the plan');
});

test('after monitor a device ramps from its present power, because setpoints were only shown', async () => {
  const rig = await makeRig({ yaml: WATCHING.replace('capacityKwh: 200', 'capacityKwh: 200, rampKwPerS: 4') });
  await rig.run(3);
  charge(rig, 80);
  await rig.run(60);
  const battery = () => rig.gateway.status().devices.find(({ device }) => device === 'battery-1');
  assert.deepEqual([battery()?.setpointKw, battery()?.limitedBy, rig.commanded('b/set')], [80, null, undefined]);
  rig.gateway.local({ op: 'mode', mode: 'automatic', reason: 'commissioned' });
  await rig.run(1);
  assert.equal(rig.commanded('b/set'), 4, 'four cycles of a quarter of a second');
  await rig.run(5);
  assert.equal(rig.commanded('b/set'), 24);
});

test('a device in monitor is not expected to read back setpoints', async () => {
  const rig = await makeRig();
  await rig.run(3);
  mode(rig, 'monitor');
  charge(rig, 80);
  rig.world['b/set-read'] = 0;
  await rig.run(90);
  assert.equal(rig.commanded('b/set'), 0, 'nothing sent since the feeder is in monitor');
  assert.ok(!rig.uplink.eventCodes().includes('LS-CONTROL-005'));
  mode(rig, 'automatic', 2);
  await rig.run(90);
  assert.ok(rig.uplink.eventCodes().includes('LS-CONTROL-005'), 'now it has a setpoint and does not follow');
});

test('in manual health reports who set the power that a battery keeps, while it keeps it', async () => {
  const rig = await makeRig();
  const seen = async (kw: number) => {
    rig.world['b/p'] = kw;
    await rig.run(6);
    return rig.uplink
      .of('health')
      .at(-1)
      ?.health.devices.find(({ device }) => device === 'battery-1')?.lastSet;
  };
  await rig.run(3);
  charge(rig, 30);
  assert.equal(await seen(30), undefined, 'it is commanded');
  mode(rig, 'manual');
  const planned = await seen(30.5);
  assert.equal(planned?.source, 'cloud-plan');
  const given = rig.clock.plant.now();
  const body = { device: 'battery-1', setpoint: { activePowerKw: -10 }, expiresAt: given + 20_000 };
  rig.uplink.down({ kind: 'document', document: commandDocument(given, body, 2) });
  assert.equal(await seen(-10), undefined, 'the override holds');
  await rig.run(20);
  const { at, ...by } = (await seen(-10))!;
  assert.deepEqual(by, { source: 'override', by: commandDocument(given, body).body.user });
  assert.ok(at >= given && at <= given + 1000, 'when it was given, not when it expired');
  assert.equal(await seen(40), undefined, 'its power has changed');
  assert.equal((await seen(-10))?.source, 'override');
  mode(rig, 'automatic', 3);
  assert.equal(await seen(30), undefined);
});

test('a change of mode is verified once its setpoints are read back, not while a device is silent', async () => {
  const rig = await makeRig({ yaml: WATCHING });
  const says = (values: Record<string, number | null>): unknown => Object.assign(rig.world, values);
  await rig.run(3);
  charge(rig, 80);
  says({ 'b/set-read': 0 });
  mode(rig, 'automatic');
  await rig.run(3);
  assert.equal(rig.commanded('b/set'), 80);
  assert.deepEqual(rig.uplink.stages('command-1'), ['applied'], 'it reads back something else');
  says({ 'b/set-read': 80, 'b/p': 80 });
  await rig.run(3);
  assert.deepEqual(rig.uplink.stages('command-1'), ['applied', 'verified']);
  mode(rig, 'monitor', 2);
  await rig.run(3);
  assert.deepEqual(rig.uplink.stages('command-2'), ['applied', 'verified'], 'nothing is commanded');
  says({ 'b/set-read': null, 'b/p': null, 'b/soc': null });
  await rig.run(10);
  mode(rig, 'automatic', 3);
  await rig.run(10);
  assert.deepEqual(rig.uplink.stages('command-3'), ['applied'], 'its battery is silent');
  mode(rig, 'monitor', 4);
  await rig.run(1);
  says({ 'b/set-read': 80, 'b/p': 0, 'b/soc': 50 });
  await rig.run(5);
  assert.deepEqual(rig.uplink.stages('command-3'), ['applied'], 'superseded by another');
  assert.deepEqual(rig.uplink.stages('command-4'), ['applied', 'verified']);
  await rig.run(30);
  assert.equal(rig.uplink.stages('command-4').length, 2, 'each is reported once');
});

test('monitor set on site applies to every feeder, whatever mode an operator has set there', async () => {
  const rig = await makeRig();
  await rig.run(3);
  mode(rig, 'automatic');
  charge(rig, 80);
  await rig.run(3);
  assert.equal(rig.commanded('b/set'), 80);
  rig.gateway.local({ op: 'mode', mode: 'monitor', reason: 'work at the battery' });
  await rig.run(2);
  const before = rig.link.published.length;
  await rig.run(30);
  assert.deepEqual(rig.link.published.slice(before), []);
});

test('status names what bars a device, also where the mode of its feeder differs from that of the gateway', async () => {
  const rig = await makeRig({ yaml: WATCHING.replace('floorKw: 17, authority: guard', 'authority: none') });
  await rig.run(3);
  const bars = () => rig.gateway.status().devices.map(({ bar }) => bar);
  assert.deepEqual(bars(), ['monitor', 'monitor', 'no-authority']);
  mode(rig, 'automatic');
  await rig.run(2);
  assert.deepEqual(bars(), [undefined, 'monitor', 'no-authority']);
  rig.gateway.local({ op: 'mode', mode: 'automatic', reason: 'ready' });
  rig.gateway.local({ op: 'stop', device: 'battery-1', reason: 'smell' });
  rig.gateway.local({ op: 'tag', device: 'pv-1', reason: 'works' });
  await rig.run(2);
  assert.deepEqual(bars(), ['stopped', 'tagged', 'no-authority']);
  await rig.gateway.stop();
});
