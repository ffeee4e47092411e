import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRig, RIG_YAML, type Rig } from './testing/rig.ts';

const ROOMY = RIG_YAML.replace(
  'default: { importKw: 200, exportKw: 200 }',
  'default: { importKw: 600, exportKw: 600 }',
);
/** A charging site of 88 kW whose customer has a house behind the same meter and a contract of 100 kW. */
const CUSTOMER = `${ROOMY.replace(
  'connectionPoint: { id: cp-3, floorKw: 17, authority: guard }',
  'connectionPoint: { id: cp-3, authority: limit, contract: { importKw: 100, exportKw: 0 } }',
).replace(
  'read: { activePowerKw: { topic: ev/p }, ',
  'read: { activePowerKw: { topic: ev/p }, voltagePu: { topic: ev/v }, ',
)}  - id: customer
    type: meter
    driver: mqtt
    connectionPoint: { id: cp-3 }
    read: { activePowerKw: { topic: house/p }, staleAfterS: 5 }
`;
const alone = async (yaml: string, world: Rig['world'] = {}): Promise<Rig> => {
  const rig = await makeRig({ yaml });
  Object.assign(rig.world, world);
  await rig.run(10, false);
  return rig;
};

test('alone, a plant without a power reading stays at its fallback, because the guard could not hold it', async () => {
  const rig = await alone(ROOMY);
  assert.equal(rig.commanded('pv/set'), 250, 'while its power is read it is free');
  rig.world['pv/p'] = null;
  await rig.run(20, false);
  rig.world['t/p'] = -500;
  await rig.run(20, false);
  assert.equal(rig.commanded('pv/set'), 100, '100 kW too much are fed in');
});

test('alone, a plant without limits for its voltage or its transformer stays at its fallback', async () => {
  for (const [limits, without] of [
    ['importKw: 600, exportKw: 400, voltagePu: [0.9, 1.1]', 'importKw: 600, exportKw: 400'],
    ['ratedKva: 1000\n', '\n'],
  ] as const) {
    let yaml = ROOMY.replace(limits, without);
    if (without === '\n') yaml = yaml.replace('importKw: 600, exportKw: 400, voltagePu', 'voltagePu');
    const rig = await alone(yaml);
    assert.equal(rig.commanded('pv/set'), 100, limits);
  }
});

test("alone, a charging site stays at its fallback while its customer's meter is silent", async () => {
  const rig = await alone(CUSTOMER, { 't/p': 100, 'ev/v': 1, 'ev/p': 40, 'house/p': 100 });
  assert.equal(rig.commanded('ev/set'), 40, 'the house takes 60 of 100 kW');
  rig.world['house/p'] = null;
  await rig.run(20, false);
  assert.equal(rig.commanded('ev/set'), 17, 'the consumption of the house is unknown');
});
