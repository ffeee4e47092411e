import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batteryPlan, planDocument } from './testing/documents.ts';
import { makeRig, type Rig } from './testing/rig.ts';

/** A battery that follows within a second, or keeps its old value, while its setpoint changes every three minutes. */
async function hour(rig: Rig, { obeys }: { readonly obeys: boolean }): Promise<void> {
  const kw = Array.from({ length: 20 }, (_, step) => 20 * (step % 4));
  const horizon = { start: rig.clock.plant.now(), stepsS: kw.map(() => 180) };
  const devices = [batteryPlan(kw)];
  rig.uplink.down({ kind: 'document', document: planDocument(rig.clock.plant.now(), { horizon, devices }) });
  for (let second = 0; second < 3600; second++) {
    rig.world['b/set-read'] = obeys ? (rig.commanded('b/set') ?? 0) : 90;
    await rig.run(1);
  }
}

const alarms = (rig: Rig, code: string): number => rig.uplink.eventCodes().filter((each) => each === code).length;

test('cycles a minute apart raise one alarm for the gateway and none for a device that follows', async () => {
  const rig = await makeRig({ late: () => 60_000 });
  await hour(rig, { obeys: true });
  assert.deepEqual([alarms(rig, 'LS-GATEWAY-002'), alarms(rig, 'LS-CONTROL-005')], [1, 0]);
  assert.match(
    rig.gateway.status().alarms.join('; '),
    /^LS-GATEWAY-002 a cycle has come each 60.0 s instead of 0.25 s over the last minute/,
  );
});

test('a device that ignores setpoints is found after the usual number of cycles, even if cycles are late', async () => {
  const rig = await makeRig({ late: () => 10_000 });
  await hour(rig, { obeys: false });
  assert.equal(alarms(rig, 'LS-CONTROL-005'), 1);
  assert.match(
    rig.gateway.status().alarms.join('; '),
    /LS-CONTROL-005 battery-1 was told \d+.0 kW and reads back 90.0 kW/,
  );
});

test('the alarm for missed cycles clears when the cycles are on time again; a short hiccup raises none', async () => {
  let lateMs = 0;
  const rig = await makeRig({ late: () => lateMs });
  await rig.run(120);
  lateMs = 20_000;
  await rig.run(20);
  lateMs = 0;
  await rig.run(120);
  assert.equal(alarms(rig, 'LS-GATEWAY-002'), 0, 'twenty seconds');
  lateMs = 800;
  await rig.run(120);
  assert.equal(alarms(rig, 'LS-GATEWAY-002'), 1, 'three of four cycles are missed');
  lateMs = 0;
  await rig.run(120);
  assert.equal(alarms(rig, '-LS-GATEWAY-002'), 1, 'it has cleared');
  assert.deepEqual(rig.gateway.status().alarms, []);
});
