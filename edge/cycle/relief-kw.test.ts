import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceHealth } from '../../shared/contracts/report.ts';
import { commandDocument } from './testing/documents.ts';
import { FakeUplink } from './testing/fake-uplink.ts';
import { makeRig, RIG_YAML, START, type Rig } from './testing/rig.ts';

const MANUAL = RIG_YAML.replace('mode: automatic', 'mode: manual');
const PV = 'pv/p }, voltagePu: { topic: pv/v }';
const EV = 'read: { activePowerKw: { topic: ev/p }';

/** Devices do what they are commanded, as far as sun and cars allow. */
interface Nature {
  readonly sunKw: () => number;
  readonly carsKw: () => number;
}

async function obey(rig: Rig, seconds: number, { sunKw, carsKw }: Nature): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    rig.world['pv/p'] = -Math.min(sunKw(), rig.commanded('pv/set') ?? 250);
    rig.world['ev/p'] = Math.min(carsKw(), rig.commanded('ev/set') ?? 88);
    rig.world['b/p'] = rig.commanded('b/set') ?? rig.world['b/p']!;
    await rig.run(1);
  }
}

const healthOf = (rig: Rig) => rig.uplink.of('health').at(-1)!.health;
const deviceOf = (rig: Rig, id: string): DeviceHealth => healthOf(rig).devices.find(({ device }) => device === id)!;

const near = (value: number | undefined, truth: number, what: string): void =>
  assert.ok(Math.abs((value ?? Number.NaN) - truth) < 0.5, `${what}: ${value} kW, in truth ${truth} kW`);

for (const isReported of [true, false])
  test(`relief of free devices is what sun and cars would give more, ${isReported ? 'as they report' : 'by what they gave before'}`, async () => {
    const yaml = isReported
      ? MANUAL.replace(PV, `${PV}, availableKw: { topic: pv/able }`).replace(EV, `${EV}, wishedKw: { topic: ev/wish }`)
      : MANUAL;
    const rig = await makeRig({ yaml, start: START + 11 * 3_600_000 });
    const nature = { sunKw: () => 120, carsKw: () => 60 };
    if (isReported) Object.assign(rig.world, { 'pv/able': 120, 'ev/wish': 60 });
    await obey(rig, 5, nature);
    // The battery may give nothing, so the guard limits the others.
    rig.world['b/soc'] = null;
    for (const [load, id, freeKw] of [
      [-430, 'pv-1', -120],
      [640, 'ev-1', 60],
    ] as const) {
      rig.world['t/p'] = load;
      await obey(rig, 3, nature);
      rig.world['t/p'] = 0.9 * load;
      await obey(rig, 6, nature);
      const { limitedBy, reliefKw, setpointKw } = deviceOf(rig, id);
      assert.equal(limitedBy, 'guard');
      assert.ok(Math.abs(setpointKw!) < Math.abs(freeKw), `${id} gives ${setpointKw} kW`);
      near(reliefKw, Math.abs(freeKw - setpointKw!), id);
      near(healthOf(rig).guard.reliefKw, reliefKw!, 'of all devices');
      rig.world['t/p'] = 0;
      await obey(rig, 120, nature);
    }
  });

test('the guard lets go of a device that fell silent under its bound', async () => {
  const rig = await makeRig({ yaml: MANUAL, start: START + 11 * 3_600_000 });
  const nature = { sunKw: () => 0, carsKw: () => 60 };
  await obey(rig, 5, nature);
  rig.world['t/p'] = 640;
  await obey(rig, 3, nature);
  assert.equal(healthOf(rig).guard.active, true);
  for (const topic of ['b/p', 'ev/p']) rig.world[topic] = null;
  rig.world['t/p'] = 595;
  await rig.run(20);
  assert.equal(healthOf(rig).guard.active, true, 'at the limit it holds the silent device');
  rig.world['t/p'] = 0;
  await rig.run(180);
  assert.equal(healthOf(rig).guard.active, false);
});

test('a limit of the guard relieves nothing where the sun gives less than it allows', async () => {
  let sunKw = 120;
  const yaml = MANUAL.replace(PV, `${PV}, availableKw: { topic: pv/able }`);
  const rig = await makeRig({ yaml, start: START + 11 * 3_600_000 });
  const nature = { sunKw: () => sunKw, carsKw: () => 0 };
  rig.world['pv/able'] = sunKw;
  rig.world['b/soc'] = null;
  await obey(rig, 5, nature);
  rig.world['t/p'] = -430;
  await obey(rig, 3, nature);
  rig.world['t/p'] = -387;
  await obey(rig, 6, nature);
  assert.ok(deviceOf(rig, 'pv-1').reliefKw! > 20);
  sunKw = 30;
  rig.world['pv/able'] = sunKw;
  await obey(rig, 6, nature);
  const { reliefKw, setpointKw } = deviceOf(rig, 'pv-1');
  assert.ok(setpointKw! < -30 && setpointKw! > -120, `limited to ${setpointKw} kW`);
  assert.equal(reliefKw, 0);
});

