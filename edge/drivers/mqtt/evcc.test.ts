import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRig } from '../../cycle/testing/rig.ts';

/** A home's evcc as it publishes at the gateway's broker: plain numbers in W and %, one topic each; it takes currents in A. */
const YAML = `
gateway: { id: owd-01, substation: owd, timezone: Europe/Amsterdam }
mode: automatic
guarded:
  - id: transformer
    meter: { driver: mqtt, read: { activePowerKw: { topic: evcc/site/grid/power, scale: 0.001 }, staleAfterS: 30 } }
    limits: { importKw: 17, exportKw: 17 }
envelope: { default: { importKw: 17, exportKw: 17 } }
devices:
  - id: battery-1
    type: battery
    driver: mqtt
    sign: generation-positive
    ratings: { chargeKw: 5, dischargeKw: 5, capacityKwh: 10 }
    read: { activePowerKw: { topic: evcc/site/battery/power, scale: 0.001 }, socPct: { topic: evcc/site/battery/soc }, staleAfterS: 30 }
  - id: ev-1
    type: ev-site
    connectionPoint: { id: cp-1, authority: guard, floorKw: 4.2 }
    driver: mqtt
    ratings: { activePowerKw: 11 }
    read: { activePowerKw: { topic: evcc/loadpoints/1/chargePower, scale: 0.001 }, staleAfterS: 30 }
    write: { activePowerLimitKw: { topic: evcc/loadpoints/1/maxCurrent/set, template: '\${value}', scale: 1.4493 } }
    safeDefault: { activePowerLimitKw: 4.2 }
`;

test('evcc is read by its own topics, and its charger is limited by current, never below the floor', async () => {
  const rig = await makeRig({ yaml: YAML });
  const world = (gridW: number): void => {
    for (const topic of Object.keys(rig.world)) delete rig.world[topic];
    Object.assign(rig.world, {
      'evcc/site/grid/power': gridW,
      'evcc/site/battery/power': 2500,
      'evcc/site/battery/soc': 64,
      'evcc/loadpoints/1/chargePower': 11_000,
    });
  };
  const powers = () => {
    const image = rig.gateway.status();
    return image.devices.map(({ device, activePowerKw }) => [device, activePowerKw]);
  };
  world(14_000);
  await rig.run(3);
  assert.deepEqual(powers(), [
    ['battery-1', -2.5],
    ['ev-1', 11],
  ]);
  assert.equal(
    Math.round(rig.commanded('evcc/loadpoints/1/maxCurrent/set')!),
    16,
    'all of its 11 kW are 16 A on three phases',
  );
  world(20_000);
  await rig.run(2);
  const amps = rig.commanded('evcc/loadpoints/1/maxCurrent/set')!;
  assert.ok(amps >= 11 && amps < 12, `3.2 kW less are ${amps} A`);
  world(40_000);
  await rig.run(10);
  assert.equal(rig.commanded('evcc/loadpoints/1/maxCurrent/set')?.toFixed(1), '6.1', 'the floor of 4.2 kW stays');
});
