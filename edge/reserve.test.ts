import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsDocument } from './cycle/testing/documents.ts';
import { makeRig, RIG_YAML as RIG, START } from './cycle/testing/rig.ts';

test("a grid's limit takes a battery down to its reserve and lets go of it there; a feeder's head takes the rest", async () => {
  const rig = await makeRig();
  rig.uplink.down({
    kind: 'document',
    document: settingsDocument(START, { gridLimit: { importKw: 250, exportKw: 300 } }),
  });
  rig.world['b/soc'] = 50;
  rig.world['t/p'] = 400;
  await rig.run(10);
  assert.equal(rig.told('b/set'), -100, 'the contract is kept while there is enough in it');
  rig.world['b/soc'] = 20;
  await rig.run(10);
  assert.equal(rig.told('b/set'), 0, 'a quarter of an hour at its rating stays in it');
  assert.ok(rig.uplink.eventCodes().includes('LS-CONTROL-004'), 'and that the limit is passed is told');
  rig.world['f/p'] = 700;
  await rig.run(10);
  assert.equal(rig.told('b/set'), -100, 'before a relay trips there is no reserve');
});

test('who wants no reserve gives all of it to the contract', async () => {
  const rig = await makeRig({ yaml: `${RIG}\nguard: { reserveMinutes: 0 }\n` });
  rig.uplink.down({
    kind: 'document',
    document: settingsDocument(START, { gridLimit: { importKw: 250, exportKw: 300 } }),
  });
  rig.world['b/soc'] = 20;
  rig.world['t/p'] = 400;
  await rig.run(10);
  assert.equal(rig.told('b/set'), -100);
});