test('a battery without a wish relieves by what it did before, for as long as the guard holds it', async () => {
  const rig = await makeRig({ yaml: MANUAL });
  const nature = { sunKw: () => 0, carsKw: () => 0 };
  rig.world['b/p'] = 60;
  await obey(rig, 5, nature);
  rig.world['t/p'] = 640;
  await obey(rig, 2, nature);
  rig.world['t/p'] = 590;
  for (let round = 0; round < 3; round++) {
    await obey(rig, 6, nature);
    const { limitedBy, reliefKw, setpointKw, wishedKw } = deviceOf(rig, 'battery-1');
    assert.deepEqual([limitedBy, wishedKw], ['guard', null]);
    assert.ok(setpointKw! < 60);
    near(reliefKw, 60 - setpointKw!, 'battery-1');
  }
});

test('a device that does not follow relieves nothing', async () => {
  const rig = await makeRig({ yaml: MANUAL });
  rig.world['b/p'] = 60;
  await rig.run(5);
  rig.world['t/p'] = 640;
  await rig.run(10);
  const { limitedBy, reliefKw } = deviceOf(rig, 'battery-1');
  assert.deepEqual([limitedBy, reliefKw], ['guard', 0]);
});

test('a device that only ramps up below the limit of the guard relieves nothing', async () => {
  const rig = await makeRig({ yaml: MANUAL.replace('capacityKwh: 200', 'capacityKwh: 200, rampKwPerS: 1') });
  const nature = { sunKw: () => 0, carsKw: () => 0 };
  const override = (kw: number, sequence: number): void => {
    const body = { device: 'battery-1', setpoint: { activePowerKw: kw } };
    rig.uplink.down({ kind: 'document', document: commandDocument(rig.clock.plant.now(), body, sequence) });
  };
  await obey(rig, 3, nature);
  override(80, 1);
  await obey(rig, 90, nature);
  rig.world['t/p'] = 640;
  await obey(rig, 2, nature);
  rig.world['t/p'] = 590;
  await obey(rig, 6, nature);
  assert.equal(deviceOf(rig, 'battery-1').limitedBy, 'guard');
  override(0, 2);
  await obey(rig, 6, nature);
  override(80, 3);
  await obey(rig, 12, nature);
  const { limitedBy, reliefKw, setpointKw } = deviceOf(rig, 'battery-1');
  assert.ok(setpointKw! > 0 && setpointKw! < 20, `it ramps up and is at ${setpointKw} kW`);
  assert.deepEqual([limitedBy, reliefKw, healthOf(rig).guard.active], ['ramp', 0, true]);
});

test('relief counts from before a restart, although cycles ran before the state was read', async () => {
  const cars = { sunKw: () => 0, carsKw: () => 60 };
  const first = await makeRig({ yaml: MANUAL });
  await obey(first, 5, cars);
  first.world['b/soc'] = null;
  first.world['t/p'] = 640;
  await obey(first, 3, cars);
  first.world['t/p'] = 576;
  await obey(first, 6, cars);
  const heldKw = deviceOf(first, 'ev-1').setpointKw!;
  assert.ok(heldKw < 40, `it gets ${heldKw} kW of 60`);
  await first.gateway.stop();
  const uplink = new FakeUplink();
  uplink.late = true;
  const rig = await makeRig({ yaml: MANUAL, uplink, start: first.clock.plant.now() });
  Object.assign(rig.world, first.world, { 't/p': 590 });
  for (let second = 0; second < 8; second++) {
    if (second === 2) {
      uplink.give({ stateJson: first.uplink.of('state').at(-1)!.json, documents: [], model: null });
      rig.world['t/p'] = 640;
    }
    rig.world['ev/p'] = Math.min(heldKw, rig.commanded('ev/set') ?? heldKw);
    await rig.run(1);
  }
  const { limitedBy, reliefKw, setpointKw } = deviceOf(rig, 'ev-1');
  assert.equal(limitedBy, 'guard');
  near(reliefKw, 60 - setpointKw!, 'ev-1');
});
