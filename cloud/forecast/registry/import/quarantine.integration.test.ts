import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemTimeBase } from '../../../../shared/time/system-clock.ts';
import { quarantineInference } from '../../serve/child-inference.ts';
import { foreignOffer, importRig, simpleOffer, standIn } from './testing/import-rig.ts';
import { hugeEnd, simpleModel } from './testing/simple-models.ts';

const time = systemTimeBase((error) => assert.fail(String(error)));
const rig = importRig(() => quarantineInference(time));
after(() => rig.close());

test('a model that exhausts memory fails in its own process, and the next one is checked', async () => {
  await standIn(rig.registry);
  const huge = await rig.importer.take(simpleOffer(simpleModel({ end: hugeEnd })));
  assert.equal(huge.ok ? '' : huge.fault.code, 'LS-MODEL-009', JSON.stringify(huge));
  const good = await rig.importer.take(foreignOffer());
  assert.equal(good.ok ? good.value.entry.state : good.fault.detail, 'shadow');
});
