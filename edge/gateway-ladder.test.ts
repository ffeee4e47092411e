import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandDocument, planDocument, settingsDocument } from './cycle/testing/documents.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { makeRig, RIG_YAML, START } from './cycle/testing/rig.ts';
import { SettingsDocument } from '../shared/contracts/document.ts';
import { checker } from '../shared/contracts/validate.ts';

test('the fail-safe holds from the start and 120 s after a heartbeat, until heartbeat and a later limit', async () => {
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
  await rig.run(3, false); // 50 kW over, in equal shares; the EV can give 23 kW
  assert.ok((rig.commanded('b/set') ?? 0) <= -26, 'the fail-safe value of 250 kW is kept');
  await rig.run(60);
  assert.ok(rig.gateway.status().devices[0]?.limitedBy === 'grid-limit', 'the heartbeat alone does not end it');
  assert.equal(rig.uplink.of('health').at(-1)?.health.awaitsGridLimit, true, 'and the cloud learns what is missing');
  rig.uplink.down({
    kind: 'document',
    document: settingsDocument(START, { gridLimit: { importKw: 500, exportKw: 300 } }),
  });
  rig.world['t/p'] = 200;
  await rig.run(60);
  assert.equal(rig.commanded('b/set'), 0, 'the fresh limit has room');
  assert.ok(rig.uplink.eventCodes().includes('LS-CONTROL-006') && rig.uplink.eventCodes().includes('-LS-CONTROL-006'));
});

test('a heartbeat that was held back does not put the fail-safe off beyond 120 s after it was sent', async () => {
  const rig = await makeRig();
  rig.world['t/p'] = 100;
  await rig.run(5, false);
  const sent = rig.clock.plant.now();
  rig.uplink.down({ kind: 'heartbeat', time: sent, lagMs: 0 });
  await rig.run(80, false);
  assert.equal(rig.gateway.status().rung, 'autonomous');
  rig.uplink.down({ kind: 'heartbeat', time: sent + 1000, lagMs: 79_000 });
  await rig.run(30, false);
  assert.equal(rig.gateway.status().rung, 'autonomous');
  await rig.run(15, false);
  assert.equal(rig.gateway.status().rung, 'fail-safe');
});

test('a cloud limit outlives its document while heartbeats arrive; a negative one is refused', async () => {
  const rig = await makeRig();
  await rig.run(60);
  const document = settingsDocument(START, { gridLimit: { importKw: 250, exportKw: 300 } });
  rig.uplink.down({ kind: 'document', document });
  // The document is valid for an hour.
  for (const minutes of [50, 20]) {
    await rig.run(60 * minutes);
    assert.equal(rig.gateway.status().devices[0]?.limitedBy, 'grid-limit', `after ${minutes} min`);
  }
  const check = checker(SettingsDocument, 'LS-DOC-005');
  const negative = { ...document, body: { gridLimit: { importKw: -5, exportKw: 300 } } };
  assert.deepEqual([check(document).ok, check(negative).ok], [true, false]);
});

test('a load under section 14a is moved only by the guard, and never below its floor', async () => {
  const rig = await makeRig({ yaml: RIG_YAML.replace('floorKw: 17, authority: guard', 'authority: guard') });
  rig.world['t/p'] = 100;
  await rig.run(20);
  assert.equal(rig.commanded('ev/set'), 88);
  const time = rig.clock.plant.now();
  const devices = [{ device: 'ev-1', activePowerLimitKw: [10, 10, 10, 10], reasons: [] }];
  rig.uplink.down({ kind: 'document', document: planDocument(time, { devices }) });
  rig.uplink.down({
    kind: 'document',
    document: commandDocument(time, { device: 'ev-1', setpoint: { activePowerLimitKw: 5 } }, 2),
  });
  await rig.run(5);
  assert.equal(rig.commanded('ev/set'), 88, 'a plan and an operator do not move it');
  rig.world['t/p'] = 2000;
  await rig.run(30);
  assert.equal(rig.commanded('ev/set'), 4.2, 'the guard does, down to the legal floor');
});

