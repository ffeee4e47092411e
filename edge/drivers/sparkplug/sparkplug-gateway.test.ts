import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRig } from '../../cycle/testing/rig.ts';
import { birthOf, POWER, SET, TestNode, valueOf } from './testing/test-node.ts';

/** A substation whose meter and battery are behind one edge node. */
const YAML = `
gateway: { id: owd-01, substation: owd }
mode: automatic
guarded:
  - id: transformer
    meter: { driver: sparkplug, group: north, node: plc-1, device: meter, read: { activePowerKw: { metric: P } } }
    limits: { importKw: 100, exportKw: 100 }
envelope: { default: { importKw: 100, exportKw: 100 } }
devices:
  - id: battery-1
    type: battery
    driver: sparkplug
    connection: { group: north, node: plc-1, device: battery }
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }
    read: { activePowerKw: { metric: ${POWER}, scale: 0.001 }, socPct: { metric: SoC } }
    write: { activePowerKw: { metric: ${SET}, scale: 1000 } }
    safeDefault: { activePowerKw: 0 }
`;

async function substation() {
  const rig = await makeRig({ yaml: YAML });
  for (const topic of Object.keys(rig.world)) delete rig.world[topic];
  const node = new TestNode(rig.clock, rig.link);
  const births = async (): Promise<void> => {
    await node.nbirth();
    await node.dbirth([node.metric('P', 'Double', 90)], 'meter');
    await node.dbirth(birthOf(node, { [POWER]: 0, SoC: 60, [SET]: 0 }));
  };
  await births();
  await rig.run(2);
  const links = () => rig.uplink.of('device-link').map(({ device, alive }) => `${alive ? '' : '-'}${device}`);
  const battery = () => rig.gateway.status().devices[0]!;
  return { rig, node, births, links, battery };
}

test('behind one edge node the guard relieves by DCMD, and unreported values keep their value', async () => {
  const { rig, node, battery } = await substation();
  assert.deepEqual([battery().link, battery().activePowerKw, battery().socPct], ['up', 0, 60]);
  await node.data([node.metric('P', 'Double', 140)], 'meter');
  await rig.run(3);
  const commandedKw = Number(node.commands('DCMD').at(-1)?.metrics?.[0]?.value) / 1000;
  assert.ok(commandedKw <= -40 && commandedKw >= -100, `40 kW over its limit are met by ${commandedKw} kW`);
  await node.data([valueOf(node, POWER, commandedKw * 1000), valueOf(node, SET, commandedKw * 1000)]);
  await rig.run(1);
  assert.deepEqual([battery().activePowerKw, battery().socPct], [commandedKw, 60]);
});

test('a death and a return reach cloud and control in the next cycle, not after the time-out', async () => {
  const { rig, node, births, links, battery } = await substation();
  await node.say('DDEATH', 'battery', []);
  await rig.run(1);
  assert.deepEqual([battery().link, battery().activePowerKw, links()], ['stale', null, ['-battery-1']]);
  await node.dbirth(birthOf(node, { [POWER]: 5000 }));
  await rig.run(1);
  assert.deepEqual([battery().link, battery().activePowerKw], ['up', 5]);
  await node.ndeath();
  await rig.run(1);
  assert.equal(rig.gateway.status().elements[0]?.link, 'stale');
  node.bdSeq++;
  await births();
  await rig.run(1);
  assert.deepEqual(links(), ['-battery-1', 'battery-1', '-transformer', '-battery-1', 'transformer', 'battery-1']);
});

test('its births name readings and readbacks', async () => {
  const { rig } = await substation();
  assert.deepEqual(
    rig.uplink
      .of('births')
      .at(-1)
      ?.devices.find(({ device }) => device === 'battery-1')?.metrics,
    ['activePowerKw', 'socPct', 'activePowerSetpointKw'],
  );
});