test('a dead busbar gets no commands until a random delay after the voltage returns', async () => {
  const rig = await makeRig();
  await rig.run(5);
  Object.assign(rig.world, { 't/v': 0, 't/p': 0, 't/q': 0, 'f/p': 0 });
  await rig.run(2);
  const before = rig.link.published.length;
  await rig.run(30);
  assert.equal(rig.link.published.length, before);
  Object.assign(rig.world, { 't/v': 1, 't/p': 300, 't/q': 50, 'f/p': 200 });
  await rig.run(9);
  assert.equal(rig.link.published.length, before, 'still in the delay');
  await rig.run(60);
  assert.ok(rig.link.published.length > before);
});

test('a busbar with zero voltage that carries power is not dead, and the guard relieves it', async () => {
  const rig = await makeRig();
  await rig.run(5);
  Object.assign(rig.world, { 't/v': 0, 't/p': 680 });
  await rig.run(5);
  assert.ok(rig.commanded('b/set')! < -79, `${rig.commanded('b/set')} kW`);
});

test('a busbar with current is not dead, even if its meters read no voltage and no power', async () => {
  const yaml = RIG_YAML.replace('voltagePu: { topic: t/v }', '$&, currentA: { topic: t/a }');
  const rig = await makeRig({ yaml });
  rig.world['t/a'] = 430;
  await rig.run(5);
  Object.assign(rig.world, { 't/v': 0, 't/p': 0, 't/q': 0, 'f/p': 0 });
  await rig.run(2);
  const before = rig.link.published.length;
  await rig.run(30);
  assert.ok(rig.link.published.length > before, 'its devices are commanded as before');
  await rig.gateway.stop();
});

test('a device without voltage gets no commands until a random delay after the voltage returns', async () => {
  const yaml = RIG_YAML.replace('read: { activePowerKw: { topic: b/p }', '$&, voltagePu: { topic: b/v }');
  const rig = await makeRig({ yaml });
  rig.world['b/v'] = 1;
  await rig.run(5);
  Object.assign(rig.world, { 'b/v': 0, 'b/p': 0 });
  await rig.run(2);
  const sent = (): number => rig.link.published.filter(({ topic }) => topic === 'b/set').length;
  const [before, solar] = [sent(), rig.commanded('pv/set')];
  await rig.run(30);
  assert.equal(sent(), before);
  assert.equal(rig.commanded('pv/set'), solar, 'zero voltage is not a low voltage that others could raise');
  assert.ok(
    rig.link.published.some(({ topic }) => topic === 'pv/set'),
    'the others are commanded as before',
  );
  rig.world['b/v'] = 1;
  await rig.run(9);
  assert.equal(sent(), before, 'still in the delay');
  await rig.run(60);
  assert.ok(sent() > before);
});

test('a heat pump is not restarted before its minimum off time, even across a gateway restart', async () => {
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
  assert.equal(first.commanded('hp/set'), 4, 'it was running');
  first.uplink.down(command(START, 0, 1));
  await first.run(290);
  assert.equal(first.commanded('hp/set'), 4);
  await first.run(20);
  assert.equal(first.commanded('hp/set'), 0);
  first.world['hp/p'] = 0;
  await first.run(100);
  first.uplink.down(command(first.clock.plant.now(), 8, 2));
  await first.run(100);
  assert.equal(first.commanded('hp/set'), 0);
  const status = first.gateway.status().devices.find(({ device }) => device === 'pump-1');
  assert.deepEqual([status?.limitedBy, /minimum off time: \d+ s left/.test(status?.reason ?? '')], ['run-time', true]);
  const uplink = new FakeUplink();
  uplink.restored = { stateJson: first.uplink.of('state').at(-1)!.json, documents: [], model: null };
  const second = await makeRig({ yaml, uplink, start: first.clock.plant.now() + 60_000 });
  second.world['hp/p'] = 0;
  await second.run(300);
  assert.equal(second.commanded('hp/set'), 0, 'about 560 s');
  await second.run(60);
  assert.equal(second.commanded('hp/set'), 8);
});
